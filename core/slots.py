"""Slots for work in progress, by key; when none is free, they are waited for in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from core import cost
from core.cost import BusyError


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
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        self._waiting.setdefault(key, deque()).append(waiting)
        # A worker, where no client waits, waits as long as it takes.
        is_clients = cost.COST.get() is not None
        timer = loop.call_later(cost.PATIENCE, _give_up, waiting) if is_clients else None
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self.give_back(key)  # it was handed over at the same moment
            raise
        finally:
            if timer is not None:
                timer.cancel()

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


def _give_up(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_exception(BusyError())
