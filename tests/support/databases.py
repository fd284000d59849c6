"""A test's own database: one that is cleared and reused, or a new one if it must be."""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import pytest

from db.pool import open_owner_pool
from db.types import Pool
from dev.servers.running import ServerUrls
from tests.support.practice import Practice, a_practice
from tests.support.servers import TEMPLATE, administer, on_database

numbers = itertools.count(1)
AS_IT_WAS = """
  select not exists (select from tests.changes) and not exists (
    select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
    where d.datname = current_database()) and not exists (
    select from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      and reltuples >= 0 and relname <> 'alembic_version')
"""
"""Whether its schema, its settings and the planner's statistics are as in a new database."""


@asynccontextmanager
async def a_database(servers: ServerUrls, options: str = "") -> AsyncIterator[str]:
    """Create a database that no other test uses, yield its URL, and drop it at the end.

    ``options`` are those of CREATE DATABASE; without any, the database is empty.
    """
    name = f"test_{os.getpid()}_{next(numbers)}"
    await administer(servers.database_url, f"create database {name} {options}")
    try:
        yield on_database(servers.database_url, name)
    finally:
        await administer(servers.database_url, f"drop database {name} with (force)")


def a_migrated_database(servers: ServerUrls) -> AbstractAsyncContextManager[str]:
    """Create a database with our tables and no rows, yield its URL, and drop it at the end."""
    return a_database(servers, f"template {TEMPLATE} strategy file_copy")


class Recycled:
    """A database that is cleared before each test, with connections that stay warm.

    If a test has changed its schema or its settings, or autovacuum has analyzed a table (queries
    would then be planned for an earlier test's rows), a new one takes its place.
    """

    def __init__(self, servers: ServerUrls) -> None:
        self._servers = servers
        self._database: AbstractAsyncContextManager[str] | None = None
        self.url: str
        self.pool: Pool

    async def clear(self) -> None:
        """Make it as good as new."""
        if self._database is not None:
            async with self.pool.acquire() as connection:
                if await connection.fetchval(AS_IT_WAS):
                    await connection.execute("select tests.clear()")
                    return
            await self.close()
        self._database = a_migrated_database(self._servers)
        self.url = await self._database.__aenter__()
        self.pool = await open_owner_pool(self.url, name="test")

    async def close(self) -> None:
        """Drop it."""
        if self._database is not None:
            self.pool.terminate()
            await self._database.__aexit__(None, None, None)
            self._database = None


@pytest.fixture(scope="session")
async def recycled(servers: ServerUrls) -> AsyncIterator[Recycled]:
    """The database that this process's tests use one after the other."""
    recycled = Recycled(servers)
    yield recycled
    await recycled.close()


@pytest.fixture
async def database(
    request: pytest.FixtureRequest, servers: ServerUrls, recycled: Recycled
) -> AsyncIterator[tuple[str, Pool]]:
    """The test's database: its URL, and connections as its owner."""
    if request.node.get_closest_marker("fresh_database") is None:
        await recycled.clear()
        yield recycled.url, recycled.pool
        return
    async with a_migrated_database(servers) as url, await open_owner_pool(url, name="test") as pool:
        yield url, pool


@pytest.fixture
def database_url(database: tuple[str, Pool]) -> str:
    """The URL of the test's database, as its owner."""
    return database[0]


@pytest.fixture
def pool(database: tuple[str, Pool]) -> Pool:
    """Connections to the test's database as its owner, to set up and to inspect."""
    return database[1]


@pytest.fixture
async def practice(pool: Pool) -> Practice:
    """A practice in Sydney whose PMS shares consent, with one automated category."""
    return await a_practice(pool)


@pytest.fixture
async def alone(servers: ServerUrls) -> AsyncIterator[None]:
    """Keep other tests that use this fixture from running meanwhile: all databases share roles."""
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("select pg_advisory_lock(1)")
    yield
    await connection.close()
