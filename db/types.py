"""Types that db's modules share: rows, connections, refusal counts, idempotency conflicts."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import asyncpg

Row: TypeAlias = asyncpg.Record
Pool: TypeAlias = asyncpg.Pool
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Executor: TypeAlias = Pool | Connection
"""Runs one statement: a pool, or a connection inside its transaction."""
MAX_EACH = 100
"""Most rows per key in a list without pages: patients of a number, attempts of a recall."""
MAX_AT_ONCE = 50_000
"""Most rows of such a list for all of a statement's keys; one extra row if there are more."""
MAX_ENTRIES = 1000
"""Most rows of a practice's own lists without pages: categories, tokens, people."""


class Reader(Protocol):
    """Runs statements that change nothing, each on some connection.

    The first argument of each, ``$1``, is the practice whose rows it reads.
    """

    async def fetch(self, query: str, practice_id: int, *arguments: object) -> list[Row]:
        """Return the rows."""

    async def fetchrow(self, query: str, practice_id: int, *arguments: object) -> Row | None:
        """Return the first row; None if there is none."""

    async def fetchval(self, query: str, practice_id: int, *arguments: object) -> Any:
        """Return the first row's first value; None if there is no row."""


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many were refused for one of the rule's reasons."""

    reason: str
    count: int


class IdempotencyConflictError(ValueError):
    """The idempotency key already stands for another call."""


def one(row: Row | None) -> Row:
    """Return the row, which must exist; ``LookupError`` if it doesn't."""
    if row is None:
        raise LookupError("a row that must exist is missing")
    return row
