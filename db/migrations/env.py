"""Alembic's environment: runs the revisions and reloads the SQL functions beside live clients."""

import asyncio
import time
from pathlib import Path
from typing import cast

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from db.migrate import InTheWayError
from db.pool import SESSION_SETTINGS
from db.scripts import columns_digest, digest, scripts_in, triggers_in
from db.tenancy import APPLICATION

PAUSE = 0.5
"""Seconds between two tries to get the locks, so that others can work."""
AT_A_TIME = 1_000
"""Patients whose recalls are refreshed in one transaction: some tenths of a second at most."""
NEXT_PATIENTS = f"""
  select array(
    select id from patients where practice_id = $1 and id > $2 order by id limit {AT_A_TIME})
"""
OURS = "('public'::regnamespace, to_regnamespace('logic'), to_regnamespace('logic_before'))"
TABLES = f"""
  select string_agg(oid::regclass::text, ', ' order by oid) from pg_class
  where relnamespace in {OURS} and relkind = 'r'
"""
TABLES_AND_VIEWS = TABLES.replace("= 'r'", "in ('r', 'v')")
LOADED = "select obj_description(to_regnamespace('{schema}'), 'pg_namespace')"
"""The version that was loaded as the schema; null unless loading was completed."""
HOLDERS = f"""
  select distinct coalesce(nullif(a.application_name, ''), a.backend_type, 'a session')
    || ' (process ' || l.pid || ')' as holder
  from pg_locks l
  join pg_class c on c.oid = l.relation and c.relnamespace in {OURS}
  left join pg_stat_activity a on a.pid = l.pid
  where l.database = (select oid from pg_database where datname = current_database())
    and l.granted and l.pid <> pg_backend_pid()
  order by 1
"""


def run_script(connection: Connection, script: str) -> None:
    """Run an SQL script of many statements inside the connection's transaction.

    The driver's own ``execute`` takes a whole script; SQLAlchemy's takes one statement.
    """
    connection.connection.run_async(lambda raw: raw.execute(script))


def change(connection: Connection) -> None:
    """Bring the database to the wanted revision, and load the functions, in one transaction.

    Raises ``asyncpg.LockNotAvailableError`` if another session is in the way; nothing is changed
    then. We must be the ones to give way, or our locks would cause deadlock errors for others.
    """
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        run_script(connection, "set local lock_timeout = '100ms'")
        wanted = context.get_revision_argument()
        whole = wanted == context.get_head_revision()
        revised = context.get_context().get_current_revision() != wanted
        retriggered = whole and loaded_triggers(connection) != wanted_triggers()
        if revised or retriggered:
            lock_everything(connection)
        if revised:
            # Before the revisions, which couldn't change a column that a view reads. No table
            # depends on the schema (a test checks that).
            run_script(connection, "drop schema if exists logic, logic_before cascade")
            context.run_migrations()
        if whole:  # or the functions wouldn't match the tables
            load_functions(connection, with_triggers=retriggered)


def lock_everything(connection: Connection) -> None:
    """Lock all tables and views before changing any, so that no lock is waited for later.

    Others wait for us only for a fraction of the second after which PostgreSQL looks for
    deadlocks; then we release all locks.
    """
    tables = connection.exec_driver_sql(TABLES).scalar()
    if tables is None:
        return
    everything = connection.exec_driver_sql(TABLES_AND_VIEWS).scalar()
    # This lock neither waits for clients nor holds them up; an autovacuum in its way is cancelled.
    run_script(connection, "set local lock_timeout = '5s'")
    run_script(connection, f"lock table {tables} in share update exclusive mode")
    run_script(connection, "set local statement_timeout = '300ms'")
    try:
        run_script(connection, f"lock table {everything} in access exclusive mode")
    except asyncpg.QueryCanceledError:
        raise asyncpg.LockNotAvailableError from None
    run_script(connection, "set local statement_timeout to default")


def load_functions(connection: Connection, *, with_triggers: bool) -> None:
    """Load the SQL files: functions and views as the schema ``logic``.

    The previous ones are kept under another name, so that statements in progress continue with
    the functions and views that they found, and nobody is locked out. The functions that triggers
    call are in a schema that stays, because tables depend on them; each is replaced.
    ``with_triggers`` recreates the triggers, which locks their tables.
    """
    if with_triggers:
        run_script(connection, "drop schema if exists triggers cascade")
        run_script(connection, "create schema triggers")
    if connection.exec_driver_sql("select to_regnamespace('logic') is not null").scalar():
        run_script(connection, "drop schema if exists logic_before cascade")
        run_script(connection, "alter schema logic rename to logic_before")
    run_script(connection, "create schema logic")
    for script in scripts_in(functions()):
        run_script(connection, script)
    if with_triggers:
        run_script(connection, triggers_in(functions()))
        run_script(connection, f"comment on schema triggers is '{wanted_triggers()}'")


