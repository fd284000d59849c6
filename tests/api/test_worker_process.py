"""Tests of the worker as the shipped process: killed, stopped, and without Valkey."""

import asyncio
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from dev.servers.running import ServerUrls
from tests.support.operations import OPERATIONS, SEND
from tests.support.practice import MOBILE
from tests.support.served import Served
from tests.support.simulated import until
from tests.support.worker_process import worker


@pytest.fixture
async def queued(served: Served) -> int:
    """A recall whose message was accepted but not yet handed over."""
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="queued")
    return recall


async def handing_over(served: Served) -> None:
    """Wait until the gateway has the message, which it has not answered yet."""

    async def reached() -> bool:
        return bool(await served.got(MOBILE))

    await until(reached, seconds=15)


async def test_a_message_in_the_hands_of_a_killed_worker_is_unknown_and_not_sent_again(
    served: Served, servers: ServerUrls, queued: int, tmp_path: Path
) -> None:
    # given a worker that is killed while it waits for the gateway's answer
    await served.misbehave(latency_ms=60_000, drop_receipts=1.0)
    async with worker(tmp_path / "log") as process:
        await handing_over(served)
        process.kill()
    await served.misbehave(latency_ms=0)
    assert await served.practice.attempt_states(queued) == ["SENDING"]
    # when its lease and the grace have run out
    await served.practice.pool.execute(
        "update chunks set claim_deadline = claim_deadline - interval '1 hour'"
    )
    async with Redis.from_url(servers.valkey_url) as valkey:
        await valkey.flushdb()  # arq would wait minutes for the job that the dead worker held
    await served.work()
    await served.work()
    # then
    assert await served.practice.attempt_states(queued) == ["UNKNOWN"]
    assert len(await served.got(MOBILE)) == 1
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (run["state"], run["unknown"]) == ("SENDING", 1)  # the gateway has yet to be asked


async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_in_hand(
    served: Served, queued: int, tmp_path: Path
) -> None:
    # given
    await served.misbehave(latency_ms=500, drop_receipts=1.0)
    async with worker(tmp_path / "log") as process:
        await handing_over(served)
        # when
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            code = await process.wait()
    # then
    assert code == 0
    assert await served.practice.attempt_states(queued) == ["SENT"]


async def test_a_job_that_valkey_lost_is_recovered(
    served: Served, servers: ServerUrls, queued: int
) -> None:
    # given
    async with Redis.from_url(servers.valkey_url) as valkey:
        await valkey.flushdb()
    # when
    await served.work()
    # then
    await served.until_states(queued, "DELIVERED")


async def cut_others(valkey: Redis) -> None:
    """Cut every other connection to this Valkey database: other databases are other tests'."""
    this = await valkey.client_info()
    here = [one for one in await valkey.client_list(_type="normal") if int(one["db"]) == this["db"]]
    others = {int(one["id"]) for one in here} - {this["id"]}
    assert others
    for other in others:
        await valkey.client_kill_filter(_id=str(other))


async def test_a_worker_goes_on_after_losing_valkey_and_logs_no_patient(
    served: Served, servers: ServerUrls, queued: int, tmp_path: Path
) -> None:
    # given a worker and an API whose connections are cut and whose jobs are gone
    log = tmp_path / "log"
    async with worker(log):
        await served.until_states(queued, "DELIVERED", seconds=15)
        async with Redis.from_url(servers.valkey_url) as valkey:
            await valkey.flushdb()
            await cut_others(valkey)
        # when
        other = await served.practice.recall(await served.practice.patient(first_name="Zed"))
        await served.call(SEND, recallIds=[f"Recall:{other}"], idempotencyKey="b")
        # then
        await served.until_states(other, "DELIVERED", seconds=15)
    written = log.read_text()
    assert written
    assert MOBILE not in written
    assert "Smith" not in written
