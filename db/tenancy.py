"""Whose rows a transaction may touch: PostgreSQL's row-level security asks the practice set here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.rows import Connection, Pool

SET_PRACTICE = "select set_config('recalls.practice', $1::integer::text, true)"
"""For this transaction only: a connection that goes back to its pool carries nothing over."""


@asynccontextmanager
async def in_practice(pool: Pool, practice_id: int) -> AsyncIterator[Connection]:
    """Give a connection inside a transaction that sees and changes this practice's rows alone."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SET_PRACTICE, practice_id)
        yield connection
