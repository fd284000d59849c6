"""Tests that input that can't be understood is refused, and that the error names the field."""

import json
from base64 import urlsafe_b64encode
from secrets import token_hex
from typing import Any

import pytest

from schema.inputs import cursors, global_id
from tests.support.operations import AUTOMATE, BLOCK, CLOSE, NODE, OPERATIONS, RECALLS, SEND, UNLIST
from tests.support.served import Served

BAD = "BAD_USER_INPUT"
RUNS = OPERATIONS["runs"]
BLOCKED = OPERATIONS["blockedCommunications"]
CATEGORY: dict[str, Any] = {
    "name": "Bloods",
    "reasons": ["Blood test"],
    "urgencies": [],
    "smsTemplate": "Hi {firstName}",
    "automated": False,
    "steps": ["SMS"],
}
PATIENT = {"pmsId": "p1", "firstName": "Ann", "lastName": "Smith"}
RECALL = {"pmsId": "r1", "patientPmsId": "p1", "reason": "Skin check", "dueDate": "2026-11-23"}
WRONG_IDS = ["Patient:1", "Recall:0", "Recall:" + "9" * 40, "recall:1", "Recall:1 ", "1", "x", ""]
UNKEEPABLE = ["a\0b", "a\ud800b"]
LONG = token_hex(5000)
"""Random, so that it can't be compressed below the limit of a PostgreSQL index entry."""


async def refused(served: Served, document: str, variables: dict[str, Any]) -> str:
    """Return the message of the only error, which must be BAD_USER_INPUT."""
    answer = await served.ask(document, variables)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == BAD
    assert "Traceback" not in json.dumps(answer)
    return str(error["message"])


@pytest.mark.parametrize(
    ("document", "given", "field"),
    [
        (SEND, {"recallIds": ["Recall:1", "*"], "idempotencyKey": "a"}, "recallIds[1]"),
        (CLOSE, {"recallIds": ["*"]}, "recallIds[0]"),
        (OPERATIONS["recordContactAttempt"], {"recallId": "*", "kind": "PHONE"}, "recallId"),
        (AUTOMATE, {"categoryIds": ["*"], "idempotencyKey": "a"}, "categoryIds[0]"),
        (OPERATIONS["saveCategory"], CATEGORY | {"id": "*"}, "id"),
    ],
)
async def test_an_invalid_id_is_refused(
    served: Served, document: str, given: dict[str, Any], field: str
) -> None:
    for wrong in WRONG_IDS:
        # given
        arguments = json.loads(json.dumps(given).replace("*", wrong))
        # when
        message = await refused(served, document, {"input": arguments})
        # then
        assert message.startswith(f"{field} is not ")


async def test_an_invalid_id_is_refused_by_node(served: Served) -> None:
    for wrong in ("Run:x", "Nothing:1", "", "Recall:1\0"):
        # when
        message = await refused(served, NODE, {"id": wrong})
        # then
        assert message == "id is not an id."


async def test_a_wrong_category_in_the_filter_is_refused(served: Served) -> None:
    # when
    message = await refused(served, RECALLS, {"filter": {"categoryIds": ["Recall:1"]}})
    # then
    assert message == "filter.categoryIds is not the id of a Category."


@pytest.mark.parametrize("document", [RECALLS, RUNS, BLOCKED])
async def test_an_invalid_cursor_is_refused(served: Served, document: str) -> None:
    # given
    names = ("recalls", "runs", "blocked")
    keys = ("", "|x", f"|{'9' * 40}", "|1|2|3")
    made = cursors([f"{name}{key}" for name in names for key in keys] + ["recalls|2026-99-99|1"])
    for after in ["", "x", "é", "====", "\0", "\ud800", *made]:
        # when
        message = await refused(served, document, {"after": after})
        # then
        assert message == "after is not a cursor of this list."


@pytest.mark.parametrize(
    "places", [[], ["runs|1"], ["runs|9", "runs|10", "runs|100"], ["runs|1000", "runs|1"], [""]]
)
def test_cursors_made_together_are_each_places_base64_for_urls(places: list[str]) -> None:
    # when
    made = cursors(places)
    # then
    assert made == [urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in places]


async def test_a_cursor_of_another_list_is_refused(served: Served) -> None:
    # given a cursor from each list
    practice = served.practice
    recall = await practice.recall()
    await practice.send(recall)
    await practice.block()
    lists = {document: await served.query(document) for document in (RECALLS, RUNS, BLOCKED)}
    cursors = {d: found["pageInfo"]["endCursor"] for d, found in lists.items()}
    for document in lists:
        for other, after in cursors.items():
            if other != document:
                # when
                message = await refused(served, document, {"after": after})
                # then
                assert message == "after is not a cursor of this list."


@pytest.mark.parametrize("document", [RECALLS, RUNS, BLOCKED])
async def test_a_page_size_out_of_bounds_is_refused(served: Served, document: str) -> None:
    for first in (0, -1, 101):
        # when
        message = await refused(served, document, {"first": first})
        # then
        assert message == "first must be from 1 to 100."


OUT_OF_BOUNDS = {
    0: "recallIds takes from 1 to 1000 ids.",
    1001: "recallIds has 1001 items; a list may have 1000.",
}


