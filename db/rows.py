"""The few shapes that every module of db shares: a row, a page of rows, counted refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

Row: TypeAlias = asyncpg.Record
Pool: TypeAlias = asyncpg.Pool
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Executor: TypeAlias = Pool | Connection
"""What takes one statement: a pool, or a connection inside its transaction."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a keyset list, in order: ``first`` rows of those fetched with one more."""

    fetched: Sequence[Row]
    first: int

    @property
    def rows(self) -> Sequence[Row]:
        """The page."""
        return self.fetched[: self.first]

    @property
    def has_next(self) -> bool:
        """Whether the list goes on."""
        return len(self.fetched) > self.first


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How many were refused for one reason of the rule."""

    reason: str
    count: int


def one(row: Row | None) -> Row:
    """Give the row that must be there; ``LookupError`` where it is not."""
    if row is None:
        raise LookupError("a row that must be there is not")
    return row
