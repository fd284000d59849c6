"""Tenancy: the practice whose rows PostgreSQL's row-level security lets a statement touch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache

from core.cost import BusyError, connected, patience
from db.types import Connection, Pool, Row, one

APPLICATION = "recalls_app"
"""The role that serving processes connect as; db/sql/tenancy.sql says what it may do."""
ENTER = f"""
  select set_config('role', '{APPLICATION}', true),
         set_config('recalls.practice', $1::integer::text, true)
"""
"""Puts the rest of a transaction under the practice ``$1``, and the application role."""


@asynccontextmanager
async def in_practice(pool: Pool, practice_id: int) -> AsyncIterator[Connection]:
    """Hold a connection in a transaction that sees and changes this practice's rows alone.

    Whatever role the pool connects as, statements here run as the application role. Both settings
    end with the transaction: a connection that goes back to its pool carries nothing over. Raises
    ``BusyError`` if a client's operation gets no connection in time.
    """
    async with (
        _connection(pool, practice_id) as connection,
        connection.transaction(),
    ):
        await enter(connection, practice_id)
        yield connection


async def call(pool: Pool, practice_id: int, function: str, *arguments: object) -> Row:
    """Return the row of a function of ``logic``, called in a transaction as of ``in_practice``.

    The function's first argument is the practice. It is all of the transaction, and so takes one
    round trip: what it locks is held for no longer than it runs, and commits. Raises ``BusyError``
    as ``in_practice`` does.
    """
    statement = _calling(function, 1 + len(arguments))
    async with _connection(pool, practice_id) as connection:
        return one(await connection.fetchrow(statement, practice_id, *arguments))


async def call_within(
    connection: Connection, practice_id: int, function: str, *arguments: object
) -> Row:
    """Return the row of a function of ``logic``, called in a transaction of ``in_practice``."""
    statement = f"select * from {_called(function, 1 + len(arguments))}"
    return one(await connection.fetchrow(statement, practice_id, *arguments))


@asynccontextmanager
async def _connection(pool: Pool, practice_id: int) -> AsyncIterator[Connection]:
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
        yield connection


@lru_cache(maxsize=10_000)
def _share(pool: Pool, practice_id: int) -> asyncio.Semaphore:  # noqa: ARG001 - one per practice
    """Return a practice's share of the pool's connections: all but one.

    Callers that wait for the practice's locks leave that one to the other practices.
    """
    return asyncio.Semaphore(max(1, pool.get_max_size() - 1))


async def enter(connection: Connection, practice_id: int) -> None:
    """Put the transaction that the connection is in under the practice, as ``in_practice`` does."""
    await connection.execute(ENTER, practice_id)


@lru_cache(maxsize=100)
def _calling(function: str, arguments: int) -> str:
    """Return the statement that enters the practice ``$1``, then calls the function.

    A lone statement is a transaction. The function isn't called before the practice is set, because
    it is joined to the one row of ``entered`` by a condition on it; ``offset 0`` keeps it inside.
    """
    return f"""
        with entered (role, practice) as materialized ({ENTER})
        select found.* from entered cross join lateral (
          select found.* from {_called(function, arguments)} found
          where entered.practice is not null offset 0
        ) found
    """


def _called(function: str, arguments: int) -> str:
    places = ", ".join(f"${number + 1}" for number in range(arguments))
    return f"logic.{function}({places})"


@lru_cache(maxsize=10_000)
def entering(query: str) -> str:
    """Return a query's text that enters the practice ``$1`` itself, in one round trip.

    A lone statement is a transaction. The practice is set before the query reads its first row,
    because the query depends on the one row of ``entered``; ``offset 0`` keeps the two from being
    joined the other way round, which would find no row.
    """
    return f"""
        with entered as materialized (
          select set_config('recalls.practice', $1::integer::text, true) as practice
        )
        select found.* from entered cross join lateral (
          select found.* from ({query}) found where entered.practice is not null offset 0
        ) found
    """
