"""Tests of settling and sweeping: what is recorded of a claim, by whom, and when it's too late."""

import asyncio

import pytest

from db.delivery import (
    Claim,
    Settlement,
    claim_messages,
    settle_messages,
    what_waits,
)
from db.sending import RunAccepted
from tests.support.practice import MOBILE, Practice, a_mobile
from tests.support.simulated import until


async def claimed(practice: Practice) -> Claim:
    """Claim the messages that are ready; fail if there are none."""
    claim = await claim_messages(practice.pool, lease=10)
    assert claim is not None
    return claim


def all_of(claim: Claim, state: str, **facts: str) -> list[Settlement]:
    """Return the same outcome for every message of the claim."""
    return [Settlement(message.attempt_id, state, **facts) for message in claim.messages]


async def test_settling_records_each_message_and_ends_the_run(practice: Practice) -> None:
    # given
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(3)]
    outcome = await practice.send(*recalls)
    claim = await claimed(practice)
    sent, failed, unknown = [message.attempt_id for message in claim.messages]

    # when
    ours = await settle_messages(
        practice.pool,
        claim,
        [
            Settlement(sent, "SENT", gateway_id="SM1"),
            Settlement(failed, "FAILED", failure="21211"),
            Settlement(unknown, "UNKNOWN"),
        ],
        retry_after=0,
    )

    # then
    assert ours
    rows = await practice.pool.fetch(
        "select id, state, gateway_id, failure, settled_at is null from contact_attempts"
    )
    assert {row["id"]: tuple(row)[1:] for row in rows} == {
        sent: ("SENT", "SM1", None, False),
        failed: ("FAILED", None, "21211", False),
        unknown: ("UNKNOWN", None, None, True),
    }
    assert isinstance(outcome, RunAccepted)
    assert await practice.run_state(outcome.run_id) == "FINISHED"


async def test_a_message_that_the_gateway_did_not_take_goes_again(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    claim = await claimed(practice)

    # when
    await settle_messages(practice.pool, claim, all_of(claim, "QUEUED"), retry_after=0)

    # then
    assert await claim_messages(practice.pool, lease=10) is None
    await practice.retry_now()
    assert await practice.deliver() == [MOBILE]
    assert await practice.attempt_states(recall) == ["SENT"]


async def test_a_retry_waits_longer_each_time_and_as_long_as_the_gateway_asks(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())
    waits = []

    # when
    for asked in (0, 0, 0, 300):
        await practice.retry_now()
        claim = await claimed(practice)
        await settle_messages(practice.pool, claim, all_of(claim, "QUEUED"), retry_after=asked)
        waits.append(
            await practice.pool.fetchval(
                "select extract(epoch from not_before - clock_timestamp())::float from chunks"
            )
        )

    # then
    assert waits == pytest.approx([1, 2, 4, 300], abs=0.9)


async def test_a_block_stops_a_message_that_waits_for_another_try(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.deliver(state="QUEUED")

    # when
    await practice.block()
    await practice.retry_now()

    # then
    assert await practice.deliver() == []
    assert await practice.attempt_states(recall) == ["REFUSED"]


async def test_a_late_settle_with_an_old_token_leaves_the_live_claim_alone(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    old = await claimed(practice)
    await settle_messages(practice.pool, old, all_of(old, "QUEUED"), retry_after=0)
    await practice.retry_now()
    live = await claimed(practice)

    # when
    answers = [
        await settle_messages(practice.pool, old, all_of(old, state), retry_after=0)
        for state in ("QUEUED", "FAILED", "SENT")
    ]

    # then
    assert answers == [False, False, False]
    assert await practice.attempt_states(recall) == ["SENDING"]
    assert await practice.pool.fetchval("select claim_token from chunks") == live.token
    assert await claim_messages(practice.pool, lease=10) is None
    assert await settle_messages(practice.pool, live, all_of(live, "SENT"), retry_after=0)
    assert await practice.attempt_states(recall) == ["SENT"]


async def test_the_sweep_leaves_a_claim_within_its_lease_alone(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())
    await claimed(practice)

    # when
    swept = await practice.sweep()

    # then
    assert swept == 0


async def test_the_sweep_makes_a_dead_workers_messages_unknown(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    outcome = await practice.send(recall)
    await claimed(practice)
    await practice.leases_run_out()

    # when
    swept = await practice.sweep()

    # then
    assert swept == 1
    assert await practice.attempt_states(recall) == ["UNKNOWN"]
    assert isinstance(outcome, RunAccepted)
    assert await practice.run_state(outcome.run_id) == "FINISHED"
    assert await practice.deliver() == []


@pytest.mark.parametrize(
    ("late", "kept"),
    [("SENT", "SENT"), ("FAILED", "UNKNOWN"), ("QUEUED", "UNKNOWN"), ("UNKNOWN", "UNKNOWN")],
)
async def test_a_settle_after_the_sweep_keeps_only_accepted_messages(
    practice: Practice, late: str, kept: str
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    claim = await claimed(practice)
    await practice.leases_run_out()
    await practice.sweep()

    # when
    ours = await settle_messages(practice.pool, claim, all_of(claim, late), retry_after=0)

    # then
    assert not ours
    assert await practice.attempt_states(recall) == [kept]
    assert not (await what_waits(practice.pool)).ready


async def test_two_chunks_settled_at_the_same_moment_end_their_run(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.CHUNK", 1)
    outcome = await practice.send(await practice.recall(), await practice.recall())
    first, second = await claimed(practice), await claimed(practice)

    async def both_wait() -> bool:
        waiting = (
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock'"
        )
        return bool(await practice.pool.fetchval(waiting) == 2)

    async with practice.pool.acquire() as other, other.transaction():
        await other.execute("select from runs for update")

        # when
        settling = [
            asyncio.create_task(
                settle_messages(practice.pool, claim, all_of(claim, "SENT"), retry_after=0)
            )
            for claim in (first, second)
        ]
        await until(both_wait)
    await asyncio.gather(*settling)

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.run_state(outcome.run_id) == "FINISHED"
