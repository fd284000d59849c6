"""Probes of the API, as an attacker would send them: how each is answered, and how soon.

``python -m pytest tests/api/test_attacks.py -s`` prints the table.
"""

import json
import secrets

import pytest
from graphql import get_introspection_query

from core.identity import Role
from db.tokens import create_token
from tests.api.test_limits import TOO_MUCH, doubling
from tests.support.attacks import (
    WHO,
    Answer,
    Attack,
    answer_of,
    assert_refused_soon,
    endless_body,
    form,
    get,
    handshake,
    json_headers,
    post,
    retried,
    sending,
    socket,
)
from tests.support.practice import a_practice
from tests.support.raw_client import HOST, frame, raw_socket
from tests.support.served import Served


async def another_practices_patient(served: Served) -> Answer:
    """Ask for a patient of practice A as an admin of practice B."""
    token = await theirs(served)
    document = 'query { node(id: "Patient:1") { id } }'
    headers = json_headers(token)
    body = json.dumps({"query": document})
    async with served.http.post("/graphql", data=body, headers=headers) as answer:
        content = await answer.json()
        assert content == {"data": {"node": None}}
        return "200 null"


async def theirs(served: Served) -> str:
    found: str | None = getattr(served, "theirs", None)
    if found is None:
        other = await a_practice(served.practice.pool)
        found = await create_token(served.practice.pool, other.id, "B", Role.ADMIN)
        served.theirs = found  # type: ignore[attr-defined]
    return found


async def large_body(served: Served) -> Answer:
    headers = json_headers(served.admin) | {"Content-Length": "50000000"}
    async with served.http.post("/graphql", data=b"", headers=headers) as answer:
        return await answer_of(answer)


async def export_by_a_receptionist(served: Served) -> Answer:
    headers = json_headers(served.tokens[Role.RECEPTIONIST])
    async with served.http.post("/exports/audit", data=b"{}", headers=headers) as answer:
        return await answer_of(answer)


async def forged_receipt(served: Served) -> Answer:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    async with served.http.post("/receipts/twilio?reference=1.x", data=form) as answer:
        return await answer_of(answer)


async def token_in_a_trailer(served: Served) -> Answer:
    token = b"Authorization: Bearer " + served.admin.encode() + b"\r\n"
    kind = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + kind
    return await sending(head + b"2\r\n{}\r\n0\r\n" + token + b"\r\n")(served)


async def long_greeting(served: Served) -> Answer:
    async with served.socket(None, greet=False) as opened:
        await opened.send("[" * 20_000)
        await opened.wait_closed()
    return f"ws {opened.close_code}"


async def compressed_message(served: Served) -> Answer:
    async with raw_socket(served.url, b"Sec-WebSocket-Extensions: permessage-deflate\r\n") as (
        opened,
        head,
    ):
        await opened.send(frame(b"x", compressed=True))
        assert b"deflate" not in head
        return "ws cut" if await opened.is_cut_off() else "ws open"


async def unknown_fields(served: Served) -> Answer:
    """Send a document that is new each time, because refused ones are remembered."""
    names = (f"a{secrets.token_hex(4)}: 1" for _ in range(200))
    document = f"{{ recalls(filter: {{ {' '.join(names)} }}) {{ totalCount }} }}"
    return await post(document)(served)


async def batch(served: Served) -> Answer:
    body = json.dumps([{"query": "{ viewer { name } }"}] * 100).encode()
    return await post(body)(served)


