"""Connections to PostgreSQL."""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from core.cost import BusyError, connected, patience
from db.tenancy import APPLICATION, entering
from db.types import Connection, Pool, Row

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.ClientConfigurationError,  # no certificate of an authority, where one is to be checked
    asyncpg.TooManyConnectionsError,
)
"""What connecting raises where the database isn't there, or won't have us."""
SESSION_SETTINGS = {
    # A statement sees what was committed before it began, also by whoever the transaction waited
    # for: everything about locks here rests on it, whatever the host has made its default.
    "default_transaction_isolation": "read committed",
    # What was answered is on disk.
    "synchronous_commit": "on",
    # Whoever is frozen or gone in the middle of a transaction keeps its locks, and with them all
    # workers from everybody's messages, no longer than this.
    "idle_in_transaction_session_timeout": "5s",
}
"""The server's settings for every connection to it, whatever it is for."""
SERVING_SETTINGS = {
    # Beyond what anybody waits for: an operation is given up after 70 seconds (a host may let
    # queries take longer), a worker's step takes seconds. What outlasts its client, whose machine
    # is gone, ends all the same. Not for the tables' owner: a migration may take its time.
    "lock_timeout": "90s",
    "statement_timeout": "10min",
}
"""The server's settings for connections of serving processes, besides."""
WRITE_SETTINGS = {
    # A plan that was kept from when a table was all but empty reads a run of a million whole, for
    # each claim, until the tables are next analyzed.
    "plan_cache_mode": "force_custom_plan",
}
READ_SETTINGS = {
    # To plan a page anew costs more than to read it. The plan that is kept is made for no values in
    # particular; each set of restrictions has a text, and so a plan, of its own.
    "plan_cache_mode": "force_generic_plan",
    # It may have been made when the tables were all but empty, and then is kept until they are next
    # analyzed: so it may not read one whole, nor sort what an index has in order, nor join in a way
    # that reads more than the rows it needs. Where there is no other way it does.
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""The server's settings for connections that read what clients ask for, a page at a time.

Not for a statement over a whole practice, such as the preview's: that is better planned each time.
"""


def unreachable(error: BaseException, setting: str = "RECALLS_DATABASE_URL") -> str:
    """Say that the database of a setting can't be reached, without the URL and its password."""
    return f"The database of {setting} can't be reached ({type(error).__name__})."


class UnguardedError(Exception):
    """The role of RECALLS_DATABASE_URL isn't bound by row-level security: it must not serve."""

    def __init__(self) -> None:
        super().__init__(
            "RECALLS_DATABASE_URL names a role that row-level security doesn't bind. Connect as"
            f" {APPLICATION}, which `python -m db migrate` makes; only RECALLS_DATABASE_OWNER_URL"
            " names the owner of the tables."
        )


async def open_pool(database_url: str, *, name: str, connections: int = 10) -> Pool:
    """Open a pool of up to ``connections``; ``name`` is shown in pg_stat_activity.

    Raises one of ``UNREACHABLE`` where the database can't be reached, and ``UnguardedError`` where
    it would be reached as a role that owns tables or may see every practice's rows.
    """
    settings = WRITE_SETTINGS | SERVING_SETTINGS
    return await _guarded(await _open(database_url, name, connections, settings))


async def open_reads(database_url: str, *, name: str, connections: int = 10) -> "Reads":
    """As ``open_pool``, for reading what clients ask for."""
    settings = READ_SETTINGS | SERVING_SETTINGS
    pool = await _guarded(await _open(database_url, name, connections, settings))
    return Reads(pool, connections)


async def open_owner_pool(
    database_url: str,
    *,
    name: str,
    connections: int = 10,
    settings: Mapping[str, str] = WRITE_SETTINGS,
) -> Pool:
    """As ``open_pool``, as the owner of the tables: for commands that look after practices."""
    return await _open(database_url, name, connections, settings)


async def _guarded(pool: Pool) -> Pool:
    """Give the pool; close it and raise ``UnguardedError`` where its role is not bound."""
    unbound = await pool.fetchval(
        """
        select bool_or(rolbypassrls) or exists (
          select from pg_class where relnamespace = 'public'::regnamespace
            and pg_has_role(current_user, relowner, 'MEMBER')
        ) from pg_roles where rolname = current_user
        """
    )
    if unbound:
        await pool.close()
        raise UnguardedError
    return pool


class Reads:
    """Connections for reading. Statements get one in the order in which they came.

    The pool by itself lets a newcomer overtake those who wait: with more who ask than connections,
    some wait for seconds. And to give a connection back to it after each statement costs as much as
    half of a small statement does, so what was read with is kept here, until a statement fails.

    Everything that clients read comes through here. Each statement's first argument is the
    practice, whose rows are all that PostgreSQL lets it see.
    """

    def __init__(
        self, pool: Pool, connections: int, *, within: Callable[[str], str] = entering
    ) -> None:
        """``within`` gives a query the text that keeps it within the practice."""
        self._within = within
        self._pool = pool
        self._turn = asyncio.Semaphore(connections)
        # All but one: whatever a practice asks for, it leaves that to the others.
        self._share = lru_cache(maxsize=10_000)(
            lambda _practice_id: asyncio.Semaphore(max(1, connections - 1))
        )
        self._kept: list[PoolConnectionProxy] = []

    async def fetch(self, query: str, practice_id: int, *arguments: object) -> list[Row]:
        """Give the rows. Raises ``BusyError`` where a client's operation had no turn in time."""
        statement = self._within(query)
        share = self._share(practice_id)
        if share.locked() or self._turn.locked():
            await self._wait(share)
        else:  # there is nothing to wait for
            await share.acquire()
            await self._turn.acquire()
        try:
            connection = await self._take()
            try:
                with connected():
                    rows: list[Row] = await connection.fetch(statement, practice_id, *arguments)
            except BaseException:
                await self._pool.release(connection)  # which sees to what was left half done
                raise
            self._kept.append(connection)
            return rows
        finally:
            self._turn.release()
            share.release()

    async def _wait(self, share: asyncio.Semaphore) -> None:
        try:
            async with patience():
                await share.acquire()
                try:
                    await self._turn.acquire()
                except BaseException:
                    share.release()
                    raise
        except TimeoutError:
            raise BusyError from None

    async def fetchrow(self, query: str, practice_id: int, *arguments: object) -> Row | None:
        """Give the first row; None where there is none."""
        rows = await self.fetch(query, practice_id, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, query: str, practice_id: int, *arguments: object) -> Any:
        """Give the first row's first value; None where there is no row."""
        row = await self.fetchrow(query, practice_id, *arguments)
        return None if row is None else row[0]

    async def close(self) -> None:
        """Close the connections once the statements under way are through."""
        while self._kept:
            await self._pool.release(self._kept.pop())
        await self._pool.close()

    async def _take(self) -> PoolConnectionProxy:
        while self._kept:
            connection = self._kept.pop()
            if not connection.is_closed():
                return connection
            await self._pool.release(connection)
        return await self._pool.acquire()


async def _open(
    database_url: str, name: str, connections: int, settings: Mapping[str, str]
) -> Pool:
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=connections,
        reset=_nothing,
        # Without an end: each would have a timer, and PostgreSQL sees itself where plans are old.
        max_cached_statement_lifetime=0,
        server_settings={
            "application_name": f"recalls {name}",
            # Short statements only: compiling them costs more than it saves.
            "jit": "off",
            # An error is logged without the values of its statement, whatever the host set.
            "log_parameter_max_length_on_error": "0",
            **SESSION_SETTINGS,
            **settings,
        },
    )


async def _nothing(_connection: Connection) -> None:
    """Reset nothing when a connection goes back to its pool.

    What a transaction left open is rolled back before this. We keep no other state in a session
    (a setting, a lock, a LISTEN), so the round trip that would undo it is saved.
    """
