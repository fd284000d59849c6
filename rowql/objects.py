"""A limit on the objects found by an operation that graphql-core runs, before they are made."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

ROWS_PER_TURN = 500
"""Rows that an operation handles before it lets others run."""


class TooManyObjectsError(Exception):
    """The answer would have more objects than allowed."""


class ObjectLimit:
    """Counts the objects that one operation finds; ``on_exceeded`` must end it."""

    def __init__(self, max_objects: int, on_exceeded: Callable[[], None]) -> None:
        self._left = max_objects
        self._on_exceeded = on_exceeded
        self._turn = asyncio.Lock()
        self._since = 0

    @property
    def exceeded(self) -> bool:
        """Whether the operation has found more than allowed."""
        return self._left < 0

    async def add(self, count: int) -> None:
        """Count what was found. Raises ``TooManyObjectsError`` if that is too much.

        A statement finds many lists at once. They are made one after another, and other operations
        run in between.
        """
        self._left -= count
        if self._left < 0:
            self._on_exceeded()
            raise TooManyObjectsError
        async with self._turn:
            self._since += count
            if self._since > ROWS_PER_TURN:
                self._since = 0
                await asyncio.sleep(0)


OBJECT_LIMIT: ContextVar[ObjectLimit | None] = ContextVar("object_limit", default=None)
"""The running operation's limit; None if it has none."""
