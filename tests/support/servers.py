"""PostgreSQL and Valkey, once for all tests, however many processes run them."""

import asyncio
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.migrate import migrate
from dev.servers.running import ServerUrls, running_servers

TEMPLATE = "recalls_template"
MAX_PROCESSES = 8
"""Each takes one of Valkey's 16 databases and some 30 of PostgreSQL's 300 connections."""
CHANGES = """
  create schema tests;
  create table tests.changes (tag text);
  create function tests.note_change() returns event_trigger language plpgsql as
    $$ begin insert into tests.changes values (tg_tag); end $$;
  -- As new: no rows, and keys that begin at 1. Without triggers: some tables refuse deletions.
  create function tests.clear() returns void language plpgsql
    set session_replication_role = replica as $$
  declare
    one record;
    large boolean := (select sum(pg_relation_size(oid)) > 2 * 1024 * 1024 from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r');
  begin
    for one in select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
    loop
      if large then
        execute format('truncate %I cascade', one.name);
      else
        execute format('delete from %I', one.name);
      end if;
    end loop;
    perform setval(oid, 1, false) from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'S';
  end $$;

  -- Last, because they see everything after the first of them.
  create event trigger note_change on ddl_command_end execute function tests.note_change();
  create event trigger note_drop on sql_drop execute function tests.note_change();
  truncate tests.changes;
"""
"""Makes a database clearable, and aware of changes to its schema."""


def on_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    head, query = url.split("?", 1)
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


async def administer(url: str, *statements: str) -> None:
    """Run the statements, one by one, each in a transaction of its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def _running() -> Iterator[ServerUrls]:
    """Run both servers, with a migrated template database."""
    # Not pytest's own temporary directory: root's is closed to the account that PostgreSQL runs as.
    with (
        tempfile.TemporaryDirectory(prefix="recalls-test-", dir=_memory()) as directory,
        running_servers(Path(directory), fast=True) as urls,
    ):
        asyncio.run(administer(urls.database_url, f"create database {TEMPLATE}"))
        migrate(on_database(urls.database_url, TEMPLATE))
        asyncio.run(administer(on_database(urls.database_url, TEMPLATE), CHANGES))
        yield urls


def _memory() -> str | None:
    """Return a directory in memory, or None if the machine has none that is large enough.

    Cloning a database creates and removes some 300 files, which is slow on disks.
    """
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**31
    return str(memory) if roomy else None


class Shared:
    """Both servers for pytest-xdist's processes, started with the first of these."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._urls: ServerUrls | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Pass a process the servers' URLs."""
        if self._urls is None:
            self._urls = self._stack.enter_context(_running())
        node.workerinput["servers"] = dataclasses.asdict(self._urls)

    def pytest_unconfigure(self) -> None:
        """Stop the servers when every process has ended."""
        self._stack.close()


def pytest_configure(config: pytest.Config) -> None:
    """Provide servers for the processes that this one starts, if any."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Shared())


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes keep the cores busy: a test waits half of its time."""
    return min(2 * len(os.sched_getaffinity(0)), MAX_PROCESSES)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[ServerUrls]:
    """PostgreSQL and Valkey; this process has a Valkey database of its own."""
    shared = getattr(request.config, "workerinput", None)
    if shared is None:
        with _running() as urls:
            yield urls
        return
    urls = ServerUrls(**shared["servers"])
    number = shared["workerid"].removeprefix("gw")
    yield dataclasses.replace(urls, valkey_url=urls.valkey_url.removesuffix("/0") + f"/{number}")
