"""What is done to the processes, the database and Valkey while messages go out."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from tests.torture.practice import persistent
from tests.torture.stage import LEASE, Stage

PAUSE = (0.3, 1.2)
"""Seconds between two blows of a deck."""
Blow = Callable[[], Awaitable[None]]


class Chaos:
    """The blows that can be struck; each leaves things able to go on."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self._stage = stage
        self._random = random

    async def worker_killed(self) -> None:
        """Kill a worker; it is started again as any that ended."""
        await self._random.choice(self._stage.workers).kill()

    async def worker_frozen(self) -> None:
        """Freeze a worker past its lease."""
        await self._freeze(1)

    async def two_workers_frozen(self) -> None:
        """Freeze two workers past their leases."""
        await self._freeze(2)

    async def _freeze(self, count: int) -> None:
        frozen = self._random.sample(self._stage.workers, count)
        for worker in frozen:
            worker.freeze()
        await asyncio.sleep(LEASE + self._random.uniform(0.3, 2))
        for worker in frozen:
            worker.thaw()

    async def worker_connections_cut(self) -> None:
        """Have PostgreSQL end the workers' sessions."""
        await self._cut("recalls worker")

    async def api_connections_cut(self) -> None:
        """Have PostgreSQL end the API's sessions."""
        await self._cut("recalls api")

    async def _cut(self, application: str) -> None:
        await persistent(
            lambda: self._stage.pool.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = $1",
                application,
            )
        )

    async def postgres_crashed(self) -> None:
        """Kill one of PostgreSQL's sessions: it drops all of them and recovers."""
        pid = await persistent(
            lambda: self._stage.pool.fetchval(
                "select pid from pg_stat_activity where application_name = 'recalls worker'"
                " order by pid limit 1"
            )
        )
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    async def valkey_flushed(self) -> None:
        """Lose all that is in Valkey."""
        await self._stage.valkey.flush()

    async def valkey_connections_cut(self) -> None:
        """Have Valkey close every connection."""
        await self._stage.valkey.cut()

    async def valkey_frozen(self) -> None:
        """Let Valkey answer nobody for some seconds."""
        self._stage.valkey.freeze()
        await asyncio.sleep(self._random.uniform(1, 3))
        self._stage.valkey.thaw()

    async def valkey_restarted(self) -> None:
        """Have no Valkey for some seconds, then an empty one."""
        await self._stage.valkey.stop()
        await asyncio.sleep(self._random.uniform(1, 3))
        await self._stage.valkey.start()

    @property
    def decks(self) -> list[list[Blow]]:
        """The blows; those of one deck never fall at the same time."""
        return [
            [self.worker_killed, self.worker_frozen, self.two_workers_frozen],
            [
                self.worker_connections_cut,
                self.api_connections_cut,
                self.postgres_crashed,
                self.valkey_flushed,
                self.valkey_connections_cut,
                self.valkey_frozen,
                self.valkey_restarted,
            ],
        ]


async def strike(
    deck: Sequence[Blow],
    random: Random,
    counts: Counter[str],
    *,
    once_through: asyncio.Event,
    enough: asyncio.Event,
) -> None:
    """Strike the blows of the deck in any order, again and again, until it is ``enough``."""
    while not enough.is_set():
        for blow in random.sample(deck, len(deck)):
            await asyncio.sleep(random.uniform(*PAUSE))
            if not enough.is_set():
                await blow()
                counts[blow.__name__.replace("_", " ")] += 1
        once_through.set()