def functions() -> Path:
    """Return the folder of the SQL files."""
    folder: Path = context.config.attributes["functions"]
    return folder


def loaded_triggers(connection: Connection) -> str | None:
    """Return the digest of the triggers that the tables have; None if none were loaded."""
    found: str | None = connection.exec_driver_sql(LOADED.format(schema="triggers")).scalar()
    return found


def wanted_triggers() -> str:
    """Return the digest of the triggers that the tables should have."""
    return digest(triggers_in(functions()))


def version() -> str:
    """Return a description of what will be loaded, equal for equal revisions and functions."""
    scripts = digest(*scripts_in(functions()), triggers_in(functions()))
    return f"revision {context.get_head_revision()}, functions {scripts}, {columns()}"


def columns() -> str:
    """Return the part of ``version`` that changes if the denormalised columns have to."""
    return f"columns {columns_digest(functions())}"


async def refresh_columns(raw: asyncpg.Connection) -> None:
    """Refresh the denormalised columns, because the new functions may answer otherwise.

    It takes some patients of one practice at a time, so a block or a sync in that practice waits
    only for these. Meanwhile the triggers, which call the new functions, keep refreshed rows
    up to date.
    """
    practices = await raw.fetch("select id from practices order by id")
    if practices:
        context.config.attributes["before_refreshing"]()
    for practice in practices:
        last: int | None = 0
        while last is not None:
            async with raw.transaction():
                await raw.execute("select logic.lock_denormalised($1)", practice["id"])
                # Not before the lock: a transaction that held it may have added patients.
                patients = await raw.fetchval(NEXT_PATIENTS, practice["id"], last)
                await raw.execute("select logic.refresh_columns($1, $2)", practice["id"], patients)
            last = max(patients, default=None)


async def finish(raw: asyncpg.Connection) -> None:
    """Record that all is done, and revoke access to the previous functions by name.

    Not when they were renamed, or a statement that had just looked up the name would be refused.
    """
    async with raw.transaction():
        if await raw.fetchval("select to_regnamespace('logic_before') is not null"):
            await raw.execute(f"revoke all on schema logic_before from {APPLICATION}")
        await raw.execute(f"comment on schema logic is '{version()}'")


async def give_way(connection: AsyncConnection, raw: asyncpg.Connection) -> None:
    """Change the database once nobody is in the way; raises ``InTheWayError`` if somebody stays."""
    until = time.monotonic() + context.config.attributes["patience"]
    while True:
        try:
            await connection.run_sync(change)
            return
        except asyncpg.LockNotAvailableError:
            if time.monotonic() > until:
                holders = [row["holder"] for row in await raw.fetch(HOLDERS)]
                raise InTheWayError(holders) from None
            await asyncio.sleep(PAUSE)


async def migrate(connection: AsyncConnection) -> None:
    """Migrate if there is anything to do."""
    raw = cast("asyncpg.Connection", (await connection.get_raw_connection()).driver_connection)
    await raw.execute("select pg_advisory_lock(0, 0)")  # one at a time, until it disconnects
    whole = context.get_revision_argument() == context.get_head_revision()
    loaded = await raw.fetchval(LOADED.format(schema="logic"))
    if whole and loaded == version():
        return
    await give_way(connection, raw)
    if whole:
        if loaded is None or not loaded.endswith(columns()):
            await refresh_columns(raw)
        await finish(raw)  # if stopped before this, the next migration does it all again


async def main() -> None:
    """Connect to the URL that ``db.migrate`` put into the configuration, and migrate."""
    settings = {"application_name": "recalls migrate", **SESSION_SETTINGS}

    async def connect() -> asyncpg.Connection:
        # Not through SQLAlchemy, which parses URLs in its own way, sslmode included.
        url = context.config.attributes["database_url"]
        return await asyncpg.connect(url, server_settings=settings)

    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=connect)
    async with engine.connect() as connection:
        await migrate(connection)
    await engine.dispose()


asyncio.run(main())
