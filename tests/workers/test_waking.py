"""Tests that a worker hears of jobs that are queued, and doesn't wait for its next poll."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from arq import Worker
from arq.connections import ArqRedis, RedisSettings, create_pool

from dev.servers.running import ServerUrls
from tests.support.simulated import until
from workers.queue import enqueue
from workers.waking import Ear

NEVER = 3600.0


async def look(_context: Any) -> None:
    """Do nothing."""


JOBS: Any = [look]


@dataclass
class Listener:
    """A worker that has polled and from now on only listens."""

    redis: ArqRedis
    worker: Worker


@pytest.fixture
async def listener(servers: ServerUrls) -> AsyncIterator[Listener]:
    ear = Ear()

    async def listen(ctx: Any) -> None:  # noqa: ARG001
        await ear.open(worker)

    redis = await create_pool(
        RedisSettings.from_dsn(servers.valkey_url), default_queue_name="waking"
    )
    await redis.flushdb()
    worker = Worker(
        JOBS,
        queue_name="waking",
        redis_pool=redis,
        handle_signals=False,
        poll_delay=NEVER,
        on_startup=listen,
        on_shutdown=ear.close,
    )
    running = asyncio.create_task(worker.async_run())

    async def polled() -> bool:
        return bool(await redis.exists(worker.health_check_key))

    await until(polled)
    yield Listener(redis, worker)
    await worker.close()
    await asyncio.wait([running])


async def test_a_job_is_started_when_it_is_queued(listener: Listener) -> None:
    async def ran() -> bool:
        return listener.worker.jobs_complete == 1

    # when
    await enqueue(listener.redis, "look")
    # then
    await until(ran)
