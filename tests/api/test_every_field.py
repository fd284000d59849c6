"""Tests that every root field of the contract answers over HTTP or WebSocket."""

from typing import Any

import pytest
from graphql import build_schema

from schema.snapshot import SNAPSHOT
from tests.support.operations import OPERATIONS
from tests.support.practice import MOBILE
from tests.support.served import Served

PATIENT = {"pmsId": "p2", "firstName": "Ben", "lastName": "Smith"}
RECALL = {"pmsId": "r2", "patientPmsId": "p", "reason": "Skin check", "dueDate": "2026-11-23"}
CATEGORY: dict[str, Any] = {
    "name": "Bloods",
    "reasons": ["Blood test"],
    "urgencies": ["Urgent"],
    "smsTemplate": "Hi {firstName}",
    "automated": True,
    "steps": ["SMS", "PHONE"],
}
PREFERENCES = {
    "firstContactDays": 14,
    "smsRepeatDays": 3,
    "letterRepeatDays": 10,
    "phoneRepeatDays": 2,
    "sendFrom": "09:00",
    "sendUntil": "16:00",
}

ANSWERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "node": ({"id": "{recall}"}, {"__typename": "Recall", "reason": "Skin check"}),
    "viewer": (None, {"name": "Admin", "role": "ADMIN"}),
    "practice": (None, {"name": "Harbour Medical", "preferences": PREFERENCES}),
    "recalls": (None, {"totalCount": 1}),
    "recallCounts": (None, {"letters": 0, "all": 1}),
    "categories": (None, {}),
    "blockedCommunications": (None, {"totalCount": 1}),
    "runs": (None, {"totalCount": 1}),
    "automatedRunPreview": (None, {"messages": 0, "refusals": []}),
    "sendPreview": (
        {"recallIds": ["{recall}"]},
        {"__typename": "SendPreview", "messages": 0, "skipped": 1, "drafts": []},
    ),
    "templatePreview": (
        {"template": "Hi {firstName}"},
        {"body": "Hi Alexandra", "segments": 1, "encoding": "GSM7", "beyondGsm7": ""},
    ),
    "checkMobile": ({"mobile": "0491 570 006"}, {"__typename": "MobileCheck", "mobile": MOBILE}),
    "blockMobile": (
        {"input": {"mobile": "0491 570 006", "note": "Rang"}},
        {"__typename": "BlockedCommunication", "mobile": MOBILE, "note": "Rang"},
    ),
    "setBlockedRecalls": (
        {"input": {"mobile": MOBILE, "blocked": True}},
        {"__typename": "BlockedCommunication", "blockedRecalls": True},
    ),
    "removeBlockedMobile": ({"input": {"mobile": MOBILE}}, {"mobile": MOBILE}),
    "recordConsentChecks": (
        {"input": {"patientIds": ["Patient:999"]}},
        {"__typename": "UnknownPatients", "patientIds": ["Patient:999"]},
    ),
    "removeConsentChecks": (
        {"input": {"patientIds": ["Patient:999"]}},
        {"__typename": "UnknownPatients"},
    ),
    "sendRecalls": (
        {"input": {"recallIds": ["{recall}"], "idempotencyKey": "b"}},
        {"__typename": "NothingToSend", "refusals": []},
    ),
    "startAutomatedRun": (
        {"input": {"idempotencyKey": "b"}},
        {"__typename": "NothingToSend", "message": "Nothing was sent. No recalls are due."},
    ),
    "stopRun": ({"input": {"runId": "{run}"}}, {"__typename": "Run", "state": "SENDING"}),
    "recordContactAttempt": (
        {"input": {"recallId": "{recall}", "kind": "LETTER", "note": "Posted"}},
        {"__typename": "ContactAttempt", "kind": "LETTER", "state": "DONE", "actor": "Admin"},
    ),
    "recordContactAttempts": (
        {"input": {"recallIds": ["{recall}"], "kind": "PHONE", "idempotencyKey": "c"}},
        {"__typename": "ContactsRecorded", "leftOut": []},
    ),
    "undoContactAttempts": (
        {"input": {"attemptIds": ["ContactAttempt:999"]}},
        {"__typename": "UnknownContactAttempts", "attemptIds": ["ContactAttempt:999"]},
    ),
    "reopenRecalls": (
        {"input": {"recallIds": ["{recall}"]}},
        {"recalls": [{"id": "{recall}", "state": "WAITING"}]},
    ),
    "markNoFurtherAction": (
        {"input": {"recallIds": ["{recall}"]}},
        {"recalls": [{"id": "{recall}", "state": "NO_FURTHER_ACTION"}]},
    ),
    "saveCategory": ({"input": CATEGORY}, {"__typename": "Category"} | CATEGORY),
    "savePreferences": (
        {"input": {"smsRepeatDays": 5, "sendUntil": "17:30"}},
        PREFERENCES | {"smsRepeatDays": 5, "sendUntil": "17:30"},
    ),
    "accessTokens": (None, {}),
    "people": (None, {}),
    "sessions": (None, {}),
    "auditEvents": ({"filter": {"actions": ["BLOCK_CHANGED"]}}, {"totalCount": 1}),
    "peopleShown": (None, {"totalCount": 0}),
    "createToken": ({"input": {"name": "Lee", "role": "ADMIN"}}, {"__typename": "CreatedToken"}),
    "revokeToken": ({"input": {"id": "AccessToken:999"}}, {"__typename": "UnknownToken"}),
    "revokePerson": ({"input": {"id": "Person:999"}}, {"__typename": "UnknownPerson"}),
    "restorePerson": ({"input": {"id": "Person:999"}}, {"__typename": "UnknownPerson"}),
    "startSession": (None, {"__typename": "SessionStarted"}),
    "endSession": (None, {"__typename": "UnknownSession"}),
    "syncPatients": ({"input": [PATIENT]}, {"inserted": 1, "updated": 0, "unchanged": 0}),
    "syncRecalls": ({"input": [RECALL]}, {"inserted": 1, "updated": 0, "unchanged": 0}),
    "runProgress": ({"id": "{run}"}, {"id": "{run}", "planned": 1, "queued": 1}),
    "changes": (None, {}),
}
"""For each root field: the variables to ask with, and what its answer must contain."""
SUBSCRIPTIONS = {"runProgress", "changes"}


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Replace names in braces with ids."""
    if isinstance(value, dict):
        return {key: filled(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return ids.get(value.strip("{}"), value) if isinstance(value, str) else value


@pytest.fixture
async def ids(served: Served) -> dict[str, str]:
    """A recall whose message is queued, its run, and a listed number whose box isn't ticked."""
    recall = f"Recall:{await served.practice.recall(await served.practice.patient('p'))}"
    run = await served.call(OPERATIONS["sendRecalls"], recallIds=[recall], idempotencyKey="a")
    await served.call(OPERATIONS["blockMobile"], mobile=MOBILE)
    return {"recall": recall, "run": run["id"]}


