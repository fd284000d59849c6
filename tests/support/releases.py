"""Releases whose functions do the same but are other ones, and upgrades to them beside others."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from db.migrate import migrate
from db.scripts import FUNCTIONS
from db.types import Pool

FILLS_COLUMNS = "create function logic.denormalised_of("
MIGRATION_WAITS = """
  select exists (select from pg_locks l join pg_stat_activity a using (pid)
    where a.datname = current_database() and a.application_name = 'recalls migrate'
      and not l.granted and l.locktype = $1)
"""


def another_release(directory: Path, number: int, *, fills_columns: bool = False) -> Path:
    """Return a folder of functions that differs from every other release's.

    ``fills_columns``: so does a function that the denormalised columns depend on.
    """
    functions = directory / f"release {number}"
    shutil.copytree(FUNCTIONS, functions)
    with (functions / "tenancy.sql").open("a") as file:
        file.write(f"select {number};\n")
    if fills_columns:
        filling = functions / "denormalised_columns.sql"
        text = filling.read_text()
        assert FILLS_COLUMNS in text
        filling.write_text(text.replace(FILLS_COLUMNS, f"{FILLS_COLUMNS} /* release {number} */"))
    return functions


async def upgrade(url: str, functions: Path, patience: float = 60) -> None:
    await asyncio.to_thread(migrate, url, functions=functions, patience=patience)


@asynccontextmanager
async def holding(url: str, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold a connection in a transaction that has run the statements; commit it in the end."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "psql"})
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
            yield connection
    finally:
        await connection.close()


async def until_it_waits(pool: Pool, locktype: str) -> None:
    """Return once the migration waits for a lock of that kind."""
    async with asyncio.timeout(10):
        while not await pool.fetchval(MIGRATION_WAITS, locktype):
            await asyncio.sleep(0.001)
