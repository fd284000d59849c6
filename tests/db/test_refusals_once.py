"""Tests of refusals: the schedule records the same one once, a person's run each time."""

from tests.db.test_schedule import fall_due, hours
from tests.support.practice import Practice


async def test_the_schedule_records_a_refusal_once(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(mobile=None))
    await hours(practice, now_open=True)

    # when
    for _ in range(3):
        await fall_due(practice)
        await practice.begin_scheduled_runs()
        await practice.plan()
        await practice.days_pass(1)

    # then
    assert await practice.attempt_states(recall) == ["REFUSED"]
    assert await practice.pool.fetchval("select count(*) from runs") == 1


async def test_the_schedule_records_a_different_refusal(practice: Practice) -> None:
    # given
    patient = await practice.patient(mobile=None)
    recall = await practice.recall(patient)
    await hours(practice, now_open=True)

    # when
    for change in ({}, {"mobile": "nothing"}, {"mobile": None}):
        await practice.patient(patient, **({"mobile": None} | change))
        await fall_due(practice)
        await practice.begin_scheduled_runs()
        await practice.plan()

    # then
    reasons = [row["refusal_reason"] for row in await practice.attempts(recall)]
    assert reasons == ["MOBILE_MISSING", "MOBILE_INVALID", "MOBILE_MISSING"]


async def test_a_run_that_a_person_starts_records_each_refusal_every_time(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall(await practice.patient(mobile=None))

    # when
    for _ in range(2):
        await practice.automate()

    # then
    assert await practice.attempt_states(recall) == ["REFUSED", "REFUSED"]