@pytest.mark.parametrize("count", OUT_OF_BOUNDS)
async def test_a_number_of_recalls_out_of_bounds_is_refused(served: Served, count: int) -> None:
    # given
    recall_ids = [global_id("Recall", key) for key in range(1, count + 1)]
    calls: list[tuple[str, dict[str, str]]] = [(SEND, {"idempotencyKey": "a"}), (CLOSE, {})]
    for document, more in calls:
        # when
        message = await refused(served, document, {"input": {"recallIds": recall_ids} | more})
        # then
        assert message == OUT_OF_BOUNDS[count]


async def test_an_unusable_idempotency_key_is_refused(served: Served) -> None:
    # given
    recall = global_id("Recall", await served.practice.recall())
    for key in ("", "  ", "x" * 201, *UNKEEPABLE):
        for document, more in ((SEND, {"recallIds": [recall]}), (AUTOMATE, {})):
            # when
            message = await refused(served, document, {"input": {"idempotencyKey": key} | more})
            # then
            assert message.startswith("idempotencyKey ")


async def test_a_key_that_stands_for_another_call_is_refused(served: Served) -> None:
    # given
    recalls = [global_id("Recall", await served.practice.recall()) for _ in range(2)]
    await served.call(SEND, recallIds=recalls, idempotencyKey="a")
    others: list[tuple[str, dict[str, Any]]] = [
        (SEND, {"recallIds": recalls[:1]}),
        (SEND, {"recallIds": recalls, "proceedWithoutConsent": True}),
        (AUTOMATE, {}),
    ]
    for document, arguments in others:
        # when
        message = await refused(served, document, {"input": {"idempotencyKey": "a"} | arguments})
        # then
        assert message.startswith("idempotencyKey was used before")


@pytest.mark.parametrize("unkeepable", UNKEEPABLE)
async def test_text_that_cant_be_kept_is_refused(served: Served, unkeepable: str) -> None:
    # given
    recall = global_id("Recall", await served.practice.recall())
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "filter.search": (RECALLS, {"filter": {"search": unkeepable}}),
        "search": (BLOCKED, {"search": unkeepable}),
        "mobile": (BLOCK, {"input": {"mobile": unkeepable}}),
        "mobile ": (UNLIST, {"input": {"mobile": unkeepable}}),
        "note": (BLOCK, {"input": {"mobile": "0491570006", "note": unkeepable}}),
        "note ": (
            OPERATIONS["recordContactAttempt"],
            {"input": {"recallId": recall, "kind": "PHONE", "note": unkeepable}},
        ),
    }
    for field, (document, variables) in calls.items():
        # when
        message = await refused(served, document, variables)
        # then
        assert message == f"{field.strip()} contains a character that can't be stored."


@pytest.mark.parametrize("field", ["name", "reasons", "urgencies"])
async def test_a_category_text_that_cant_be_kept_is_refused(served: Served, field: str) -> None:
    for wrong in (*UNKEEPABLE, LONG):
        # given
        value: Any = [wrong] if isinstance(CATEGORY[field], list) else wrong
        # when
        message = await refused(
            served, OPERATIONS["saveCategory"], {"input": CATEGORY | {field: value}}
        )
        # then
        assert message.startswith(f"{field} ")


async def test_a_template_that_cant_be_kept_is_a_problem(served: Served) -> None:
    for wrong in (*UNKEEPABLE, LONG, "", "Hi {nobody}", "Hi {"):
        # when
        answer = await served.call(OPERATIONS["saveCategory"], **CATEGORY | {"smsTemplate": wrong})
        # then
        assert answer["__typename"] == "InvalidTemplate"
        assert answer["unknownPlaceholders"] == (["nobody"] if "nobody" in wrong else [])


@pytest.mark.parametrize(
    ("document", "row", "fields"),
    [
        ("syncPatients", PATIENT, ("pmsId", "firstName", "lastName", "mobile")),
        ("syncRecalls", RECALL, ("pmsId", "patientPmsId", "reason", "urgency")),
    ],
)
async def test_a_synced_text_that_cant_be_kept_is_a_problem_with_its_row(
    served: Served, document: str, row: dict[str, str], fields: tuple[str, ...]
) -> None:
    await served.query(OPERATIONS["syncPatients"], {"input": [PATIENT]})
    for field in fields:
        for wrong in (*UNKEEPABLE, LONG):
            # given
            rows = [row | {"pmsId": "other"}, row | {field: wrong}]
            # when
            answer = await served.query(OPERATIONS[document], {"input": rows})
            # then
            assert answer["__typename"] == "InvalidRows"
            assert (1, field) in [(p["index"], p["field"]) for p in answer["rows"]]


@pytest.mark.parametrize(
    "wrong", [{"sendFrom": "9:00\0"}, {"sendUntil": "\ud800"}, {"smsRepeatDays": 0}]
)
async def test_preferences_that_cant_be_kept_are_a_problem(
    served: Served, wrong: dict[str, Any]
) -> None:
    # when
    answer = await served.call(OPERATIONS["savePreferences"], **wrong)
    # then
    assert answer["__typename"] == "InvalidPreferences"
    assert answer["message"].startswith(f"{next(iter(wrong))}: ")


async def test_an_sms_is_not_recorded_as_a_contact(served: Served) -> None:
    # given
    given = {"recallId": "Recall:1", "kind": "SMS"}
    # when
    message = await refused(served, OPERATIONS["recordContactAttempt"], {"input": given})
    # then
    assert message.startswith("kind is PHONE or LETTER")
