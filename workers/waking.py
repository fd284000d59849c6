"""Has a worker start jobs at the moment when they are queued, and not when it next polls."""

import asyncio
import time
from typing import Any

from arq import Worker
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from workers.arq_patches import may_go_on
from workers.queue import QUEUED


class Ear:
    """A worker's subscription to what is queued. If it is lost, the worker goes on polling."""

    def __init__(self) -> None:
        self._listening: asyncio.Task[None] | None = None

    async def open(self, worker: Worker) -> None:
        """Subscribe, over the worker's connections."""
        channel = worker.pool.pubsub()
        await channel.subscribe(QUEUED)
        self._listening = asyncio.create_task(_listen(channel, worker))

    async def close(self, ctx: dict[Any, Any]) -> None:  # noqa: ARG002
        """End the subscription."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])


async def _listen(channel: PubSub, worker: Worker) -> None:
    try:
        async for _ in channel.listen():
            if may_go_on(worker):
                now = time.time() * 1000
                due = await worker.pool.zrangebyscore(
                    worker.queue_name, "-inf", now, start=0, num=worker.max_jobs
                )
                await worker.start_jobs(due)
    except (RedisError, OSError):
        return  # the worker's own poll meets the same, and a new worker follows
    finally:
        await channel.aclose()  # type: ignore[no-untyped-call]
