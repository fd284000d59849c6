"""Tests of a recall's rounds: one that the PMS reuses under the same id is contacted again."""

from db.recalls import get_recalls
from tests.support.practice import MOBILE, Practice

TO_ACTION = ("TO_ACTION", "TO_ACTION")
YEAR = 365


async def used_up(practice: Practice, patient: str) -> int:
    """Return a recall whose steps were all taken long ago."""
    recall = await practice.recall(patient, pms_id="r")
    for kind in ("PHONE", "PHONE", "LETTER"):
        await practice.contact(recall, kind)
    await practice.days_pass(YEAR)
    return recall


async def round_of(practice: Practice, recall: int) -> int:
    found: int = await practice.pool.fetchval("select round from recalls where id = $1", recall)
    return found


async def test_a_recall_that_is_done_and_due_again_restarts_at_its_first_step(
    practice: Practice,
) -> None:
    # given a recall that was due a year ago
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", due_date=practice.due(-YEAR))
    for kind in ("PHONE", "PHONE", "LETTER"):
        await practice.contact(recall, kind)
    await practice.days_pass(YEAR)
    await practice.recall(patient, pms_id="r", due_date=practice.due(-YEAR), completed=True)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION
    await practice.automate()
    assert await practice.deliver() == [MOBILE]


async def test_a_date_that_moves_as_the_recall_is_done_begins_a_round_too(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", due_date=practice.due(-YEAR))
    await practice.recall(patient, pms_id="r", due_date=practice.due(), completed=True)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # then
    assert await round_of(practice, recall) == 2


async def test_a_recall_closed_by_staff_is_open_again_when_it_is_done_and_due_again(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", due_date=practice.due(-YEAR))
    await practice.close(recall)
    await practice.recall(patient, pms_id="r", due_date=practice.due(-YEAR), completed=True)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_a_recall_closed_by_staff_stays_closed_if_only_the_date_moves(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.close(recall)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due(YEAR))

    # then
    [row] = await get_recalls(practice.pool, practice.id, [recall])
    assert row["state"] == "NO_FURTHER_ACTION"


async def test_a_date_so_late_that_nobody_is_contacted_yet_begins_a_round(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await used_up(practice, patient)

    # when the PMS has moved it by a year, and the year is over
    await practice.recall(patient, pms_id="r", due_date=practice.due(YEAR))
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # then
    await practice.automate()
    assert await practice.deliver() == [MOBILE]
    assert await round_of(practice, recall) == 2


async def test_a_date_that_moves_a_little_keeps_the_round(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recall = await used_up(practice, patient)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due(14))

    # then
    assert await round_of(practice, recall) == 1
    assert await practice.state_and_tab(recall) == TO_ACTION  # past its last step: a person decides


async def test_a_recall_that_the_pms_completed_by_mistake_keeps_its_round(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.contact(recall, "PHONE")
    await practice.recall(patient, pms_id="r", completed=True)

    # when
    await practice.recall(patient, pms_id="r", completed=False)

    # then
    assert await round_of(practice, recall) == 1


async def test_the_wait_after_a_contact_runs_on_into_the_next_round(practice: Practice) -> None:
    # given a patient who was called yesterday
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", due_date=practice.due(-7))
    await practice.contact(recall, "PHONE")
    await practice.days_pass(1)
    await practice.recall(patient, pms_id="r", due_date=practice.due(-7), completed=True)

    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # then
    assert await practice.state_and_tab(recall) == ("WAITING", None)


async def test_a_message_queued_by_automation_for_the_previous_round_is_cancelled(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", due_date=practice.due(-7))
    await practice.automate()
    await practice.recall(patient, pms_id="r", due_date=practice.due(-7), completed=True)
    await practice.recall(patient, pms_id="r", due_date=practice.due())

    # when
    handed = await practice.deliver()

    # then
    assert handed == []
    [attempt] = await practice.attempts(recall)
    assert attempt["cancellation"] == "NO_LONGER_DUE"
