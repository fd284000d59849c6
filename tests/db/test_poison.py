"""Tests that an error in one practice holds up no other's claim, look-up, sweep, plan or run."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import asyncpg
import pytest

from core.identity import Actor
from db.delivery import (
    Settlement,
    begin_scheduled_run,
    cancel_stopped,
    claim_messages,
    practices_due,
    settle_messages,
    sweep_claim,
)
from db.pool import open_pool
from db.sending import RunAccepted, plan_next, start_automated_run
from db.types import Pool
from db.unknown_messages import claim_unknown
from dev.servers.running import as_application
from tests.db.test_schedule import fall_due, hours
from tests.support.practice import Practice, a_mobile, a_practice
from tests.support.unknown_messages import listed

ENDLESS = 100
"""The number of calls after which work that is still ready always will be."""


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[Pool]:
    """A worker's pool: bound by row-level security, as `poison` needs."""
    pool = await open_pool(as_application(database_url), name="test workers")
    yield pool
    await pool.close()


@pytest.fixture
async def bad(practice: Practice) -> Practice:
    """The practice in which something will raise; it was created first, and comes first."""
    return practice


@pytest.fixture
async def good(bad: Practice) -> Practice:
    """Another practice."""
    return await a_practice(bad.pool)


async def poison(practice: Practice, table: str) -> None:
    """Have every read of the table within the practice fail."""
    await practice.pool.execute(
        f"create policy poison on {table} as restrictive to recalls_app using ("
        " 1 / (nullif(current_setting('recalls.practice', true), '')::integer"
        f" - {practice.id}) is not null)"
    )


async def lose_time_zone(practice: Practice) -> None:
    """Give the practice a time zone that the server no longer knows, as after an upgrade."""
    await practice.pool.execute("alter table practices drop constraint practices_time_zone_check")
    await practice.pool.execute(
        "update practices set time_zone = 'Australia/Gone' where id = $1", practice.id
    )


async def a_message(practice: Practice, *, stopped: bool = False) -> int:
    """Queue a message to a number of its own, and return its recall."""
    recall = await practice.recall(await practice.patient(mobile=a_mobile()))
    outcome = await practice.send(recall)
    if stopped:
        assert isinstance(outcome, RunAccepted)
        await practice.stop(outcome.run_id)
    return recall


async def an_unknown_message(practice: Practice) -> int:
    """Make a message that is due to be looked up, and return its recall."""
    recall = await a_message(practice)
    claim = await claim_messages(practice.pool, lease=10)
    assert claim is not None
    unknown = [Settlement(message.attempt_id, "UNKNOWN") for message in claim.messages]
    await settle_messages(practice.pool, claim, unknown, retry_after=0, look_after=0)
    return recall


# What workers do, until nothing is left to do


async def until_done(one: Callable[[], Awaitable[object]]) -> None:
    """Do one after another until none is left."""
    for _ in range(ENDLESS):
        if await one() is None:
            return
    raise AssertionError("there is always one more")


async def deliver(workers: Pool) -> None:
    async def one() -> object:
        claim = await claim_messages(workers, lease=10)
        if claim is not None and claim.messages:
            sent = [Settlement(m.attempt_id, "SENT", f"SM{m.attempt_id}") for m in claim.messages]
            await settle_messages(workers, claim, sent, retry_after=0)
        return claim

    await until_done(one)


async def look_up(workers: Pool) -> None:
    """Find each message in the gateway's list."""

    async def one() -> object:
        unknown = await claim_unknown(workers, hold=60)
        if unknown is not None:
            for message in unknown.messages:
                found = Settlement(message.attempt_id, "SENT", f"SM{message.attempt_id}")
                await listed(workers, unknown, message.mobile, [found])
        return unknown

    await until_done(one)


async def sweep(workers: Pool) -> None:
    await until_done(lambda: sweep_claim(workers, grace=0))


async def cancel(workers: Pool) -> None:
    await until_done(lambda: cancel_stopped(workers))


