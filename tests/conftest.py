"""What every test can ask for: the servers, an own database, and a practice to work on."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from api.demo.servers import ServerUrls, running_servers
from db.migrate import migrate
from db.pool import open_owner_pool
from db.rows import Pool
from tests.support.practice import Practice, a_practice

pytest_plugins = [
    "tests.support.served",
    "tests.support.importing",
    "tests.support.identity_provider",
    "tests.support.browser",
]

TEMPLATE = "recalls_template"
numbers = itertools.count(1)


def _memory() -> str | None:
    """Give a directory in memory where the machine has one that is large enough, else None.

    Cloning a database makes and removes some three hundred files; on disks that is slow.
    """
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**31
    return str(memory) if roomy else None


def on_database(url: str, name: str) -> str:
    """Give the URL of another database on the same server."""
    head, query = url.split("?", 1)
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


async def _administer(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[ServerUrls]:
    """PostgreSQL and Valkey, once for all tests, with a migrated template database."""
    # Not pytest's own temporary directory: root's is closed to the account PostgreSQL runs as.
    with (
        tempfile.TemporaryDirectory(prefix="recalls-test-", dir=_memory()) as directory,
        running_servers(Path(directory), fast=True) as urls,
    ):
        asyncio.run(_administer(urls.database_url, f"create database {TEMPLATE}"))
        migrate(on_database(urls.database_url, TEMPLATE))
        yield urls


@pytest.fixture
async def database_url(servers: ServerUrls) -> AsyncIterator[str]:
    """A database of the test's own, cloned from the template."""
    name = f"test_{next(numbers)}"
    await _administer(
        servers.database_url, f"create database {name} template {TEMPLATE} strategy file_copy"
    )
    yield on_database(servers.database_url, name)
    await _administer(servers.database_url, f"drop database {name} with (force)")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to the test's own database, as its owner: they set up, and look."""
    pool = await open_owner_pool(database_url, name="test")
    yield pool
    await pool.close()


@pytest.fixture
async def practice(pool: Pool) -> Practice:
    """A practice in Sydney whose PMS shares consent, with one automated category."""
    return await a_practice(pool)
