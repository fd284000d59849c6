"""People at work while the database is migrated, each act begun whether or not the last is done.

- Somebody reads the first page of the blocked recalls, in another practice each time.
- Somebody sends one recall by hand, every other time in the large practice, while there are any.
- Somebody blocks a number in the large practice; the number is no patient's.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from itertools import count, cycle

import aiohttp

from bench.client import Client
from bench.many.figures import WRONG, Waits
from bench.many.service import Act
from bench.upgrading.data import LARGE, ByHand
from core.identity import Role
from db.tokens import create_token
from db.types import Pool

READ_EACH, SEND_EACH, BLOCK_EACH = 0.1, 1.0, 0.5
"""Seconds from the beginning of one act to that of the next."""
FIRST_BLOCKED = 61480000000


class Users:
    """The practices' staff."""

    def __init__(self, clients: dict[int, Client], by_hand: Sequence[ByHand]) -> None:
        self._clients = clients
        self._readers = cycle(clients.values())
        self._by_hand = list(reversed(by_hand))
        self._blocked = count(FIRST_BLOCKED)
        self.sent: list[tuple[str, float]] = []
        """Number and time of each send that was accepted; the times are the machine's clock's."""

    @classmethod
    async def of(
        cls,
        pool: Pool,
        http: aiohttp.ClientSession,
        practices: Sequence[int],
        by_hand: Sequence[ByHand],
    ) -> "Users":
        """Return the staff of these practices, who use the API that ``http`` goes to."""
        clients = {
            practice: Client(http, await create_token(pool, practice, "Staff", Role.ADMIN))
            for practice in practices
        }
        return cls(clients, by_hand)

    def move(self, http: aiohttp.ClientSession) -> None:
        """Use the API that ``http`` goes to from now on."""
        for client in self._clients.values():
            client.http = http

    async def start_run(self, practice: int) -> str:
        """Start an automated run in the practice; return its id."""
        return await self._clients[practice].start_run()

    async def stop_run(self, practice: int, run: str) -> None:
        """Stop the practice's run."""
        await self._clients[practice].stop_run(run)

    async def work(self, reads: Waits, sends: Waits, blocks: Waits, over: asyncio.Event) -> None:
        """Read, send and block until ``over`` is set and all that was begun is answered.

        ``sends`` only gets those that failed: how long the others took, the gateway knows.
        """
        async with asyncio.TaskGroup() as all_of_them:
            all_of_them.create_task(_again(_timed(self._read, reads), READ_EACH, over))
            all_of_them.create_task(_again(_timed(self._block, blocks), BLOCK_EACH, over))
            all_of_them.create_task(_again(partial(self._send, sends), SEND_EACH, over))

    async def _read(self) -> None:
        await next(self._readers).read_blocked()

    async def _block(self) -> None:
        await self._clients[LARGE].block(f"+{next(self._blocked)}")

    async def _send(self, sends: Waits) -> None:
        if not self._by_hand:
            return
        one = self._by_hand.pop()
        start = time.time()
        try:
            await self._clients[one.practice].send(one.recall)
        except WRONG as error:
            sends.note(error)
            sends.add(time.time() - start)
        else:
            self.sent.append((one.mobile, start))


def _timed(act: Act, waits: Waits) -> Act:
    async def timed() -> None:
        with waits.waiting():
            await act()

    return timed


async def _again(act: Act, pause: float, over: asyncio.Event) -> None:
    """Begin the act every ``pause`` seconds until ``over`` is set; return when all have ended."""
    async with asyncio.TaskGroup() as begun:
        while not over.is_set():
            begun.create_task(act())
            await asyncio.sleep(pause)
