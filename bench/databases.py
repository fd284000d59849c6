"""Databases of one run of a bench, on its own servers: templates, clones and their URLs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from redis.asyncio import Redis

from db.migrate import migrate
from db.pool import open_owner_pool
from db.types import Pool
from dev.servers.running import ServerUrls

EMPTY = "empty"
"""The template that has empty tables."""


class Databases:
    """The databases that are measured on; ``directory`` holds programs and logs."""

    def __init__(self, servers: ServerUrls, directory: Path) -> None:
        self.directory = directory
        self._servers = servers

    @property
    def valkey_url(self) -> str:
        """Where jobs are queued."""
        return self._servers.valkey_url

    def database_url(self, name: str) -> str:
        """Return the URL of a database."""
        head, query = self._servers.database_url.split("?", 1)
        return f"{head.rsplit('/', 1)[0]}/{name}?{query}"

    async def prepare(self) -> None:
        """Set PostgreSQL up for measuring, and make the empty template."""
        await self.administer(
            # A checkpoint in one round and none in the next would be noise.
            "alter system set max_wal_size = '8GB'",
            "alter system set checkpoint_timeout = '30min'",
            "select pg_reload_conf()",
            f"create database {EMPTY}",
        )
        await asyncio.to_thread(migrate, self.database_url(EMPTY))

    @asynccontextmanager
    async def new_template(
        self, name: str, of: str = EMPTY, *, triggers: bool = True
    ) -> AsyncIterator[Pool]:
        """Make a database for rounds to start from, which the ``async with`` block fills.

        Without ``triggers``, none fires for the rows filled in, and no foreign key is checked.
        """
        await self.administer(f"create database {name} template {of} strategy file_copy")
        url = self.database_url(name) + ("" if triggers else "&session_replication_role=replica")
        async with await open_owner_pool(url, name="bench") as pool:
            yield pool

    @asynccontextmanager
    async def clone(self, template: str) -> AsyncIterator[str]:
        """Yield the URL of a fresh copy of the template, so that all rounds begin alike."""
        async with Redis.from_url(self.valkey_url) as valkey:
            await valkey.flushall()
        await self.administer(f"create database round template {template} strategy file_copy")
        yield self.database_url("round")
        await self.administer("drop database round with (force)", "checkpoint")

    async def administer(self, *statements: str) -> None:
        """Run statements outside our databases, each by itself."""
        connection = await asyncpg.connect(self._servers.database_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
