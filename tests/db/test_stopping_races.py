"""Tests of stopping a run while workers claim from it, and while others stop it."""

import asyncio

import pytest

from db.delivery import claim_messages, settle_messages
from tests.db.test_settle import all_of, claimed
from tests.db.test_stopping import CANCELLED, audited, becomes, run_as_shown, run_of
from tests.support.practice import Practice, a_mobile, somebody_waits
from tests.support.simulated import until

NOT_TAKEN = """
  update contact_attempts set state = 'QUEUED', handed_over_at = null where state = 'SENDING';
  update chunks set state = 'READY', claim_token = null, claim_deadline = null, not_before = now();
"""
"""A worker's word that the gateway took none of its messages, without waiting for the run."""


async def test_stopping_a_run_concurrently_stops_it_once(practice: Practice) -> None:
    # given
    run_id = run_of(await practice.send(await practice.recall(), hold=60))

    # when
    await asyncio.gather(*(practice.stop(run_id) for _ in range(6)))

    # then
    assert await audited(practice) == [f"Run:{run_id}"]


@pytest.mark.parametrize("ready", ["from the start", "meanwhile"])
async def test_a_claim_in_the_middle_of_a_stop_takes_nothing(
    practice: Practice, ready: str
) -> None:
    # given a stop that waits for a transaction that has locked the run
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    if ready == "meanwhile":
        await claimed(practice)
    async with practice.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("select from runs where id = $1 for update", run_id)
        stopping = asyncio.create_task(practice.stop(run_id))
        await until(lambda: somebody_waits(practice.pool))
        if ready == "meanwhile":
            await practice.pool.execute(NOT_TAKEN)

        # when
        claiming = asyncio.create_task(claim_messages(practice.pool, lease=10))
        await asyncio.wait([claiming], timeout=0.2)
        await transaction.rollback()
    claim, _ = await asyncio.gather(claiming, stopping)

    # then neither waits for the other
    assert claim is None or claim.messages == []
    assert await practice.deliver() == []
    assert await becomes(practice, recall) == CANCELLED


async def test_a_message_that_went_while_the_stop_waited_went_before_it(practice: Practice) -> None:
    # given a stop that waits for a planner
    run_id = run_of(await practice.send(await practice.recall()))
    async with practice.pool.acquire() as other, other.transaction():
        await other.execute("select logic.lock_steps($1)", practice.id)
        stopping = asyncio.create_task(practice.stop(run_id))
        await until(lambda: somebody_waits(practice.pool))

        # when
        await claimed(practice)
    await stopping

    # then
    assert await practice.pool.fetchval(
        "select r.stopped_at > a.handed_over_at from runs r, contact_attempts a"
    )


async def test_claims_and_stops_at_the_same_moment_agree(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.CHUNK", 1)
    for _ in range(10):
        recalls = [
            await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(4)
        ]
        run_id = run_of(await practice.send(*recalls))

        # when
        *claims, _ = await asyncio.gather(
            *(claim_messages(practice.pool, lease=10, most=1) for _ in range(4)),
            practice.stop(run_id),
        )

        # then
        handed = [claim for claim in claims if claim is not None]
        for claim in handed:
            await settle_messages(practice.pool, claim, all_of(claim, "SENT"), retry_after=0)
        assert await practice.deliver() == []
        run = await run_as_shown(practice, run_id)
        assert (run["state"], run["sent"], run["cancelled"]) == (
            "FINISHED",
            len(handed),
            4 - len(handed),
        )
