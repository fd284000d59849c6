"""The valid input that fuzzers begin from: requests, and conversations over WebSockets."""

import json
from typing import Any

from tests.siege.facts import REPLIES_URL, Facts
from tests.siege.wire import bearer, http
from tests.support.operations import OPERATIONS
from workers.gateway.twilio_signature import sign


def variables_of(facts: Facts) -> dict[str, Any]:
    """Return variables for the operations that take some, by operation."""
    side = facts.attacked
    recall, mobile = side.recalls[0], side.mobiles[0]
    category = {"name": "x", "reasons": ["y"], "urgencies": [], "smsTemplate": "{firstName}"}
    return {
        "node": {"id": recall},
        "recalls": {"tab": "TO_ACTION", "filter": {"search": "ann", "dueTo": "2030-01-01"}},
        "blockedCommunications": {"search": "0491", "first": 5},
        "runs": {"first": 5},
        "auditEvents": {"filter": {"actions": ["SIGNED_IN"], "since": "2026-01-01T00:00:00Z"}},
        "sendPreview": {"recallIds": [recall], "drafts": 2},
        "templatePreview": {"template": "Hi {firstName}", "reason": "x"},
        "checkMobile": {"mobile": mobile},
        "blockMobile": {"input": {"mobile": mobile, "blockedRecalls": True, "note": "x"}},
        "setBlockedRecalls": {"input": {"mobile": mobile, "blocked": False}},
        "removeBlockedMobile": {"input": {"mobile": mobile}},
        "sendRecalls": {"input": {"recallIds": [recall], "idempotencyKey": "k", "holdSeconds": 5}},
        "startAutomatedRun": {"input": {"idempotencyKey": "k", "categoryIds": ["Category:1"]}},
        "stopRun": {"input": {"runId": facts.run}},
        "recordContactAttempt": {"input": {"recallId": recall, "kind": "PHONE", "note": "x"}},
        "markNoFurtherAction": {"input": {"recallIds": [recall]}},
        "saveCategory": {"input": category | {"automated": False, "steps": ["SMS"]}},
        "savePreferences": {"input": {"sendFrom": "08:00", "smsRepeatDays": 5}},
        "createToken": {"input": {"name": "x", "role": "RECEPTIONIST", "expiresInDays": 5}},
        "revokeToken": {"input": {"id": "AccessToken:99999"}},
        "syncPatients": {
            "input": [{"pmsId": "f", "firstName": "A", "lastName": "B", "mobile": mobile}]
        },
        "syncRecalls": {
            "input": [{"pmsId": "f", "patientPmsId": "f", "reason": "x", "dueDate": "2026-12-01"}]
        },
        "runProgress": {"id": facts.run},
    }


def operations(facts: Facts) -> list[dict[str, Any]]:
    """Return an operation for each root field of the schema, as it is sent."""
    variables = variables_of(facts)
    return [
        {"query": document, "variables": variables.get(name), "operationName": None}
        for name, document in OPERATIONS.items()
    ]


def tokens(facts: Facts) -> list[str]:
    """Return tokens of each role."""
    side = facts.attacked
    return [side.admin, side.admin, side.receptionist, side.connector, *side.known[:2]]


def requests(facts: Facts) -> list[bytes]:
    """Return valid requests beyond the plain POSTs of operations."""
    admin = bearer(facts.attacked.admin)
    form = {"MessageSid": "SM1", "From": facts.attacked.mobiles[5], "Body": "STOP"}
    receipt = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+61491000001"}
    query = "reference=1.00000000-0000-4000-8000-000000000000"
    receipts = REPLIES_URL.replace("replies", "receipts")
    whole = json.dumps({"patientId": "Patient:1", "actions": ["SIGNED_IN"]}).encode()
    multipart = (
        b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{ a }"}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="map"\r\n\r\n{"0":["variables.f"]}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="0"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    )
    parts = admin | {"Content-Type": "multipart/form-data; boundary=b"}
    asked = "/graphql?query=%7B%20viewer%20%7B%20name%20%7D%20%7D&variables=%7B%7D"
    return [
        http("GET", "/healthz"),
        http("GET", "/sign-in.json"),
        http("GET", "/portal/documents.json"),
        http("GET", asked, headers=admin),
        http("GET", asked, headers=admin | {"Accept": "text/event-stream"}),
        http("POST", "/exports/audit", whole, admin),
        http("POST", "/graphql", multipart, parts),
        _posted("/replies/twilio", form, sign(facts.gateway_token, REPLIES_URL, form)),
        _posted(
            f"/receipts/twilio?{query}",
            receipt,
            sign(facts.gateway_token, f"{receipts}?{query}", receipt),
        ),
    ]


def _posted(path: str, form: dict[str, str], signature: str) -> bytes:
    fields = "&".join(f"{name}={text.replace('+', '%2B')}" for name, text in form.items())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return http("POST", path, fields.encode(), headers | {"X-Twilio-Signature": signature})


def conversation(token: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a client says over a WebSocket to run an operation."""
    return [
        {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}},
        {"type": "ping", "payload": {}},
        {"type": "subscribe", "id": "1", "payload": asked},
        {"type": "pong"},
        {"type": "subscribe", "id": "2", "payload": {"query": "subscription { changes }"}},
        {"type": "complete", "id": "2"},
    ]
