"""Tests of the sync: which rows are accepted, which are refused and why, and what is a change."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.mobile import Mobile, normalise
from db.sync import (
    NUMBERS_A_TURN,
    PatientRow,
    RecallRow,
    RowProblem,
    SyncCounts,
    check_patients,
    check_recalls,
    upsert_patients,
    upsert_recalls,
)
from db.tenancy import in_practice
from tests.support.practice import Practice, a_practice

ANN = PatientRow("p1", "Ann", "Smith", mobile="0491 570 006")


def skin_check(practice: Practice, pms_id: str = "r1", patient: str = "p1") -> RecallRow:
    return RecallRow(pms_id, patient, "Skin check", practice.today)


async def test_patients_are_counted_as_new_changed_or_the_same(practice: Practice) -> None:
    # given
    bob, cid = PatientRow("p2", "Bob", "Lee"), PatientRow("p3", "Cid", "Ray")
    await upsert_patients(practice.pool, practice.id, [ANN, bob])

    # when
    taken = await upsert_patients(
        practice.pool, practice.id, [cid, PatientRow("p2", "Bob", "Lee", sms_consent=False), ANN]
    )

    # then
    assert taken == SyncCounts(inserted=1, updated=1, unchanged=1)


async def test_recalls_are_counted_as_new_changed_or_the_same(practice: Practice) -> None:
    # given
    await upsert_patients(practice.pool, practice.id, [ANN])
    await upsert_recalls(practice.pool, practice.id, [skin_check(practice)])

    # when
    taken = [
        await upsert_recalls(practice.pool, practice.id, rows)
        for rows in (
            [skin_check(practice)],
            [RecallRow("r1", "p1", "Skin check", practice.today, completed=True)],
            [skin_check(practice, "r2")],
        )
    ]

    # then
    assert taken == [SyncCounts(unchanged=1), SyncCounts(updated=1), SyncCounts(inserted=1)]


async def test_a_mobile_that_can_take_no_sms_does_not_keep_the_patient_out(
    practice: Practice,
) -> None:
    # when
    await upsert_patients(
        practice.pool, practice.id, [PatientRow("p1", "Ann", "", mobile="ask son")]
    )

    # then
    [row] = await practice.pool.fetch("select mobile, mobile_typed, mobile_refusal from patients")
    assert tuple(row) == (None, "ask son", "NOT_A_NUMBER")


async def test_white_space_around_texts_makes_no_difference(practice: Practice) -> None:
    # given
    await upsert_patients(practice.pool, practice.id, [ANN])

    # when
    taken = await upsert_patients(
        practice.pool, practice.id, [PatientRow(" p1 ", "Ann ", " Smith", mobile=" 0491 570 006 ")]
    )

    # then
    assert taken == SyncCounts(unchanged=1)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (PatientRow("", "Ann", "Smith"), "pmsId"),
        (PatientRow("  ", "Ann", "Smith"), "pmsId"),
        (PatientRow("p", " ", ""), "lastName"),
        (PatientRow("p", "a" * 501, ""), "firstName"),
        (PatientRow("p", "Ann", "Smi\0th"), "lastName"),
        (PatientRow("p", "Ann", "Smi\ud800th"), "lastName"),
        (PatientRow("p", "Ann", "", mobile="0491\0"), "mobile"),
        (PatientRow("p", "Ann", "", mobile="1" * 501), "mobile"),
    ],
)
async def test_an_invalid_patient_is_reported_by_its_row_and_field(
    practice: Practice, row: PatientRow, field: str
) -> None:
    # when
    problems = await upsert_patients(practice.pool, practice.id, [ANN, row])

    # then
    assert isinstance(problems, list)
    assert [(problem.index, problem.field) for problem in problems] == [(1, field)]
    assert await practice.pool.fetchval("select count(*) from patients") == 0


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"pms_id": ""}, "pmsId"),
        ({"patient_pms_id": " "}, "patientPmsId"),
        ({"reason": "\t"}, "reason"),
        ({"reason": "a" * 501}, "reason"),
        ({"urgency": "a" * 501}, "urgency"),
        ({"urgency": "\0"}, "urgency"),
        ({"patient_pms_id": "nobody"}, "patientPmsId"),
    ],
)
async def test_an_invalid_recall_is_reported_by_its_row_and_field(
    practice: Practice, facts: dict[str, Any], field: str
) -> None:
    # given
    await upsert_patients(practice.pool, practice.id, [ANN])
    row = replace(skin_check(practice, "r2"), **facts)

    # when
    problems = await upsert_recalls(practice.pool, practice.id, [skin_check(practice), row])

    # then
    assert isinstance(problems, list)
    assert [(problem.index, problem.field) for problem in problems] == [(1, field)]
    assert await practice.pool.fetchval("select count(*) from recalls") == 0


@pytest.mark.parametrize("text", ["p\0", "p\ud800"])
async def test_an_invalid_patient_id_is_a_problem_of_its_row(practice: Practice, text: str) -> None:
    # when
    problems = await upsert_recalls(
        practice.pool, practice.id, [skin_check(practice, patient=text)]
    )

    # then
    assert isinstance(problems, list)
    assert {problem.field for problem in problems} == {"patientPmsId"}


def test_an_id_that_comes_twice_in_one_call_is_reported_for_both_rows() -> None:
    # when
    problems = check_patients([ANN, PatientRow("p2", "Bo", ""), PatientRow("p1 ", "Cy", "")])

    # then
    assert problems == [
        RowProblem(index, "pmsId", "Another row in this call has the same id.") for index in (0, 2)
    ]


def test_no_rows_have_no_problem() -> None:
    # when / then
    assert check_patients([]) == check_recalls([]) == []


async def test_another_practices_patient_is_unknown(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    await upsert_patients(neighbour.pool, neighbour.id, [ANN])

    # when
    problems = await upsert_recalls(practice.pool, practice.id, [skin_check(practice)])

    # then
    assert isinstance(problems, list)
    assert [problem.field for problem in problems] == ["patientPmsId"]


async def test_practices_may_use_the_same_ids(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    await upsert_patients(practice.pool, practice.id, [ANN])

    # when
    taken = await upsert_patients(neighbour.pool, neighbour.id, [ANN])

    # then
    assert taken == SyncCounts(inserted=1)


async def test_syncs_of_the_same_rows_in_different_orders_do_not_block_each_other(
    practice: Practice,
) -> None:
    # given
    rows = [PatientRow(f"p{number}", "Ann", str(number)) for number in range(200)]

    # when
    taken = await asyncio.gather(
        *(
            upsert_patients(practice.pool, practice.id, order)
            for order in (rows, rows[::-1], rows[100:] + rows[:100], rows)
        )
    )

    # then
    total = sum((count for count in taken if isinstance(count, SyncCounts)), start=SyncCounts())
    assert (total.inserted, total.unchanged) == (200, 600)


async def test_texts_and_dates_are_stored_as_they_are_sent(practice: Practice) -> None:
    # given
    text = """O'Neil "Bo" \\ \\n {null} [1, 2] \\u0041 é 漢 🩺 <b>&amp;</b> \u200d\t|"""
    ann = PatientRow("p", text, text, date(1970, 2, 28), mobile="04 \\ 12", sms_consent=True)
    recall = RecallRow("r", "p", text, date(9999, 12, 31), urgency="null", completed=True)
    # when
    await upsert_patients(practice.pool, practice.id, [ann])
    await upsert_recalls(practice.pool, practice.id, [recall])
    # then
    async with in_practice(practice.pool, practice.id) as connection:
        patient = await connection.fetchrow(
            "select first_name, last_name, birth_date, mobile_typed, sms_consent from patients"
        )
        stored = await connection.fetchrow(
            "select reason, due_date, urgency, completed from recalls"
        )
    assert tuple(patient or ()) == (text, text, ann.birth_date, ann.mobile, True)
    assert tuple(stored or ()) == (text, recall.due_date, "null", True)


async def test_others_run_while_the_numbers_of_many_rows_are_normalised(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the loop's turn in which each number is normalised
    turn = 0
    turns: list[int] = []

    async def count() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    def noted(typed: str | None, region: str) -> Mobile:
        turns.append(turn)
        return normalise(typed, region)

    monkeypatch.setattr("db.sync.normalise", noted)
    rows = [PatientRow(f"p{n}", "Ann", "Smith", mobile=f"04915700{n:02}") for n in range(90)]
    counting = asyncio.create_task(count())
    # when
    await upsert_patients(practice.pool, practice.id, rows)
    counting.cancel()
    # then
    assert len(turns) == len(rows)
    assert max(Counter(turns).values()) <= NUMBERS_A_TURN


async def test_rows_are_inserted_in_the_order_of_their_pms_ids(practice: Practice) -> None:
    # when
    await practice.many(400)
    # then
    for query in (
        "select pms_id from patients order by id",
        "select pms_id from recalls order by id",
    ):
        rows = [row["pms_id"] for row in await practice.pool.fetch(query)]
        assert rows == sorted(rows)
