"""The few shapes that modules of db share: rows, connections, counted refusals, keys of calls."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import asyncpg

Row: TypeAlias = asyncpg.Record
Pool: TypeAlias = asyncpg.Pool
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Executor: TypeAlias = Pool | Connection
"""What takes one statement: a pool, or a connection inside its transaction."""
MAX_EACH = 100
"""Rows that a list without pages has for each key: whom a number reaches, a recall's attempts."""
MAX_AT_ONCE = 50_000
"""Rows that such a list has for all keys of a statement; where there are more, one more."""
MAX_ENTRIES = 1000
"""Rows of a practice's own lists without pages: its categories, its tokens, its people."""


class Reader(Protocol):
    """What reads are given: it runs statements that change nothing, each on some connection.

    The first argument of each, ``$1``, is the practice whose rows it reads.
    """

    async def fetch(self, query: str, practice_id: int, *arguments: object) -> list[Row]:
        """Give the rows."""

    async def fetchrow(self, query: str, practice_id: int, *arguments: object) -> Row | None:
        """Give the first row; None where there is none."""

    async def fetchval(self, query: str, practice_id: int, *arguments: object) -> Any:
        """Give the first row's first value; None where there is no row."""


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many were refused for one reason of the rule."""

    reason: str
    count: int


class IdempotencyConflictError(ValueError):
    """The idempotency key stands for another call already."""


def one(row: Row | None) -> Row:
    """Give the row that must be there; ``LookupError`` where it is not."""
    if row is None:
        raise LookupError("a row that must be there is not")
    return row
