"""PostgreSQL and Valkey, once for all tests however many processes run them."""

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
"""Each has a database of Valkey's sixteen, and some thirty connections to PostgreSQL's 300."""
CHANGES = """
  create schema tests;
  create table tests.changes (tag text);
  create function tests.note_change() returns event_trigger language plpgsql as
    $$ begin insert into tests.changes values (tg_tag); end $$;
  -- As new: without rows, its keys begin at 1. Without triggers, for some tables take no deletion.
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

  -- Last, for they see what comes after the first of them.
  create event trigger note_change on ddl_command_end execute function tests.note_change();
  create event trigger note_drop on sql_drop execute function tests.note_change();
  truncate tests.changes;
"""
"""Makes a database one that can be cleared, and that knows whether its schema was changed."""


def on_database(url: str, name: str) -> str:
    """Give the URL of another database on the same server."""
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
    """Run both, with a migrated template database."""
    # Not pytest's own temporary directory: root's is closed to the account PostgreSQL runs as.
    with (
        tempfile.TemporaryDirectory(prefix="recalls-test-", dir=_memory()) as directory,
        running_servers(Path(directory), fast=True) as urls,
    ):
        asyncio.run(administer(urls.database_url, f"create database {TEMPLATE}"))
        migrate(on_database(urls.database_url, TEMPLATE))
        asyncio.run(administer(on_database(urls.database_url, TEMPLATE), CHANGES))
        yield urls


def _memory() -> str | None:
    """Give a directory in memory where the machine has one that is large enough, else None.

    Cloning a database makes and removes some three hundred files; on disks that is slow.
    """
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**31
    return str(memory) if roomy else None


class Shared:
    """Runs both for the processes of pytest-xdist, from when the first of them is to be started."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._urls: ServerUrls | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process where they answer."""
        if self._urls is None:
            self._urls = self._stack.enter_context(_running())
        node.workerinput["servers"] = dataclasses.asdict(self._urls)

    def pytest_unconfigure(self) -> None:
        """Stop them, when every process has ended."""
        self._stack.close()


def pytest_configure(config: pytest.Config) -> None:
    """See that servers are there for the processes that this one starts, if it does."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Shared())


def pytest_xdist_auto_num_workers() -> int:
    """As many processes as keep the cores busy: a test waits half of its time."""
    return min(2 * len(os.sched_getaffinity(0)), MAX_PROCESSES)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[ServerUrls]:
    """PostgreSQL and Valkey; this process has a database of Valkey's of its own."""
    shared = getattr(request.config, "workerinput", None)
    if shared is None:
        with _running() as urls:
            yield urls
        return
    urls = ServerUrls(**shared["servers"])
    number = shared["workerid"].removeprefix("gw")
    yield dataclasses.replace(urls, valkey_url=urls.valkey_url.removesuffix("/0") + f"/{number}")