def test_every_root_field_is_asked_for_here() -> None:
    # given
    schema = build_schema(SNAPSHOT.read_text())
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    # when
    fields = {name for root in roots if root is not None for name in root.fields}
    # then
    assert set(ANSWERS) == set(OPERATIONS) == fields


@pytest.mark.parametrize("field", ANSWERS)
async def test_a_root_field_answers(served: Served, ids: dict[str, str], field: str) -> None:
    # given
    variables, expected = (filled(value, ids) for value in ANSWERS[field])
    # when
    if field in SUBSCRIPTIONS:
        async with served.operations() as operations:
            payload = await anext(operations.run(OPERATIONS[field], variables))
            answer = payload["data"][field]
    else:
        answer = await served.query(OPERATIONS[field], variables)
    # then
    answer = {} if isinstance(answer, list) else answer
    assert expected.items() <= answer.items()


async def test_the_categories_are_sorted_by_name(served: Served) -> None:
    # given
    await served.call(OPERATIONS["saveCategory"], **CATEGORY)
    # when
    categories = await served.query(OPERATIONS["categories"])
    # then
    assert [category["name"] for category in categories] == ["Bloods", "Skin checks"]


async def test_an_invalid_mobile_is_a_problem_that_repeats_what_was_typed(
    served: Served,
) -> None:
    for typed in ("02 9374 4000", "123", "", "+61491570006000"):
        # when
        answer = await served.call(OPERATIONS["blockMobile"], mobile=typed)
        # then
        assert (answer["__typename"], answer["mobile"]) == ("InvalidMobile", typed)


async def test_a_removed_number_is_no_longer_listed_and_keeps_its_history(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    del ids
    await served.call(OPERATIONS["removeBlockedMobile"], mobile=MOBILE)
    # when
    again = await served.call(OPERATIONS["removeBlockedMobile"], mobile=MOBILE)
    entry = await served.call(OPERATIONS["blockMobile"], mobile=MOBILE)
    # then
    assert again["__typename"] == "NotListed"
    assert [event["listed"] for event in entry["history"]] == [True, False, True]
