"""Tests of automated runs: what they send and refuse, and that the preview says so beforehand."""

import asyncio
import random
from typing import Any

import pytest

from core.identity import Actor
from db.blocklist import block_mobile
from db.previews import RunPreview, preview_automated_run
from db.runs import get_runs, refusals_of_runs
from db.sending import (
    NothingToSend,
    RunAccepted,
    start_automated_run,
)
from db.types import Pool, RefusalCount
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice


async def preview(practice: Practice) -> RunPreview:
    return await preview_automated_run(practice.pool, practice.id)


async def test_an_automated_run_sends_due_recalls(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.recall(due_date=practice.due(15))
    await practice.recall(reason="Of no category")
    await practice.recall(completed=True)

    # when
    outcome = await practice.automate()

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == [MOBILE]
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["trigger"], attempt["actor"]) == ("SENT", "AUTOMATED", None)


async def test_an_automated_run_sends_overridable_recalls(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(sms_consent=False))

    # when
    await practice.automate()

    # then
    assert await practice.deliver() == [MOBILE]
    [attempt] = await practice.attempts(recall)
    assert attempt["overridden_reason"] == "PMS_CONSENT_WITHHELD"


async def test_an_automated_run_refuses_a_hard_block_and_records_it(practice: Practice) -> None:
    # given
    await practice.block()
    blocked = await practice.recall(await practice.patient(sms_consent=False))
    free = await practice.recall(await practice.patient(mobile=a_mobile()))

    # when
    await practice.automate()
    await practice.deliver()

    # then
    assert await practice.attempt_states(free) == ["SENT"]
    [attempt] = await practice.attempts(blocked)
    assert (attempt["state"], attempt["refusal_reason"]) == ("REFUSED", "BLOCKED_COMMUNICATION")


async def test_a_run_that_would_only_refuse_records_the_refusals(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(mobile=None))

    # when
    outcome = await practice.automate()

    # then
    assert outcome == NothingToSend([RefusalCount("MOBILE_MISSING", 1)])
    assert await practice.attempt_states(recall) == ["REFUSED"]


async def test_a_run_that_would_refuse_many_leaves_them_to_a_worker(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.SLICE", 1)
    for _ in range(3):
        await practice.recall(await practice.patient(mobile=None))

    # when
    outcome = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="run", actor=Actor("Reception")
    )

    # then
    assert isinstance(outcome, RunAccepted)
    count = "select count(*) from contact_attempts where state = 'REFUSED'"
    assert await practice.pool.fetchval(count) == 1
    await practice.plan()
    assert await practice.pool.fetchval(count) == 3
    assert await practice.run_state(outcome.run_id) == "FINISHED"


async def test_a_run_with_nothing_due_is_not_created(practice: Practice) -> None:
    # when
    outcome = await practice.automate()

    # then
    assert outcome == NothingToSend()
    assert await practice.pool.fetchval("select count(*) from runs") == 0


async def test_a_category_that_is_not_automated_is_left_to_staff(practice: Practice) -> None:
    # given
    await practice.category(name="Moles", reasons=["Mole"], automated=False)
    await practice.recall(reason="Mole")

    # when
    outcome = await practice.automate()

    # then
    assert outcome == NothingToSend()


async def test_a_run_can_be_limited_to_some_categories(practice: Practice) -> None:
    # given
    moles = await practice.category(name="Moles", reasons=["Mole"])
    mole, skin = await practice.recall(reason="Mole"), await practice.recall()

    # when
    await practice.automate(moles)

    # then
    assert await practice.attempt_states(mole) == ["QUEUED"]
    assert await practice.attempt_states(skin) == []


