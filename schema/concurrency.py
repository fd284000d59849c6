"""Slots for a viewer's operations in progress; operations beyond the limit wait for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.cost import BusyError, patience

MAX_OPERATIONS = 6
"""As many as a browser has connections: a page of the portal sends its queries at once."""
MAX_PREVIEWS = 2
"""The costliest operations: each reads up to a thousand recalls, or a whole practice."""


@dataclass(slots=True)
class _Held:
    turns: asyncio.Semaphore
    users: int = field(default=0)


class Slots:
    """Slots by key, at most ``most`` for each, so that no viewer's operations pile up."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, _Held] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Hold a slot, taken as by ``take``."""
        await self.take(key)
        try:
            yield
        finally:
            self.give_back(key)

    async def take(self, key: str) -> None:
        """Wait for a slot. Raises ``BusyError`` if none is free in time."""
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(asyncio.Semaphore(self._most))
        held.users += 1
        try:
            if held.turns.locked():
                async with patience():
                    await held.turns.acquire()
            else:
                await held.turns.acquire()
        except BaseException as error:
            self._leave(key, held)
            if isinstance(error, TimeoutError):
                raise BusyError from None
            raise

    def give_back(self, key: str) -> None:
        """Free a slot."""
        held = self._held[key]
        held.turns.release()
        self._leave(key, held)

    def _leave(self, key: str, held: _Held) -> None:
        held.users -= 1
        if not held.users:
            del self._held[key]
