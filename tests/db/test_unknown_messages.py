"""Tests of looking up UNKNOWN messages, and of recording what the gateway's list says of them."""

import asyncio
import socket

import pytest

from db.delivery import Settlement, claim_messages, settle_messages, what_waits
from db.sending import RunAccepted
from db.types import Pool
from db.unknown_messages import (
    UnknownMessages,
    claim_unknown,
    end_look_up,
    give_up_look_up,
    settle_unknown,
)
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice
from tests.support.raw_gateway import twilio
from tests.support.unknown_messages import listed
from workers.clock import Watched
from workers.unknown_messages import LookUp

LOCK = "select from contact_attempts where id = $1 for no key update"
LET_GO = "select logic.end_look_up(practice_id, run_id, position, null) from chunks"
CLAIM = "select logic.claim_messages(gen_random_uuid(), '10 s', 1, 9, null)"
WAITING = """
  select count(distinct l.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where not l.granted and a.datname = current_database()
"""


async def unanswered(practice: Practice, *recalls: int, look_after: float | None = 0) -> int:
    """Send the recalls, have the gateway leave the first message unanswered; return the run."""
    outcome = await practice.send(*recalls)
    assert isinstance(outcome, RunAccepted)
    claim = await claim_messages(practice.pool, lease=10, most=1)
    assert claim is not None
    unknown = [Settlement(message.attempt_id, "UNKNOWN") for message in claim.messages]
    await settle_messages(practice.pool, claim, unknown, retry_after=0, look_after=look_after)
    return outcome.run_id


async def taken(pool: Pool) -> UnknownMessages:
    unknown = await claim_unknown(pool, hold=60)
    assert unknown is not None
    return unknown


async def test_an_unknown_message_is_looked_up_while_others_of_its_chunk_are_sent(
    practice: Practice,
) -> None:
    # given
    other = await practice.recall(await practice.patient(mobile=a_mobile()))
    await unanswered(practice, await practice.recall(), other)
    assert (await what_waits(practice.pool)).ready

    # when
    unknown = await taken(practice.pool)

    # then
    [message] = unknown.messages
    sent = [Settlement(message.attempt_id, "SENT", "SM1")]
    await listed(practice.pool, unknown, message.mobile, sent)
    assert len(await practice.deliver()) == 1
    assert await practice.run_state(unknown.run_id) == "FINISHED"


async def test_messages_sent_meanwhile_put_off_no_look_up(practice: Practice) -> None:
    # given
    others = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(3)]
    await unanswered(practice, await practice.recall(), *others)
    due = await practice.pool.fetchval("select look_at from chunks")

    # when a worker that looks up after a minute sends another message
    claim = await claim_messages(practice.pool, lease=10, most=1)
    assert claim is not None
    [message] = claim.messages
    sent = [Settlement(message.attempt_id, "SENT", "SM1")]
    await settle_messages(practice.pool, claim, sent, retry_after=0, look_after=60)

    # then
    assert await practice.pool.fetchval("select look_at from chunks") == due


async def test_a_late_look_up_does_not_restart_a_run_that_is_over(practice: Practice) -> None:
    # given a worker that took a chunk to look up, which others have given up since
    recall = await practice.recall()
    run_id = await unanswered(practice, recall)
    late = await taken(practice.pool)
    await practice.retry_now()
    assert await give_up_look_up(practice.pool)
    assert await practice.run_state(run_id) == "FINISHED"

    # when
    [message] = late.messages
    never_taken = [Settlement(message.attempt_id, "QUEUED")]
    await listed(practice.pool, late, MOBILE, never_taken)

    # then a person decides
    assert await practice.attempt_states(recall) == ["UNKNOWN"]


async def test_a_run_ends_if_nobody_can_look_any_more(practice: Practice) -> None:
    # given
    run_id = await unanswered(practice, await practice.recall())

    # when
    while await give_up_look_up(practice.pool):
        continue

    # then
    assert await practice.run_state(run_id) == "FINISHED"
    assert not (await what_waits(practice.pool)).unsure


