"""Tests of what wakes the workers, and of what the sweeper does if nothing did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

from core.identity import Actor
from db.delivery import claim_messages
from db.sending import RunAccepted, start_automated_run
from dev.servers.running import ServerUrls
from tests.support.operations import AUTOMATE, SEND, STOP
from tests.support.practice import MOBILE
from tests.support.served import Served
from workers.jobs import resources, sweep
from workers.queue import read


@pytest.fixture
async def valkey(servers: ServerUrls) -> ArqRedis:
    return await create_pool(RedisSettings.from_dsn(servers.valkey_url), job_deserializer=read)


async def jobs(valkey: ArqRedis) -> list[tuple[str, list[Any]]]:
    """Return the name and the arguments of each waiting job."""
    queued = await valkey.queued_jobs()
    await valkey.aclose()
    return [(job.function, list(job.args)) for job in queued]


async def test_a_send_by_hand_wakes_delivery_and_names_no_patient(
    served: Served, valkey: ArqRedis
) -> None:
    # given
    recall = await served.practice.recall()
    # when
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    # then
    assert await jobs(valkey) == [("deliver", [])]


async def test_an_automated_run_wakes_the_planner_and_is_not_named(
    served: Served, valkey: ArqRedis
) -> None:
    # given
    await served.practice.recall()
    # when
    await served.call(AUTOMATE, idempotencyKey="a")
    # then
    assert await jobs(valkey) == [("plan", [])]


async def test_a_stop_wakes_the_canceller(served: Served, valkey: ArqRedis) -> None:
    # given
    recall = await served.practice.recall()
    run = await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    # when
    await served.call(STOP, runId=run["id"])
    # then
    assert ("cancel", []) in await jobs(valkey)


async def test_the_sweeper_begins_a_run_whose_time_has_come(served: Served) -> None:
    # given a practice that may send all day long, and whose run is due
    recall = await served.practice.recall()
    await served.practice.pool.execute(
        "update practices set send_from = '00:00', send_until = '23:59:59.999', next_run_at = now()"
    )
    # when
    await served.work()
    # then
    assert len(await served.got(MOBILE)) == 1
    [attempt] = await served.practice.attempts(recall)
    assert (attempt["trigger"], attempt["actor"]) == ("AUTOMATED", None)


async def test_the_sweeper_plans_a_run_whose_job_was_lost(served: Served) -> None:
    # given a run that was accepted while nobody could be woken
    await served.practice.recall()
    practice = served.practice
    run = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="a", actor=Actor("Reception")
    )
    assert isinstance(run, RunAccepted)
    # when
    await served.work()
    # then
    assert await practice.run_state(run.run_id) == "FINISHED"
    assert len(await served.got(MOBILE)) == 1


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


@pytest.mark.parametrize(("jumps", "becomes"), [(True, "SENDING"), (False, "UNKNOWN")])
async def test_no_claim_is_given_up_if_the_databases_clock_jumped(
    served: Served, valkey: ArqRedis, jumps: bool, becomes: str
) -> None:
    # given a claim whose deadline seems to have passed long ago
    recall = await served.practice.recall()
    await served.practice.send(recall)
    await claim_messages(served.practice.pool, lease=10)
    await served.practice.pool.execute(
        "update chunks set claim_deadline = claim_deadline - interval '1 hour'"
    )
    async with resources() as context:
        if jumps:
            context["database_clock"].look(an_hour_ago())
        # when
        await sweep(context | {"redis": valkey})
    await valkey.aclose()
    # then
    assert await served.practice.attempt_states(recall) == [becomes]


@pytest.mark.parametrize(("jumps", "becomes"), [(True, "UNKNOWN"), (False, "QUEUED")])
async def test_no_message_is_thought_never_taken_if_the_databases_clock_jumped(
    served: Served, jumps: bool, becomes: str
) -> None:
    # given an unanswered message that seems to have been handed over an hour ago
    recall = await served.practice.recall()
    await served.practice.send(recall)
    await served.practice.deliver(state="UNKNOWN")
    await served.practice.pool.execute(
        "update contact_attempts set handed_over_at = handed_over_at - interval '1 hour'"
    )
    await served.practice.pool.execute("update chunks set state = 'UNSURE', look_at = now()")
    async with resources() as context:
        if jumps:
            context["database_clock"].look(an_hour_ago())
        # when
        await context["look_up"].next()
    # then
    assert await served.practice.attempt_states(recall) == [becomes]
