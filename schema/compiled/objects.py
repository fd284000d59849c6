"""Counts the objects that an operation of graphql-core's finds, before it makes them."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

ROWS_A_TURN = 500
"""Rows that an operation writes before others have their turn."""


class TooManyObjectsError(Exception):
    """The answer would have more objects than it may."""


class Objects:
    """The objects that one operation may find; ``give_up`` ends it where it finds more."""

    def __init__(self, most: int, give_up: Callable[[], None]) -> None:
        self._left = most
        self._give_up = give_up
        self._turn = asyncio.Lock()
        self._since = 0

    @property
    def too_many(self) -> bool:
        """Tell whether it has found more."""
        return self._left < 0

    async def found(self, count: int) -> None:
        """Count what was found; raises ``TooManyObjectsError`` where that is too much.

        A statement finds many lists at once. They are made one after the other, and others than
        this operation have their turn in between.
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
"""Those of the operation that runs; None where nobody counts."""
