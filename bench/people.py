"""The staff of two practices: each send is of a new recall, each block of a new number."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bench.client import Client
from bench.data import FIRST_MOBILE, LARGE_PRACTICE, OTHER_PRACTICE, recalls_by_hand
from bench.gateway import Gateway
from bench.stage import Stage
from bench.waiting import until
from core.identity import Role
from db.tokens import create_token
from db.types import Pool


class People:
    """Staff who send by hand and block, and how long that took them, in seconds."""

    def __init__(
        self, clients: dict[int, Client], by_hand: dict[int, list[tuple[int, str]]], numbers: range
    ) -> None:
        self._clients = clients
        self._by_hand = by_hand
        # The same in each run of the bench: what is measured should not depend on luck.
        self._luck = random.Random(1)  # noqa: S311
        self._numbers = numbers
        self._blocked: set[int] = set()
        self._sent: list[tuple[int, str, float]] = []
        self._block_times: list[float] = []

    def pause(self) -> float:
        """Return a time of up to 0.1 s, so that sends meet the worker at any point of its cycle."""
        return self._luck.uniform(0, 0.1)

    async def start_run(self) -> None:
        """Ask for the large run."""
        await self._clients[LARGE_PRACTICE].start_run()

    async def send(self, practice: int, count: int = 1) -> None:
        """Send ``count`` recalls of the practice by hand, with one request."""
        chosen = [self._by_hand[practice].pop() for _ in range(count)]
        start = time.time()
        self._sent += [(practice, number, start) for _, number in chosen]
        await self._clients[practice].send(*(recall for recall, _ in chosen))

    async def block(self) -> None:
        """Block a random number of the large run, in its practice."""
        number = self._luck.choice(self._numbers)
        while number in self._blocked:
            number = self._luck.choice(self._numbers)
        self._blocked.add(number)
        start = time.perf_counter()
        await self._clients[LARGE_PRACTICE].block(f"+{number}")
        self._block_times.append(time.perf_counter() - start)

    async def send_times(self, gateway: Gateway) -> dict[int, list[float]]:
        """Wait until all that was sent has arrived; return how long it took, by practice.

        Times run from just before the request until the gateway has read the message, and are
        then forgotten.
        """
        numbers = {number for _, number, _ in self._sent}

        async def arrived() -> bool:
            return numbers <= {number for number, _ in (await gateway.arrivals()).watched}

        await until(arrived, 60, "the messages that were sent by hand")
        times = dict((await gateway.arrivals()).watched)
        waited: dict[int, list[float]] = {LARGE_PRACTICE: [], OTHER_PRACTICE: []}
        for practice, number, start in self._sent:
            waited[practice].append(times[number] - start)
        self._sent.clear()
        return waited

    def block_times(self) -> list[float]:
        """Return how long the blocks took to be answered, and forget them."""
        times, self._block_times = self._block_times, []
        return times


@asynccontextmanager
async def people(stage: Stage, pool: Pool, api_url: str) -> AsyncIterator[People]:
    """Yield people who use the API."""
    async with aiohttp.ClientSession(api_url) as http:
        clients, by_hand = {}, {}
        for practice in (LARGE_PRACTICE, OTHER_PRACTICE):
            token = await create_token(pool, practice, "Reception", Role.ADMIN)
            clients[practice] = Client(http, token)
            by_hand[practice] = await recalls_by_hand(pool, practice)
        yield People(clients, by_hand, range(FIRST_MOBILE, FIRST_MOBILE + stage.sizes.large))