GET = b"GET /healthz HTTP/1.1\r\n"
SYNC = "mutation { syncPatients(input: []) { __typename } }"
SETUP = "mutation { savePreferences(input: {smsRepeatDays: 1}) { __typename } }"
COMPLEX = "200 OPERATION_TOO_COMPLEX"
BAD = "200 BAD_USER_INPUT"
TOO_LARGE = "400 BAD_USER_INPUT"
ATTACKS: dict[str, tuple[Attack, Answer]] = {
    "no token": (post(WHO, role=None), "401 UNAUTHENTICATED"),
    "a made-up token": (
        post(WHO, headers={"Authorization": "Bearer recalls_1_" + "a" * 43}),
        "401 UNAUTHENTICATED",
    ),
    "SQL in the token": (post(WHO, headers={"Authorization": "Bearer recalls_1_' or 1=1 --"}),
                         "401 UNAUTHENTICATED"),
    "a long token": (
        post(WHO, headers={"Authorization": "Bearer " + "a" * 8000}), "401 UNAUTHENTICATED"),
    "the token in the URL": (get("/graphql?query={viewer{name}}&token=x", Authorization="Basic eA"),
                             "401 UNAUTHENTICATED"),
    "WebSocket without a token": (socket(WHO, role=None), "ws 4403"),
    "set-up by a receptionist": (post(SETUP), "200 FORBIDDEN"),
    "sync by a receptionist": (post(SYNC), "200 FORBIDDEN"),
    "the audit trail by a receptionist": (post("{ auditEvents { totalCount } }"), "200 FORBIDDEN"),
    "set-up by a receptionist, WebSocket": (socket(SETUP), "ws FORBIDDEN"),
    "reading by a connector": (post("{ recalls { totalCount } }", role=Role.CONNECTOR),
                               "200 FORBIDDEN"),
    "an export by a receptionist": (export_by_a_receptionist, "403 FORBIDDEN"),
    "another practice's patient": (another_practices_patient, "200 null"),
    "introspection": (post(get_introspection_query()), BAD),
    "introspection, WebSocket": (socket("{ __schema { types { name } } }"), "ws BAD_USER_INPUT"),
    "guessing a field": (post("{ viewer { nam } }"), BAD),
    "GraphiQL": (get("/graphql", Accept="text/html"), "405 BAD_USER_INPUT"),
    "doubling fragments": (post(doubling(60)), COMPLEX),
    "doubling fragments, WebSocket": (socket(doubling(60)), "ws OPERATION_TOO_COMPLEX"),
    **{f"too many {name}": (post(TOO_MUCH[name]), COMPLEX)
       for name in ("tokens", "depth", "fragments", "repeats", "aliases", "directives",
                    "root fields", "objects")},
    "brackets within brackets": (post(TOO_MUCH["nested"]), COMPLEX),
    "fragments that are never run": (
        post("query A " + WHO + " query B { viewer {" + " ".join(f"...F{n}" for n in range(30))
             + "} } " + " ".join(
                 f"fragment F{n} on Viewer {{ {' '.join(f'f{m}' for m in range(24))} }}"
                 for n in range(30)), operation="A"), COMPLEX),
    "200 unknown fields of a literal": (unknown_fields, BAD),
    "3,000 unknown fields of a variable": (
        post("query ($f: RecallFilter) { recalls(filter: $f) { totalCount } }",
             {"f": {f"a{n}": 1 for n in range(3_000)}}), BAD),
    "40,000 recalls to preview": (
        post("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
             {"i": ["Recall:1"] * 40_000}), TOO_LARGE),
    "half as many, WebSocket": (
        socket("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
               variables={"i": ["Recall:1"] * 20_000}), "ws BAD_USER_INPUT"),
    "a message of half a megabyte, WebSocket": (
        socket("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
               variables={"i": ["Recall:1"] * 40_000}), "ws 1009"),
    "40,000 categories in a filter": (
        post("query ($f: RecallFilter) { recalls(filter: $f) { totalCount } }",
             {"f": {"categoryIds": ["Category:1"] * 40_000}}), TOO_LARGE),
    "60,000 patients in a sync": (
        post("mutation ($i: [PatientInput!]!) { syncPatients(input: $i) { __typename } }",
             {"i": [{"pmsId": "1"}] * 60_000}, role=Role.CONNECTOR), TOO_LARGE),
    "brackets within brackets of JSON": (
        post(b'{"query":"{viewer{id}}","x":[' + b"[[[[[]]]]]," * 80_000 + b"[]]}"),
        "400 BAD_USER_INPUT"),
    "half a surrogate pair": (post(WHO, operation="\ud800"), TOO_LARGE),
    "lists within lists": (
        post("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
             {"i": [[[1] * 50] * 50] * 50}), TOO_LARGE),
    "30,000 variables": (post(WHO, {f"v{n}": 1 for n in range(30_000)}), TOO_LARGE),
    "an operation's name of 900 KB": (post(WHO, operation="A" * 900_000), TOO_LARGE),
    "a document of 900 KB": (post("#" * 900_000 + "\n" + WHO), TOO_LARGE),
    "a cycle of fragments": (
        post("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), BAD),
    "10,000 aliases": (
        post("{" + " ".join(f"a{n}: viewer {{ name }}" for n in range(10_000)) + "}"),
        TOO_LARGE),
    "the same field 1,450 times over": (
        post("{ viewer {" + " name" * 1_450 + " } }"), COMPLEX),
    "a batch of a hundred": (batch, "400 BAD_USER_INPUT"),
    "a body of 50 MB": (large_body, "413 BAD_USER_INPUT"),
    "a body without an end": (endless_body("/graphql"), "413"),
    "a receipt without an end": (endless_body("/receipts/twilio"), "403"),
    "a body of 50 MB by GET": (get("/graphql", **{"Content-Length": "50000000"}),
                               "413 BAD_USER_INPUT"),
    "JSON within JSON": (post(b"[" * 900_000), "400 BAD_USER_INPUT"),
    "a mutation by GET": (get("/graphql?query=mutation{__typename}"), "405 BAD_USER_INPUT"),
    "a form (CSRF)": (
        post(b"query=x", headers={"Content-Type": "application/x-www-form-urlencoded"}),
        "415 BAD_USER_INPUT",
    ),
    "plain text (CSRF)": (
        post(b"{}", headers={"Content-Type": "text/plain"}), "415 BAD_USER_INPUT"),
    "an upload (CSRF)": (
        post(b"--x--", headers={"Content-Type": "multipart/form-data; boundary=x"}),
        "415 BAD_USER_INPUT",
    ),
    "another site's WebSocket": (handshake(origin="https://evil.example"), "ws handshake 403"),
    "the protocol of old": (handshake(protocol="graphql-ws"), "ws 4406"),
    "@defer": (
        post("{ recalls { ... @defer { totalCount } } }", headers={"Accept": "multipart/mixed"}),
        "406 BAD_USER_INPUT",
    ),
    "a head of 40 KB": (sending(GET, HOST, b"X: " + b"x" * 40_000 + b"\r\n\r\n"), "431"),
    "a thousand headers": (sending(GET, HOST, b"X: x\r\n" * 1_000 + b"\r\n"), "431"),
    "a URL of 9 KB": (sending(b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"), "414"),
    "an Accept of 30 KB": (
        post(WHO, role=None, headers={"Accept": "a," * 4_000}), "401 UNAUTHENTICATED"),
    "no Host": (sending(GET, b"\r\n"), "400"),
    "two Hosts": (sending(GET, HOST, HOST, b"\r\n"), "400"),
    "another site's URL": (
        sending(b"GET http://evil.example/ HTTP/1.1\r\n", HOST, b"\r\n"), "400"),
    "a thousand requests at once": (sending((GET + HOST + b"\r\n") * 1_000), "400"),
    "a token in a trailer": (token_in_a_trailer, "401"),
    "a chunk's endless extension": (
        sending(b"POST /graphql HTTP/1.1\r\n", HOST, b"Transfer-Encoding: chunked\r\n\r\n",
                b"1;" + b"x" * 40_000), "401"),
    "a form of 4,000 fields": (form(16_000), "403"),
    "a form of 60 KB": (form(60_000), "413 BAD_USER_INPUT"),
    "a long message before the token, WebSocket": (long_greeting, "ws 1009"),
    "a compressed message, WebSocket": (compressed_message, "ws cut"),
    "an operation in an address": (get("/graphql?query={viewer{name}}"), "405 BAD_USER_INPUT"),
    "PUT": (get("/graphql", "PUT"), "405 BAD_USER_INPUT"),
    "TRACE": (get("/graphql", "TRACE"), "405 BAD_USER_INPUT"),
    "a file by its path": (get("/portal/../api/app.py"), "404 BAD_USER_INPUT"),
    "a forged receipt": (forged_receipt, "403"),
}  # fmt: skip


@pytest.mark.takes_long("makes every attack of the table")
async def test_every_attack_is_refused_soon_and_changes_nothing(production: Served) -> None:
    # given
    target = production
    await target.practice.recall()
    before = await rows(target)
    table = []
    for name, (attack, expected) in ATTACKS.items():
        # when
        answers, took = await retried(attack, target)
        table.append((name, answers, expected, took))
    # then
    assert_refused_soon(table)
    assert await rows(target) == before


async def rows(served: Served) -> list[str]:
    """Return the rows that an attack might change, without the records of who asked when."""
    found = []
    for table in ("practices", "patients", "recalls", "runs", "blocked_communications"):
        content = await served.practice.pool.fetch(
            f"select t::text from {table} t where {'id' if table == 'practices' else 'practice_id'}"  # noqa: S608
            " = 1 order by 1"
        )
        found += [row[0] for row in content]
    return found