async def test_a_chunk_whose_messages_receipts_have_settled_is_released(practice: Practice) -> None:
    # given
    run_id = await unanswered(practice, await practice.recall())
    await practice.pool.execute("update contact_attempts set state = 'SENT', settled_at = now()")

    # when
    unknown = await taken(practice.pool)

    # then
    assert unknown.messages == []
    assert await practice.run_state(run_id) == "FINISHED"


async def test_a_message_never_taken_is_sent_even_if_the_worker_that_found_out_died(
    practice: Practice,
) -> None:
    # given
    await unanswered(practice, await practice.recall())
    unknown = await taken(practice.pool)
    [message] = unknown.messages
    never_taken = [Settlement(message.attempt_id, "QUEUED")]
    await settle_unknown(practice.pool, unknown, MOBILE, never_taken)

    # when
    await practice.retry_now()
    again = await taken(practice.pool)

    # then
    assert again.messages == []
    assert await practice.deliver() == [MOBILE]


async def test_two_look_ups_that_end_together_leave_a_claim_its_chunk(practice: Practice) -> None:
    # given two look-ups of the same message, one of which has recorded that it was never taken
    await unanswered(practice, await practice.recall())
    unknown = await taken(practice.pool)
    [message] = unknown.messages
    never_taken = [Settlement(message.attempt_id, "QUEUED")]
    await settle_unknown(practice.pool, unknown, MOBILE, never_taken)

    # when the chunk is released and claimed, while the other releases it too
    async with practice.pool.acquire() as connection, connection.transaction():
        await connection.execute(LET_GO)
        await connection.execute(CLAIM)
        ending = asyncio.create_task(end_look_up(practice.pool, unknown, look_again=60))
        await until_waiting(practice.pool, ending)
    await ending

    # then
    assert await practice.pool.fetchval("select state from chunks") == "CLAIMED"


@pytest.mark.parametrize("time_left", [True, False])
async def test_only_a_message_looked_up_in_vain_waits_to_be_looked_up_again(
    practice: Practice, time_left: bool
) -> None:
    # given a gateway that can't be reached
    await unanswered(practice, await practice.recall())
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with twilio("http://{}:{}".format(*nobody.getsockname())) as gateway:
            look_up = LookUp(
                practice.pool, gateway, conclusive_after=600, look_again=60, clock=Watched()
            )

            # when
            assert await look_up.next(lambda: time_left)

    # then
    assert (await what_waits(practice.pool)).unsure is not time_left


@pytest.mark.parametrize("at_once", [False, True])
async def test_one_message_in_the_list_belongs_to_one_practice(
    practice: Practice, at_once: bool
) -> None:
    # given two practices with one number, and one message in the list that may be either's
    other = await a_practice(practice.pool)
    recalls = [(each, await each.recall()) for each in (practice, other)]
    for each, recall in recalls:
        await unanswered(each, recall)
    looked = [await taken(practice.pool) for _ in range(2)]
    first, second = [unknown.messages[0].attempt_id for unknown in looked]

    # when
    settling = (
        settle_unknown(practice.pool, unknown, MOBILE, [Settlement(message, "SENT", "SM1")])
        for unknown, message in zip(looked, (first, second), strict=True)
    )
    if at_once:
        async with practice.pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK, first)
            one = asyncio.create_task(next(settling))
            await until_waiting(practice.pool, one)  # it has already seen which messages are known
            another = asyncio.create_task(next(settling))
            await until_waiting(practice.pool, one, another)
        await asyncio.gather(one, another)
    else:
        for each_of_them in settling:
            await each_of_them

    # then
    states = [(await each.attempt_states(recall))[0] for each, recall in recalls]
    assert sorted(states) == ["SENT", "UNKNOWN"]


async def until_waiting(pool: Pool, *tasks: asyncio.Task[None]) -> None:
    """Return once as many tasks wait for a lock, or the last of them has ended anyway."""
    async with asyncio.timeout(10):
        while not tasks[-1].done() and await pool.fetchval(WAITING) < len(tasks):
            await asyncio.sleep(0.001)
