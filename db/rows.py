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
    """One page of a keyset list, in order."""

    rows: Sequence[Row]
    has_next: bool


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


def page(rows: Sequence[Row], first: int) -> Page:
    """Cut what was fetched with ``limit first + 1`` to a page of ``first``."""
    return Page(rows[:first], len(rows) > first)
