"""How many operations of a viewer are under way at a time; the others wait for their turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.cost import BusyError, patience

MAX_OPERATIONS = 6
"""As many as a browser has connections, and the portal's page asks for things at once."""
MAX_PREVIEWS = 2
"""The dearest of them: each looks at a thousand recalls, or at all of a practice."""


@dataclass(slots=True)
class _Held:
    turns: asyncio.Semaphore
    users: int = field(default=0)


class Slots:
    """Slots by key, ``most`` of each at a time. What a viewer may have under way can't pile up."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, _Held] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Have a turn, as ``take`` gives it."""
        await self.take(key)
        try:
            yield
        finally:
            self.give_back(key)

    async def take(self, key: str) -> None:
        """Wait for a turn; raises ``BusyError`` where there was none in time."""
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
        """End a turn."""
        held = self._held[key]
        held.turns.release()
        self._leave(key, held)

    def _leave(self, key: str, held: _Held) -> None:
        held.users -= 1
        if not held.users:
            del self._held[key]
