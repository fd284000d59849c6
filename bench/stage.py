"""What the measurements stand on: servers, databases cloned from templates, shipped processes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import psutil
from redis.asyncio import Redis

from api.demo.processes import Processes
from api.demo.servers import ServerUrls
from bench.gateway import HOST, Gateway, free_port
from bench.sizes import Sizes
from bench.waiting import until
from db.migrate import migrate
from db.pool import open_pool
from db.rows import Pool

CONNECTIONS = 256
"""Messages that are handed over at the same time, by us and by the bare client alike."""
ACCOUNT, TOKEN, SENDER = "AC1", "token", "+61400000000"
RECEIPTS_URL = "http://127.0.0.1:9/receipts/twilio"
"""Sent along with each message; the gateway sends no receipts."""
EMPTY = "empty"
"""The template that has the tables and nothing in them."""


class Stage:
    """One run of the bench; ``directory`` holds its programs and logs."""

    def __init__(self, servers: ServerUrls, directory: Path, sizes: Sizes) -> None:
        self.directory = directory
        self.sizes = sizes
        self._servers = servers

    @property
    def valkey_url(self) -> str:
        """Where jobs are queued."""
        return self._servers.valkey_url

    def database_url(self, name: str) -> str:
        """Give the URL of a database."""
        head, query = self._servers.database_url.split("?", 1)
        return f"{head.rsplit('/', 1)[0]}/{name}?{query}"

    async def prepare(self) -> None:
        """Set PostgreSQL up for what comes, and make the empty template."""
        await self._administer(
            # A checkpoint in one round and none in the next would be noise.
            "alter system set max_wal_size = '8GB'",
            "alter system set checkpoint_timeout = '30min'",
            "select pg_reload_conf()",
            f"create database {EMPTY}",
        )
        await asyncio.to_thread(migrate, self.database_url(EMPTY))

    @asynccontextmanager
    async def new_template(self, name: str, of: str = EMPTY) -> AsyncIterator[Pool]:
        """Make a database that rounds begin with, to be filled in the ``async with`` block."""
        await self._administer(f"create database {name} template {of} strategy file_copy")
        async with await open_pool(self.database_url(name), name="bench") as pool:
            yield pool

    @asynccontextmanager
    async def clone(self, template: str) -> AsyncIterator[str]:
        """Give the URL of a fresh copy of the template, so that all rounds begin alike."""
        async with Redis.from_url(self.valkey_url) as valkey:
            await valkey.flushall()
        await self._administer(f"create database round template {template} strategy file_copy")
        yield self.database_url("round")
        await self._administer("drop database round with (force)", "checkpoint")

    async def _administer(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._servers.database_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


class Shipped:
    """The processes that are shipped, on one database; also runs the peers."""

    def __init__(self, stage: Stage, stack: AsyncExitStack, url: str, gateway: Gateway) -> None:
        self._logs = stage.directory
        self._processes = Processes(stack, stage.directory)
        self._env = os.environ | {
            "RECALLS_DATABASE_URL": url,
            "RECALLS_VALKEY_URL": stage.valkey_url,
            "RECALLS_GATEWAY_URL": gateway.url,
            "RECALLS_GATEWAY_ACCOUNT": ACCOUNT,
            "RECALLS_GATEWAY_TOKEN": TOKEN,
            "RECALLS_GATEWAY_SENDER": SENDER,
            "RECALLS_GATEWAY_CONNECTIONS": str(CONNECTIONS),
            "RECALLS_RECEIPTS_URL": RECEIPTS_URL,
        }

    async def start_worker(self) -> int:
        """Start ``python -m workers``; gives its process id once it takes work."""
        await self._processes.start("worker", "-m", "workers", env=self._env)
        log = self._logs / "worker.log"

        async def ready() -> bool:
            return "ready for work" in log.read_text()

        await until(ready, 30, "the worker's start")
        return pid_of(sys.executable, "-m", "workers")

    async def start_api(self) -> str:
        """Start ``python -m api serve``; gives its URL once it answers."""
        port = free_port()
        env = self._env | {"RECALLS_HOST": HOST, "RECALLS_PORT": str(port)}
        api = await self._processes.start("api", "-m", "api", "serve", env=env)
        url = f"http://{HOST}:{port}"
        await self._processes.answers(api, f"{url}/healthz")
        return url

    async def start_peer(self, name: str) -> None:
        """Start ``python -m bench.peers.<name>``."""
        await self._processes.start(name, "-m", f"bench.peers.{name}", env=self._env)


@asynccontextmanager
async def shipped(stage: Stage, url: str, gateway: Gateway) -> AsyncIterator[Shipped]:
    """Give what starts processes on the database; they are stopped at the end."""
    async with AsyncExitStack() as stack:
        yield Shipped(stage, stack, url, gateway)


def pid_of(*command: str) -> int:
    """Find the process that runs what starts with the command, itself and not its guard."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.cmdline()[: len(command)] == list(command):
                return int(process.pid)
    raise ProcessLookupError(command)
