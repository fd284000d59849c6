"""Tests of fairness: no run, however large, keeps another's message waiting."""

import asyncio
from datetime import UTC, datetime

import pytest

from db.delivery import (
    INTERACTIVE,
    Settlement,
    cancel_stopped,
    claim_messages,
    settle_messages,
)
from db.sending import plan_next
from db.types import Pool
from tests.support.practice import Practice, a_mobile, a_practice, somebody_waits
from tests.support.simulated import until


async def with_chunks(practice: Practice, count: int, size: int = 1) -> None:
    """Plan an automated run of ``count`` chunks of ``size`` messages."""
    for _ in range(count * size):
        await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.automate()
    await practice.pool.execute(
        """
        insert into chunks (practice_id, run_id, position, priority)
          select practice_id, run_id, generate_series(1, $2 - 1), priority from chunks
          where practice_id = $1
        """,
        practice.id,
        count,
    )
    await practice.pool.execute(
        """
        update contact_attempts a set position = n.position
        from (select id, (row_number() over (order by id) - 1) / $2 as position
              from contact_attempts where practice_id = $1) n
        where a.practice_id = $1 and a.id = n.id
        """,
        practice.id,
        size,
    )


async def claimed(pool: Pool, **claim: int) -> tuple[int, int]:
    """Claim, settle as sent, and return the practice and how many messages there were."""
    taken = await claim_messages(pool, lease=10, **claim)
    assert taken is not None
    await settle_messages(
        pool,
        taken,
        [Settlement(message.attempt_id, "SENT", "SM1") for message in taken.messages],
        retry_after=0,
    )
    return taken.practice_id, len(taken.messages)


async def test_two_practices_take_turns(practice: Practice) -> None:
    # given
    other = await a_practice(practice.pool)
    await with_chunks(practice, 4)
    await with_chunks(other, 4)
    # when
    order = [(await claimed(practice.pool))[0] for _ in range(8)]
    # then
    for turn in range(0, 8, 2):
        assert set(order[turn : turn + 2]) == {practice.id, other.id}


async def test_a_small_run_is_not_kept_waiting_by_an_earlier_one(
    practice: Practice,
) -> None:
    # given
    await with_chunks(practice, 6)
    for _ in range(3):
        await claimed(practice.pool)
    other = await a_practice(practice.pool)
    await with_chunks(other, 1)
    # when
    first, _ = await claimed(practice.pool)
    # then
    assert first == other.id


async def test_a_claim_takes_no_more_than_requested_and_leaves_the_rest(
    practice: Practice,
) -> None:
    # given
    await with_chunks(practice, 1, size=5)
    # when
    sizes = [(await claimed(practice.pool, most=2))[1] for _ in range(3)]
    # then
    assert sizes == [2, 2, 1]
    assert await claim_messages(practice.pool, lease=10) is None
    assert await practice.pool.fetchval("select state from runs") == "FINISHED"


async def test_an_interactive_claim_takes_no_message_that_nobody_waits_for(
    practice: Practice,
) -> None:
    # given
    await with_chunks(practice, 1)
    # then
    assert await claim_messages(practice.pool, lease=10, lowest=INTERACTIVE) is None


async def accepted(practice: Practice, *, by_schedule: bool = False) -> int:
    """Accept an automated run that is yet to be planned."""
    run_id: int = await practice.pool.fetchval(
        "insert into runs (practice_id, trigger, state, actor, scheduled_for, idempotency_key,"
        " arguments_hash) values ($1, 'AUTOMATED', 'PLANNING', $2, $3, $4, $5) returning id",
        practice.id,
        *(
            (None, datetime.now(UTC), None, None)
            if by_schedule
            else ("Reception", None, "k", b"a call")
        ),
    )
    return run_id


async def planned(pool: Pool) -> int | None:
    """Plan a slice and return its practice, or None if all are busy."""
    slice_ = await plan_next(pool)
    assert slice_ is not None
    return slice_.practice_id


async def test_practices_take_turns_at_planning(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.SLICE", 1)
    other = await a_practice(practice.pool)
    for each in (practice, other):
        await each.many(3)
        await accepted(each, by_schedule=True)
    # when
    order = [await planned(practice.pool) for _ in range(6)]
    # then
    assert order == [practice.id, other.id] * 3


async def test_the_first_slice_of_a_persons_run_comes_before_the_schedules(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.SLICE", 1)
    other = await a_practice(practice.pool)
    for each in (practice, other):
        await each.many(3)
    await accepted(practice, by_schedule=True)
    await accepted(other)
    # when
    order = [await planned(practice.pool) for _ in range(3)]
    # then
    assert order == [other.id, practice.id, other.id]


async def test_planning_passes_over_a_practice_whose_steps_are_locked(
    practice: Practice,
) -> None:
    # given
    other = await a_practice(practice.pool)
    for each in (practice, other):
        await each.many(1)
        await accepted(each, by_schedule=True)
    async with practice.pool.acquire() as staff, staff.transaction():
        await staff.execute("select logic.lock_steps($1)", practice.id)
        # when
        order = [await planned(practice.pool), await planned(practice.pool)]
    # then
    assert order == [other.id, None]
    assert await planned(practice.pool) == practice.id


async def test_planning_gives_way_to_staff_who_wait_for_the_practice(practice: Practice) -> None:
    # given staff waiting for steps that another transaction still reads
    await practice.many(1)
    await accepted(practice, by_schedule=True)
    async with practice.pool.acquire() as reading, practice.pool.acquire() as staff:
        reader = reading.transaction()
        await reader.start()
        await reading.execute("select pg_advisory_xact_lock_shared(2, $1)", practice.id)
        async with staff.transaction():
            waiting = asyncio.create_task(staff.execute("select logic.lock_steps($1)", practice.id))
            await until(lambda: somebody_waits(practice.pool))
            # when
            turn = await planned(practice.pool)
            await reader.rollback()
            await waiting
    # then
    assert turn is None


async def test_a_claim_handles_one_chunk(practice: Practice) -> None:
    # given three chunks whose messages are no longer wanted
    await with_chunks(practice, 3)
    await practice.pool.execute("update recalls set completed = true")
    # when
    first = await claim_messages(practice.pool, lease=10)
    # then
    assert first is not None
    assert first.messages == []
    states = await practice.pool.fetch("select state from chunks order by position")
    assert [row["state"] for row in states] == ["DONE", "READY", "READY"]


async def test_a_stopped_run_is_cancelled_a_chunk_at_a_time(practice: Practice) -> None:
    # given
    await with_chunks(practice, 3, size=2)
    await practice.stop(await practice.pool.fetchval("select id from runs"))
    # when
    await cancel_stopped(practice.pool)
    # then
    states = await practice.pool.fetch("select state from chunks order by state")
    assert [row["state"] for row in states] == ["DONE", "STOPPED", "STOPPED"]
    cancelled = "select count(*) from contact_attempts where cancellation = 'RUN_STOPPED'"
    assert await practice.pool.fetchval(cancelled) == 2
