"""Tests of syncs from the PMS connector: accepted whole, or refused row by row."""

import threading
from typing import Any

import pytest

from api.documents import Documents
from api.operation import Operation, from_body
from core.identity import Role
from tests.support.operations import OPERATIONS, RECALLS
from tests.support.practice import MOBILE
from tests.support.served import Served

PATIENTS, SYNC_RECALLS = OPERATIONS["syncPatients"], OPERATIONS["syncRecalls"]
MAX = 1000


def patients(count: int) -> list[dict[str, Any]]:
    return [{"pmsId": f"p{n}", "firstName": f"Ann {n}", "lastName": "Smith"} for n in range(count)]


def recall(n: int = 0, **changes: Any) -> dict[str, Any]:
    facts = {"pmsId": f"r{n}", "patientPmsId": f"p{n}", "reason": "Skin check"}
    return facts | {"dueDate": "2026-11-23"} | changes


async def sync(served: Served, document: str, rows: list[dict[str, Any]]) -> Any:
    return await served.query(document, {"input": rows}, token=served.tokens[Role.CONNECTOR])


async def test_a_thousand_rows_are_accepted_and_change_nothing_when_sent_again(
    served: Served,
) -> None:
    # given
    recalls = [recall(n) for n in range(MAX)]
    for document, rows in ((PATIENTS, patients(MAX)), (SYNC_RECALLS, recalls)):
        # when
        answers = [await sync(served, document, rows) for _ in range(2)]
        # then
        assert answers == [
            {"__typename": "Synced", "inserted": MAX, "updated": 0, "unchanged": 0},
            {"__typename": "Synced", "inserted": 0, "updated": 0, "unchanged": MAX},
        ]


@pytest.mark.parametrize("document", [PATIENTS, SYNC_RECALLS])
async def test_more_than_a_thousand_rows_are_refused(served: Served, document: str) -> None:
    # given
    rows = patients(MAX + 1) if document == PATIENTS else [recall(n) for n in range(MAX + 1)]
    # when
    errors = await served.errors(document, {"input": rows})
    # then
    assert errors == [("BAD_USER_INPUT", "input has 1001 items; a list may have 1000.")]


@pytest.mark.parametrize(
    ("name", "thread"), [("x" * 80, "rowql_0"), ("x", "MainThread")], ids=["large", "small"]
)
async def test_the_worker_thread_reads_a_large_body(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str, thread: str
) -> None:
    # given
    threads: set[str] = set()

    def noted(body: bytes, documents: Documents) -> Operation:
        threads.add(threading.current_thread().name)
        return from_body(body, documents)

    monkeypatch.setattr("api.graphql.from_body", noted)
    rows = [row | {"firstName": name} for row in patients(500)]
    # when
    answer = await sync(served, PATIENTS, rows)
    # then
    assert (answer["inserted"], threads) == (500, {thread})


@pytest.mark.parametrize("document", [PATIENTS, SYNC_RECALLS])
async def test_an_empty_sync_is_accepted(served: Served, document: str) -> None:
    assert (await sync(served, document, []))["unchanged"] == 0


async def test_only_what_changed_is_counted_as_updated(served: Served) -> None:
    # given
    rows = patients(3)
    await sync(served, PATIENTS, rows[:2])
    # when
    answer = await sync(served, PATIENTS, [rows[0], rows[1] | {"lastName": "Jones"}, rows[2]])
    # then
    assert (answer["inserted"], answer["updated"], answer["unchanged"]) == (1, 1, 1)


async def test_a_wrong_row_is_named_and_no_row_is_accepted(served: Served) -> None:
    # given
    wrong = [
        *patients(1),
        {"pmsId": " ", "firstName": "Ben", "lastName": "Smith"},
        {"pmsId": "p2", "firstName": "", "lastName": " "},
    ]
    # when
    answer = await sync(served, PATIENTS, wrong)
    # then
    assert answer["__typename"] == "InvalidRows"
    assert [(row["index"], row["field"]) for row in answer["rows"]] == [
        (1, "pmsId"),
        (2, "lastName"),
    ]
    assert (await sync(served, PATIENTS, patients(1)))["inserted"] == 1


async def test_no_recall_is_accepted_if_a_patient_is_unknown_or_an_id_is_repeated(
    served: Served,
) -> None:
    # given
    await sync(served, PATIENTS, patients(1))
    rows = [recall(), recall(1), recall(), recall(3, patientPmsId="p0", reason=" ")]
    # when
    answer = await sync(served, SYNC_RECALLS, rows)
    # then
    assert [(row["index"], row["field"]) for row in answer["rows"]] == [
        (0, "pmsId"),
        (1, "patientPmsId"),
        (2, "pmsId"),
        (3, "reason"),
    ]
    assert (await served.query(RECALLS))["totalCount"] == 0


async def test_the_list_shows_what_was_synced(served: Served) -> None:
    # given
    row = {
        "pmsId": "p0",
        "firstName": " Zoë ",
        "lastName": "O'Brien",
        "birthDate": "1970-02-28",
        "mobile": "0491 570 006",
        "smsConsent": False,
    }
    await sync(served, PATIENTS, [row])
    # when
    await sync(served, SYNC_RECALLS, [recall(urgency="Urgent")])
    # then
    [node] = (await served.query(RECALLS))["nodes"]
    assert (node["reason"], node["urgency"], node["dueDate"]) == (
        "Skin check",
        "Urgent",
        "2026-11-23",
    )
    patient = node["patient"]
    assert (patient["firstName"], patient["lastName"]) == ("Zoë", "O'Brien")
    assert (patient["birthDate"], patient["mobile"]) == ("1970-02-28", MOBILE)
    assert node["smsStatus"]["reason"] == "PMS_CONSENT_WITHHELD"


@pytest.mark.parametrize("status", ["INACTIVE", "DECEASED"])
async def test_a_patient_who_left_cant_be_sent_an_sms(served: Served, status: str) -> None:
    # given
    await sync(served, PATIENTS, [patients(1)[0] | {"status": status, "mobile": MOBILE}])
    # when
    await sync(served, SYNC_RECALLS, [recall()])
    # then
    [node] = (await served.query(RECALLS))["nodes"]
    assert (node["smsStatus"]["reason"], node["smsStatus"]["overridable"]) == (
        f"PATIENT_{status}",
        False,
    )
