"""Tests that receipts prove the gateway had the message, whatever was concluded meanwhile."""

import asyncio

import pytest

from db.delivery import claim_messages
from db.opt_outs import pending_opt_outs
from db.pool import open_pool
from dev.servers.running import as_application
from tests.db.test_runs import a_run, receipt, the_attempt
from tests.support.practice import Practice
from tests.support.simulated import until

END_WAITING = """
  select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'recalls posts' and wait_event_type = 'Lock'
"""
STATES = ["SENT", "DELIVERED", "UNDELIVERED", "FAILED"]


@pytest.mark.parametrize("state", STATES)
async def test_a_receipt_settles_a_message_that_waits_to_be_sent_again(
    practice: Practice, state: str
) -> None:
    # given a message that the gateway has, though it answered that it took none
    run_id = await a_run(practice)
    await practice.deliver(state="QUEUED")

    # when
    known = await receipt(practice, state)

    # then it isn't sent again, and the run ends
    attempt = await the_attempt(practice)
    assert known
    assert (attempt["state"], attempt["gateway_id"]) == (state, "SM9")
    assert attempt["handed_over_at"] is not None
    await practice.retry_now()
    assert await practice.deliver() == []
    assert await practice.run_state(run_id) == "FINISHED"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("given_up", ["CANCELLED", "REFUSED"])
async def test_a_receipt_settles_a_message_that_was_given_up(
    practice: Practice, given_up: str, state: str
) -> None:
    # given a message that was to be sent again, and was then given up
    run_id = await a_run(practice)
    await practice.deliver(state="QUEUED")
    if given_up == "CANCELLED":
        await practice.stop(run_id)
    else:
        await practice.block((await the_attempt(practice))["mobile"])
    await practice.retry_now()
    await practice.deliver()
    before = await the_attempt(practice)

    # when
    await receipt(practice, state)

    # then
    after = await the_attempt(practice)
    assert before["state"] == given_up
    assert after["state"] == state
    assert (after["cancellation"], after["refusal_reason"]) == (None, None)
    assert after["handed_over_at"] is not None


async def test_a_receipt_for_a_message_never_meant_to_be_sent_changes_nothing(
    practice: Practice,
) -> None:
    # given
    await practice.block()
    await practice.send(await practice.recall())
    before = await the_attempt(practice)

    # when
    known = await receipt(practice, "DELIVERED")

    # then
    assert known
    assert before["state"] == "REFUSED"
    assert await the_attempt(practice) == before


@pytest.mark.parametrize("first", ["UNDELIVERED", "FAILED"])
async def test_a_message_reported_as_not_arrived_may_still_arrive(
    practice: Practice, first: str
) -> None:
    # given
    await a_run(practice)
    await practice.deliver()
    await receipt(practice, first)

    # when
    await receipt(practice, "DELIVERED")

    # then
    attempt = await the_attempt(practice)
    assert (attempt["state"], attempt["failure"]) == ("DELIVERED", None)


@pytest.mark.parametrize("first", ["UNDELIVERED", "FAILED"])
@pytest.mark.parametrize("late", ["SENT", "UNDELIVERED", "FAILED"])
async def test_a_failure_stays_until_the_message_is_delivered(
    practice: Practice, first: str, late: str
) -> None:
    # given
    await a_run(practice)
    await practice.deliver()
    await receipt(practice, first)
    before = await the_attempt(practice)

    # when
    await receipt(practice, late)

    # then
    assert await the_attempt(practice) == before


async def test_a_receipt_while_the_message_is_judged_wins(practice: Practice) -> None:
    # given a claim that is about to cancel the message, and a receipt right before it
    run_id = await a_run(practice)
    await practice.deliver(state="QUEUED")
    await practice.retry_now()
    await practice.pool.execute("update recalls set completed = true")

    async def waiting() -> int:
        found: int = await practice.pool.fetchval(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )
        return found

    async def receipt_waits() -> bool:
        return await waiting() == 1

    async def both_wait() -> bool:
        return await waiting() == 2

    async with practice.pool.acquire() as other, other.transaction():
        await other.execute("select from contact_attempts for update")
        reported = asyncio.create_task(receipt(practice, "DELIVERED"))
        await until(receipt_waits)
        claiming = asyncio.create_task(claim_messages(practice.pool, lease=10))
        await until(both_wait)

    # when
    await reported
    claim = await claiming

    # then
    assert claim is not None
    assert (claim.messages, claim.problem) == ([], None)
    assert (await the_attempt(practice))["state"] == "DELIVERED"
    assert await practice.run_state(run_id) == "FINISHED"


async def test_a_receipt_survives_the_end_of_its_connection(
    practice: Practice, database_url: str
) -> None:
    # given a receipt that waits for its message's row
    await a_run(practice)
    await practice.deliver()
    reference = (await the_attempt(practice))["reference"]
    async with await open_pool(as_application(database_url), name="posts", connections=1) as posts:
        async with practice.pool.acquire() as other, other.transaction():
            await other.execute("select from contact_attempts for update")
            word = Practice(posts, practice.id)
            reported = asyncio.create_task(receipt(word, "FAILED", reference, opted_out=True))

            async def ended() -> bool:
                return bool(await practice.pool.fetchval(END_WAITING))

            # when
            await until(ended)
        known = await reported
    # then
    assert known
    assert (await the_attempt(practice))["state"] == "FAILED"
    assert len(await pending_opt_outs(practice.pool)) == 1
