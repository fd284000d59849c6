"""The health check of the API's dependencies."""

import asyncio
from collections.abc import Awaitable

import asyncpg

from db.types import Pool
from workers.queue import Queue

HEALTH_SECONDS = 3.0
"""Seconds until /healthz reports a dependency as down, including the wait for a connection."""


class Health:
    """Asks the database and Valkey whether they answer."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue
        self._looking: asyncio.Task[dict[str, bool]] | None = None

    async def __call__(self) -> dict[str, bool]:
        """Return which dependencies answer. Concurrent calls share one check and its connection."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> dict[str, bool]:
        database, valkey = await asyncio.gather(
            _within(self._pool.fetchval("select true")), _within(self._queue.ping())
        )
        return {"database": database, "valkey": valkey}


async def _within(asking: Awaitable[bool]) -> bool:
    """Return the answer, or False if that fails or takes too long."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            return await asking
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
