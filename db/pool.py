"""Connections to PostgreSQL."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from core.cost import COST
from core.slots import Slots
from db.tenancy import APPLICATION, entering
from db.types import Connection, Pool, Row

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.ClientConfigurationError,  # no CA certificate, although it must be checked
    asyncpg.TooManyConnectionsError,
)
"""Errors that connecting raises if the database isn't there, or refuses us."""
SESSION_SETTINGS = {
    # A statement sees what was committed before it began, also by transactions that it waited for:
    # all locking here relies on that, whatever the host's default.
    "default_transaction_isolation": "read committed",
    # What was acknowledged is on disk.
    "synchronous_commit": "on",
    # How long a process that is frozen or gone can keep its transaction's locks, and with them all
    # workers from everybody's messages.
    "idle_in_transaction_session_timeout": "5s",
}
"""Server settings for every connection, whatever it is for."""
SERVING_SETTINGS = {
    # Longer than anybody waits: an operation is given up after 70 seconds (a host may let queries
    # take longer), a worker's step takes seconds. A statement ends even if its client's machine is
    # gone. Not for the tables' owner: a migration may take its time.
    "lock_timeout": "90s",
    "statement_timeout": "10min",
}
"""Additional server settings for the connections of serving processes."""
WRITE_SETTINGS = {
    # A plan from when a table was almost empty would read a run of a million whole, for each claim,
    # until the tables are next analyzed.
    "plan_cache_mode": "force_custom_plan",
    # The planner expects that a run finds one recall, because it knows nothing about steps: so it
    # would scan a practice's blocks for that one, and does for each of a hundred thousand.
    "enable_seqscan": "off",
}
READ_SETTINGS = {
    # Planning a page costs more than reading it. The plan that is kept is generic; each set of
    # restrictions has its own text, and so its own plan.
    "plan_cache_mode": "force_generic_plan",
    # It may date from when the tables were almost empty, and is kept until they are next analyzed:
    # so it must not scan a whole table, sort what an index has in order, or join in a way that
    # reads more rows than it needs, unless there is no other way.
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""Server settings for connections that read what clients ask for, a page at a time.

Not for a statement over a whole practice, such as the preview's: that is better planned each time.
"""


def unreachable(error: BaseException, setting: str = "RECALLS_DATABASE_URL") -> str:
    """Return the message that a setting's database can't be reached, without its URL."""
    return f"The database in {setting} can't be reached ({type(error).__name__})."


class UnguardedError(Exception):
    """The role in RECALLS_DATABASE_URL isn't bound by row-level security: it must not serve."""

    def __init__(self) -> None:
        super().__init__(
            "RECALLS_DATABASE_URL names a role that isn't bound by row-level security. Connect as"
            f" {APPLICATION}, which `python -m db migrate` creates; only RECALLS_DATABASE_OWNER_URL"
            " names the owner of the tables."
        )


async def open_pool(database_url: str, *, name: str, connections: int = 10) -> Pool:
    """Open a pool of up to ``connections``; ``name`` is shown in pg_stat_activity.

    Raises one of ``UNREACHABLE`` if the database can't be reached, and ``UnguardedError`` if its
    role owns tables or may see every practice's rows.
    """
    settings = WRITE_SETTINGS | SERVING_SETTINGS
    return await _guarded(await _open(database_url, name, connections, settings))


async def open_reads(database_url: str, *, name: str, connections: int = 10) -> "Reads":
    """Open connections like ``open_pool``, for reading what clients ask for."""
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
    """Open a pool as the tables' owner, for commands that manage practices."""
    return await _open(database_url, name, connections, settings)


async def _guarded(pool: Pool) -> Pool:
    """Return the pool; close it and raise ``UnguardedError`` if its role is not bound."""
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
    """Connections for reading. Statements get one in order of arrival.

    The pool by itself lets newcomers overtake those that wait: with more clients than connections,
    some would wait for seconds. And returning a connection to it after each statement costs half as
    much as a small statement, so connections are kept here until a statement fails.

    Everything that clients read comes through here. Each statement's first argument is the
    practice, whose rows are all that PostgreSQL lets it see.
    """

    def __init__(
        self, pool: Pool, connections: int, *, within: Callable[[str], str] = entering
    ) -> None:
        """``within`` returns a query's text that stays within the practice."""
        self._within = within
        self._pool = pool
        self._slots = Slots(connections)
        # All but one, which a practice always leaves to the others.
        self._of_practice = Slots(max(1, connections - 1))
        self._kept: list[PoolConnectionProxy] = []

    async def fetch(self, query: str, practice_id: int, *arguments: object) -> list[Row]:
        """Return the rows. Raises ``BusyError`` if a client's operation waits too long."""
        if not self._of_practice.take_free(practice_id):
            await self._of_practice.take(practice_id)
        try:
            if not self._slots.take_free(None):
                await self._slots.take(None)
            try:
                return await self._fetch(self._within(query), practice_id, arguments)
            finally:
                self._slots.give_back(None)
        finally:
            self._of_practice.give_back(practice_id)

    async def _fetch(
        self, statement: str, practice_id: int, arguments: tuple[object, ...]
    ) -> list[Row]:
        connection = await self._take()
        cost, began = COST.get(), perf_counter()
        try:
            rows: list[Row] = await connection.fetch(statement, practice_id, *arguments)
        except BaseException:
            await self._pool.release(connection)  # which cleans up what was left unfinished
            raise
        finally:
            if cost is not None:
                cost.database += perf_counter() - began
        self._kept.append(connection)
        return rows

    async def fetchrow(self, query: str, practice_id: int, *arguments: object) -> Row | None:
        """Return the first row; None if there is none."""
        rows = await self.fetch(query, practice_id, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, query: str, practice_id: int, *arguments: object) -> Any:
        """Return the first row's first value; None if there is no row."""
        row = await self.fetchrow(query, practice_id, *arguments)
        return None if row is None else row[0]

    async def close(self) -> None:
        """Close the connections once the statements in progress are done."""
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
        # No expiry: each statement would have a timer, and PostgreSQL itself notices outdated
        # plans.
        max_cached_statement_lifetime=0,
        server_settings={
            "application_name": f"recalls {name}",
            # Short statements only: compiling them costs more than it saves.
            "jit": "off",
            # Errors are logged without their statement's values, whatever the host has set.
            "log_parameter_max_length_on_error": "0",
            **SESSION_SETTINGS,
            **settings,
        },
    )


async def _nothing(_connection: Connection) -> None:
    """Reset nothing when a connection goes back to its pool.

    An open transaction is rolled back before this. We keep no other state in a session (a setting,
    a lock, a LISTEN), so the round trip that would undo it is saved.
    """