async def plan(workers: Pool) -> None:
    await until_done(lambda: plan_next(workers))


async def begin(workers: Pool) -> None:
    """Begin each practice's run separately: one that raises stops no other."""
    for practice_id in await practices_due(workers):
        with suppress(asyncpg.PostgresError):
            await begin_scheduled_run(workers, practice_id)


async def test_messages_that_cannot_be_judged_hold_up_no_other_practice(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept, sent = await a_message(bad), await a_message(good)
    await poison(bad, "contact_attempts")

    # when
    await deliver(workers)

    # then
    assert await good.attempt_states(sent) == ["SENT"]
    assert await bad.attempt_states(kept) == ["QUEUED"]


async def test_messages_that_could_not_be_judged_go_once_they_can_be(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept = await a_message(bad)
    await a_message(good)
    await poison(bad, "contact_attempts")
    await deliver(workers)

    # when
    await bad.pool.execute("drop policy poison on contact_attempts")
    await bad.retry_now()
    await deliver(workers)

    # then
    assert await bad.attempt_states(kept) == ["SENT"]


async def test_a_time_zone_that_is_gone_holds_up_no_other_practices_messages(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept, sent = await a_message(bad), await a_message(good)
    await lose_time_zone(bad)

    # when
    await deliver(workers)

    # then
    assert await good.attempt_states(sent) == ["SENT"]
    assert await bad.attempt_states(kept) == ["QUEUED"]


async def test_claims_that_cannot_be_swept_hold_up_no_other_practice(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept, swept = await a_message(bad), await a_message(good)
    for one in (bad, good):
        await claim_messages(workers, lease=10)
        await one.leases_run_out()
    await poison(bad, "contact_attempts")

    # when
    await sweep(workers)

    # then
    assert await good.attempt_states(swept) == ["UNKNOWN"]
    assert await bad.attempt_states(kept) == ["SENDING"]


async def test_messages_that_cannot_be_cancelled_hold_up_no_other_practice(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept, cancelled = await a_message(bad, stopped=True), await a_message(good, stopped=True)
    await poison(bad, "contact_attempts")

    # when
    await cancel(workers)

    # then
    assert await good.attempt_states(cancelled) == ["CANCELLED"]
    assert await bad.attempt_states(kept) == ["QUEUED"]


async def test_messages_that_cannot_be_looked_up_hold_up_no_other_practice(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    kept, found = await an_unknown_message(bad), await an_unknown_message(good)
    await poison(bad, "contact_attempts")

    # when
    await look_up(workers)

    # then
    assert await good.attempt_states(found) == ["SENT"]
    assert await bad.attempt_states(kept) == ["UNKNOWN"]


async def test_a_run_that_cannot_be_planned_holds_up_no_other_practice(
    bad: Practice, good: Practice, workers: Pool
) -> None:
    # given
    recalls = []
    for one in (bad, good):
        recalls.append(await one.recall(await one.patient(mobile=a_mobile())))
        await start_automated_run(one.pool, one.id, None, idempotency_key="run", actor=Actor("Lee"))
    kept, sent = recalls
    await poison(bad, "recalls")

    # when
    await plan(workers)
    await deliver(workers)

    # then
    assert await good.attempt_states(sent) == ["SENT"]
    assert await bad.attempt_states(kept) == []


@pytest.mark.parametrize("why", ["its time zone is gone", "its row cannot be read"])
async def test_a_practice_whose_schedule_raises_holds_up_no_other(
    bad: Practice, good: Practice, workers: Pool, why: str
) -> None:
    # given
    recall = await good.recall(await good.patient(mobile=a_mobile()))
    await bad.recall(await bad.patient(mobile=a_mobile()))
    await hours(bad, now_open=True)
    await fall_due(bad)
    if why == "its time zone is gone":
        await lose_time_zone(bad)
    else:
        await poison(bad, "practices")

    # when
    await begin(workers)
    await plan(workers)
    await deliver(workers)

    # then
    assert await good.attempt_states(recall) == ["SENT"]