async def test_the_run_takes_each_sms_step_once_and_stops_before_the_letter(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()

    # when
    for _ in range(6):
        await practice.automate()
        await practice.deliver()
        await practice.days_pass(3)

    # then
    assert await practice.attempt_states(recall) == ["SENT", "SENT"]
    steps = await practice.pool.fetch("select step from attempt_recalls order by attempt_id")
    assert [row["step"] for row in steps] == [1, 2]


async def test_a_second_run_on_the_same_day_finds_nothing(practice: Practice) -> None:
    # given
    await practice.recall()
    await practice.automate()
    await practice.deliver()

    # when
    outcome = await practice.automate()

    # then
    assert outcome == NothingToSend()


async def test_a_message_still_waiting_to_be_sent_gets_no_second_one(
    practice: Practice,
) -> None:
    # given
    await practice.recall()
    await practice.automate()
    await practice.days_pass(3)

    # when
    outcome = await practice.automate()

    # then
    assert outcome == NothingToSend()
    assert await practice.deliver() == [MOBILE]


async def test_the_same_key_gives_the_same_automated_run(practice: Practice) -> None:
    # given
    await practice.recall()
    first = await practice.automate(key="k")
    await practice.deliver()
    await practice.days_pass(3)

    # when
    second = await practice.automate(key="k")

    # then
    assert isinstance(first, RunAccepted)
    assert second == first


async def test_runs_started_at_the_same_moment_send_one_message(practice: Practice) -> None:
    # given
    await practice.recall()

    # when
    await asyncio.gather(*(practice.automate() for _ in range(4)))

    # then
    assert await practice.deliver() == [MOBILE]


async def test_planning_in_slices_leaves_nobody_out_and_takes_nobody_twice(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.SLICE", 2)
    monkeypatch.setattr("db.sending.CHUNK", 3)
    patients = [await practice.patient(mobile=a_mobile()) for _ in range(5)]
    for patient in patients * 2:
        await practice.recall(patient)

    # when
    await practice.automate()

    # then
    assert len(await practice.deliver()) == len(patients)


async def test_concurrent_planners_plan_a_run_once(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.SLICE", 1)
    for _ in range(4):
        await practice.recall()
    run_id = await practice.pool.fetchval(
        "insert into runs (practice_id, trigger, state, scheduled_for)"
        " values ($1, 'AUTOMATED', 'PLANNING', now()) returning id",
        practice.id,
    )

    # when
    await asyncio.gather(practice.plan(), practice.plan(), practice.plan())

    # then
    assert await practice.pool.fetchval("select count(*) from contact_attempts") == 4
    assert await practice.run_state(run_id) == "SENDING"


async def test_the_preview_says_when_the_schedule_runs_next(practice: Practice) -> None:
    # given
    planned = await practice.pool.fetchval("select next_run_at from practices")

    # when
    result = await preview(practice)

    # then
    assert result == RunPreview(0, 0, 0, 0, [], planned)


async def test_the_preview_has_no_next_run_if_nothing_is_automated(pool: Pool) -> None:
    # given
    practice = await a_practice(pool)
    await pool.execute("update categories set automated = false")

    # when
    result = await preview(practice)

    # then
    assert result.next_run_at is None


async def test_previewing_writes_nothing(practice: Practice) -> None:
    # given
    await practice.recall()

    # when
    await preview(practice)

    # then
    assert await practice.pool.fetchval("select count(*) from contact_attempts") == 0


@pytest.mark.parametrize("seed", range(6))
async def test_the_run_does_what_the_preview_said(pool: Pool, seed: int) -> None:
    # given
    dice = random.Random(seed)  # noqa: S311 - a mix, not a secret
    practice = await a_practice(pool, pms_product=dice.choice(["GENIE", "BEST_PRACTICE"]))
    await practice.category(name="Moles", reasons=["Mole"], automated=dice.random() < 0.7)
    await practice.category(name="Calls", reasons=["Call"], steps=["PHONE", "SMS"])
    numbers = [a_mobile() for _ in range(12)]
    for _ in range(30):
        patient = await practice.patient(
            first_name=dice.choice(["Ann", "Zoë", "李"]),
            mobile=dice.choice([*numbers, *numbers, None, "12"]),
            sms_consent=dice.choice([True, False, None]),
            status=dice.choice(["ACTIVE"] * 6 + ["INACTIVE", "DECEASED"]),
        )
        for _ in range(dice.randint(1, 3)):
            recall = await practice.recall(
                patient,
                reason=dice.choice(["Skin check", "Mole", "Call", "Other"]),
                due_date=practice.due(dice.randint(-30, 30)),
                completed=dice.random() < 0.1,
            )
            if dice.random() < 0.2:
                await practice.contact(recall, dice.choice(["PHONE", "LETTER"]))
    await practice.days_pass(dice.choice([1, 2, 10]))
    for number in dice.sample(numbers, 4):
        blocked = dice.random() < 0.7
        await block_mobile(pool, practice.id, number, blocked=blocked, note=None, actor=Actor("R"))
    said = await preview(practice)

    # when
    outcome = await practice.automate()

    # then
    assert isinstance(outcome, RunAccepted)
    [run] = await get_runs(pool, practice.id, [outcome.run_id])
    [done] = await pool.fetch(
        """
        select count(*) as messages, count(overridden_reason) as overridden,
               coalesce(sum(logic.sms_segments(body)), 0) as segments,
               sum((select count(*) from attempt_recalls r where r.attempt_id = a.id)) as recalls
        from contact_attempts a where run_id = $1 and state = 'QUEUED'
        """,
        outcome.run_id,
    )
    assert said.messages == done["messages"] == run["queued"] > 0
    assert (said.recalls, said.segments, said.overridden) == (
        done["recalls"],
        done["segments"],
        done["overridden"],
    )
    refused = await refusals_of_runs(pool, practice.id, [outcome.run_id])
    assert said.refusals == [RefusalCount(row["reason"], row["count"]) for row in refused]
    assert len(await practice.deliver()) == said.messages


async def test_a_run_that_found_nothing_left_keeps_its_first_answer(
    practice: Practice,
) -> None:
    # given two runs accepted before the first was planned
    await practice.recall()
    asked: Any = {"idempotency_key": "second", "actor": Actor("Reception")}
    first = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="first", actor=Actor("Reception")
    )
    second = await start_automated_run(practice.pool, practice.id, None, **asked)
    # when the first run leaves nothing for the second
    await practice.plan()
    # then
    assert isinstance(first, RunAccepted)
    assert await start_automated_run(practice.pool, practice.id, None, **asked) == second
