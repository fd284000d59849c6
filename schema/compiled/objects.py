"""Counts the objects found by an operation that graphql-core runs, before they are made."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

ROWS_A_TURN = 500
"""Rows that an operation writes before it lets others run."""


class TooManyObjectsError(Exception):
    """The answer would have more objects than allowed."""


class Objects:
    """The objects that one operation may find; ``give_up`` ends it if it finds more."""

    def __init__(self, most: int, give_up: Callable[[], None]) -> None:
        self._left = most
        self._give_up = give_up
        self._turn = asyncio.Lock()
        self._since = 0

    @property
    def too_many(self) -> bool:
        """Whether the operation has found more."""
        return self._left < 0

    async def found(self, count: int) -> None:
        """Count what was found. Raises ``TooManyObjectsError`` if that is too much.

        A statement finds many lists at once. They are made one after another, and other operations
        run in between.
        """
        self._left -= count
        if self._left < 0:
            self._give_up()
            raise TooManyObjectsError
        async with self._turn:
            self._since += count
            if self._since > ROWS_A_TURN:
                self._since = 0
                await asyncio.sleep(0)


OBJECTS: ContextVar[Objects | None] = ContextVar("objects", default=None)
"""Those of the running operation; None if nobody counts."""
