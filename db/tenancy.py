"""Whose rows a statement may touch: PostgreSQL's row-level security asks what is set here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache

from core.cost import BusyError, connected, patience
from db.types import Connection, Pool

APPLICATION = "recalls_app"
"""The role that serving processes connect as; db/sql/tenancy.sql says what it may do."""
ENTER = f"""
  select set_config('role', '{APPLICATION}', true),
         set_config('recalls.practice', $1::integer::text, true)
"""


@asynccontextmanager
async def in_practice(pool: Pool, practice_id: int) -> AsyncIterator[Connection]:
    """Give a connection inside a transaction that sees and changes this practice's rows alone.

    Whoever the pool's connections are, in here they are the application. Both settings end with
    the transaction: a connection that goes back to its pool carries nothing over. Raises
    ``BusyError`` where an operation of a client had none in time.
    """
    async with AsyncExitStack() as held:
        waiting = patience()
        try:
            async with waiting:
                await held.enter_async_context(_share(pool, practice_id))
                connection = await held.enter_async_context(pool.acquire())
        except TimeoutError:
            if waiting.expired():
                raise BusyError from None
            raise
        held.enter_context(connected())
        async with connection.transaction():
            await enter(connection, practice_id)
            yield connection


@lru_cache(maxsize=10_000)
def _share(pool: Pool, practice_id: int) -> asyncio.Semaphore:  # noqa: ARG001 - one for each
    """Give how many of the pool's connections a practice may have at a time: all but one.

    Whoever waits for its locks leaves that one to the other practices.
    """
    return asyncio.Semaphore(max(1, pool.get_max_size() - 1))


async def enter(connection: Connection, practice_id: int) -> None:
    """Make the transaction that the connection is in one of ``in_practice``."""
    await connection.execute(ENTER, practice_id)


@lru_cache(maxsize=10_000)
def entering(query: str) -> str:
    """Give the text of a query that enters the practice ``$1`` itself, in one round trip.

    A statement alone is a transaction. The practice is set before the query reads its first row,
    for the query depends on the one row of ``entered``; ``offset 0`` keeps the two from being
    joined the other way round, in which no row would be found.
    """
    return f"""
        with entered as materialized (
          select set_config('recalls.practice', $1::integer::text, true) as practice
        )
        select found.* from entered cross join lateral (
          select found.* from ({query}) found where entered.practice is not null offset 0
        ) found
    """
