"""Wakes the workers: jobs name a kind of work and may be lost; the sweeper queues them again."""

import asyncio
import logging
from typing import Any

import arq
import orjson
from arq.connections import ArqRedis
from redis.exceptions import RedisError

from workers.arq_patches import queue_settings

logger = logging.getLogger(__name__)


QUEUED = "recalls:queued"
"""Valkey's channel on which workers are told that a job was queued: they look only now and then."""


async def enqueue(redis: ArqRedis, job: str, *, after: int = 0) -> None:
    """Queue a job that is due ``after`` seconds from now; if that is at once, tell the workers."""
    await redis.enqueue_job(job, _defer_by=after or None)
    if not after:
        await redis.publish(QUEUED, job)


def read(job: bytes) -> dict[str, Any]:
    """Read a job, as JSON because the default (pickle) would run what it is given."""
    content: dict[str, Any] = orjson.loads(job)
    return content


class Queue:
    """The way from an accepted run to a worker."""

    def __init__(self, valkey_url: str) -> None:
        self._settings = queue_settings(valkey_url)
        # One quick try: the request that started the run is waiting for its answer.
        self._settings.conn_retries = 0
        self._redis: ArqRedis | None = None
        self._connecting = asyncio.Lock()

    async def wake_planner(self) -> None:
        """Have the waiting runs planned, and their messages delivered."""
        await self._enqueue("plan")

    async def wake_canceller(self) -> None:
        """Have the waiting messages of stopped runs cancelled."""
        await self._enqueue("cancel")

    async def wake_delivery(self, *, after: int = 0) -> None:
        """Have what is ready delivered, or what will be ready ``after`` seconds from now."""
        await self._enqueue("deliver", after=after)

    async def ping(self) -> bool:
        """Return whether Valkey answers."""
        try:
            await (await self._connected()).ping()
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _enqueue(self, job: str, *, after: int = 0) -> None:
        try:
            await enqueue(await self._connected(), job, after=after)
        except (RedisError, OSError):
            # The run is in PostgreSQL; the sweeper finds it once Valkey is back.
            logger.warning("Valkey can't be reached; job %s waits for the sweeper", job)

    async def _connected(self) -> ArqRedis:
        async with self._connecting:
            if self._redis is None:
                self._redis = await arq.create_pool(
                    self._settings, job_serializer=orjson.dumps, job_deserializer=read
                )
        return self._redis
