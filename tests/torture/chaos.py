"""Blows to the processes, the network and the servers while messages go out."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.torture.practice import persistent
from tests.torture.programs import Program
from tests.torture.stage import API_DATABASE, GATEWAY, LEASE, WORKERS_DATABASE, Stage
from tests.torture.upgrades import Upgrades

Blow = Callable[[], Awaitable[None]]


class Chaos:
    """The possible blows; after each, things can go on."""

    def __init__(self, stage: Stage, random: Random, counts: Counter[str]) -> None:
        self._stage = stage
        self._random = random
        self._upgrades = Upgrades(stage, counts)

    async def worker_killed(self) -> None:
        """Kill a worker; it is restarted like any that ends."""
        await self._random.choice(self._stage.workers).kill()

    async def worker_frozen(self) -> None:
        """Freeze a worker past its lease."""
        await self._freeze(1)

    async def two_workers_frozen(self) -> None:
        """Freeze two workers past their leases."""
        await self._freeze(2)

    async def _freeze(self, count: int) -> None:
        await self._freeze_all(self._random.sample(self._stage.workers, count))

    async def _freeze_all(self, frozen: Sequence[Program]) -> None:
        for program in frozen:
            program.freeze()
        await asyncio.sleep(LEASE + self._random.uniform(0.3, 2))
        for program in frozen:
            program.thaw()

    async def api_killed(self) -> None:
        """Kill the API, whatever it was about to answer; it is restarted."""
        await self._stage.api_program.kill()

    async def api_frozen(self) -> None:
        """Freeze the API for longer than a lease."""
        await self._freeze_all([self._stage.api_program])

    async def worker_connections_cut(self) -> None:
        """Have PostgreSQL end the workers' sessions."""
        await self._cut("recalls worker%")

    async def api_connections_cut(self) -> None:
        """Have PostgreSQL end the API's sessions."""
        await self._cut("recalls api%")

    async def _cut(self, application: str) -> None:
        await persistent(
            lambda: self._stage.pool.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name like $1",
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
        """Delete everything in Valkey."""
        await self._stage.valkey.flush()

    async def valkey_connections_cut(self) -> None:
        """Have Valkey close every connection."""
        await self._stage.valkey.cut()

    async def valkey_frozen(self) -> None:
        """Keep Valkey from answering for some seconds."""
        self._stage.valkey.freeze()
        await asyncio.sleep(self._random.uniform(1, 3))
        self._stage.valkey.thaw()

    async def valkey_restarted(self) -> None:
        """Stop Valkey for some seconds, then start it empty."""
        await self._stage.valkey.stop()
        await asyncio.sleep(self._random.uniform(1, 3))
        await self._stage.valkey.start()

    async def requests_to_the_gateway_lost(self) -> None:
        """Let nothing through to the gateway: it gets no messages, and nobody learns of that."""
        await self._network(f"{GATEWAY} lose requests", f"{GATEWAY} pass")

    async def answers_of_the_gateway_lost(self) -> None:
        """Let nothing through from the gateway: it has the messages, but nobody learns of that."""
        await self._network(f"{GATEWAY} lose answers", f"{GATEWAY} pass")

    async def workers_database_out_of_reach(self) -> None:
        """Hold everything between workers and database for a while, then let it through."""
        await self._network(f"{WORKERS_DATABASE} hold both", f"{WORKERS_DATABASE} pass")

    async def workers_commits_unanswered(self) -> None:
        """Let the workers' statements through but no answers, then cut the connections."""
        await self._network(f"{WORKERS_DATABASE} hold answers", f"{WORKERS_DATABASE} cut")

    async def api_database_out_of_reach(self) -> None:
        """Hold everything between API and database for a while, then let it through."""
        await self._network(f"{API_DATABASE} hold both", f"{API_DATABASE} pass")

    async def api_commits_unanswered(self) -> None:
        """Let the API's statements through but no answers, then cut the connections."""
        await self._network(f"{API_DATABASE} hold answers", f"{API_DATABASE} cut")

    async def _network(self, fault: str, end: str) -> None:
        self._stage.network.tell(fault)
        await asyncio.sleep(self._random.uniform(0.5, LEASE + 2))
        self._stage.network.tell(end)

    @property
    def decks(self) -> list["Deck"]:
        """Return the blows; those of one deck never fall at the same time."""
        # Restarting the API takes seconds in which nobody sends or blocks.
        often, seldom, rarely = (0.5, 2.0), (1.0, 4.0), (3.0, 9.0)
        return [
            Deck([self.worker_killed, self.worker_frozen, self.two_workers_frozen], often),
            Deck(
                [
                    self.worker_connections_cut,
                    self.postgres_crashed,
                    self.valkey_flushed,
                    self.valkey_connections_cut,
                    self.valkey_frozen,
                    self.valkey_restarted,
                    self._upgrades.migrated_in_the_way,
                ],
                often,
            ),
            Deck([self.api_killed, self.api_frozen, self.api_connections_cut], rarely),
            Deck(
                [
                    self.requests_to_the_gateway_lost,
                    self.answers_of_the_gateway_lost,
                    self.workers_database_out_of_reach,
                    self.workers_commits_unanswered,
                    self.api_database_out_of_reach,
                    self.api_commits_unanswered,
                ],
                seldom,
            ),
            Deck([self._upgrades.migrated], rarely),
        ]


@dataclass(frozen=True, slots=True)
class Deck:
    """Blows, and the fewest and the most seconds between two of them."""

    blows: list[Blow]
    pause: tuple[float, float]


async def strike(
    deck: Deck,
    random: Random,
    counts: Counter[str],
    *,
    once_through: asyncio.Event,
    enough: asyncio.Event,
) -> None:
    """Strike the deck's blows in random order, again and again, until it is ``enough``."""
    while not enough.is_set():
        for blow in random.sample(deck.blows, len(deck.blows)):
            await asyncio.sleep(random.uniform(*deck.pause))
            if not enough.is_set():
                await blow()
                counts[blow.__name__.replace("_", " ")] += 1
        once_through.set()
