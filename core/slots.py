"""Slots for work in progress, by key; when none is free, they are waited for in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from core.cost import BusyError, patience


class Slots:
    """Slots by key, at most ``most`` for each.

    Taking a free slot needs no coroutine, and a key without slots in use takes no memory: each read
    takes four slots.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def take_free(self, key: Hashable) -> bool:
        """Take a slot if one is free; return whether."""
        taken = self._taken.get(key, 0)
        if taken >= self._most:
            return False
        self._taken[key] = taken + 1
        return True

    async def take(self, key: Hashable) -> None:
        """Wait for a slot. Raises ``BusyError`` if none is free in time."""
        if self.take_free(key):
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(waiting)
        try:
            async with patience():
                await waiting
        except BaseException as error:
            if waiting.done() and not waiting.cancelled():
                self.give_back(key)  # it was handed over at the same moment
            if isinstance(error, TimeoutError):
                raise BusyError from None
            raise

    def give_back(self, key: Hashable) -> None:
        """Hand the slot to the one that has waited longest, or free it."""
        waiting = self._waiting.get(key)
        while waiting:
            first = waiting.popleft()
            if not waiting:
                del self._waiting[key]
            if not first.done():
                first.set_result(None)
                return
        taken = self._taken[key] - 1
        if taken:
            self._taken[key] = taken
        else:
            del self._taken[key]

    @asynccontextmanager
    async def of(self, key: Hashable) -> AsyncIterator[None]:
        """Hold a slot, taken as by ``take``."""
        await self.take(key)
        try:
            yield
        finally:
            self.give_back(key)
