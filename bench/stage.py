"""What the measurements run on: servers, databases cloned from templates, shipped processes."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import psutil

from bench.databases import Databases
from bench.gateway import HOST, Gateway, free_port
from bench.sizes import Sizes
from bench.waiting import until
from dev.demo.processes import Processes
from dev.servers.running import ServerUrls, as_application

CONNECTIONS = 256
"""Messages handed over at once, by us and by the bare client alike."""
ACCOUNT, TOKEN, SENDER = "AC1", "token", "+61400000000"
RECEIPTS_URL = "http://127.0.0.1:9/receipts/twilio"
"""Sent along with each message; the gateway sends no receipts."""
REPLIES_URL = "https://127.0.0.1:9/replies/twilio"
"""The URL in the signature of a patient's reply, which the bench itself posts to the API."""


class Stage(Databases):
    """One run of ``bench.send``."""

    def __init__(self, servers: ServerUrls, directory: Path, sizes: Sizes) -> None:
        super().__init__(servers, directory)
        self.sizes = sizes


def settings(databases: Databases, database_url: str, gateway_url: str) -> dict[str, str]:
    """Return the environment of the shipped processes."""
    return {
        "RECALLS_DATABASE_URL": as_application(database_url),
        "RECALLS_DATABASE_OWNER_URL": database_url,  # for the peers, which no policy slows down
        "RECALLS_VALKEY_URL": databases.valkey_url,
        "RECALLS_RATE": "0",  # one token asks for everything here
        "RECALLS_OTHER_DOCUMENTS": "allow",
        "RECALLS_GATEWAY_URL": gateway_url,
        "RECALLS_GATEWAY_ACCOUNT": ACCOUNT,
        "RECALLS_GATEWAY_TOKEN": TOKEN,
        "RECALLS_GATEWAY_SENDER": SENDER,
        "RECALLS_GATEWAY_CONNECTIONS": str(CONNECTIONS),
        "RECALLS_RECEIPTS_URL": RECEIPTS_URL,
        "RECALLS_REPLIES_URL": REPLIES_URL,
    }


class Shipped:
    """Runs the shipped processes, and the peers, on one database."""

    def __init__(self, stack: AsyncExitStack, logs: Path, env: dict[str, str]) -> None:
        self._logs = logs
        self._processes = Processes(stack, logs)
        self.env = os.environ | env

    async def start_worker(self) -> int:
        """Start ``python -m workers``; return its process id once it takes work."""
        await self._processes.start("worker", "-m", "workers", env=self.env)
        log = self._logs / "worker.log"

        async def ready() -> bool:
            return "ready for work" in log.read_text()

        await until(ready, 30, "the worker's start")
        return pid_of(sys.executable, "-m", "workers")

    async def start_api(self) -> str:
        """Start ``python -m api serve``; return its URL once it answers."""
        return await self.start_server("api", "api", "serve")

    async def start_server(self, name: str, *module: str) -> str:
        """Start a module that serves the API; return its URL once it answers."""
        port = free_port()
        env = self.env | {"RECALLS_HOST": HOST, "RECALLS_PORT": str(port)}
        server = await self._processes.start(name, "-m", *module, env=env)
        url = f"http://{HOST}:{port}"
        await self._processes.answers(server, f"{url}/healthz")
        return url

    def api_pid(self) -> int:
        """Return the process id of the API."""
        return pid_of(sys.executable, "-m", "api", "serve")

    async def start_peer(self, name: str) -> None:
        """Start ``python -m bench.peers.<name>``."""
        await self._processes.start(name, "-m", f"bench.peers.{name}", env=self.env)


@asynccontextmanager
async def shipped(
    databases: Databases, url: str, gateway: Gateway, **more: str
) -> AsyncIterator[Shipped]:
    """Yield a starter of processes on the database, with ``more`` in their environment.

    They are stopped at the end.
    """
    async with AsyncExitStack() as stack:
        env = settings(databases, url, gateway.url) | more
        yield Shipped(stack, databases.directory, env)


def pid_of(*command: str) -> int:
    """Return the id of the process whose command line starts with this, not that of its guard."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.cmdline()[: len(command)] == list(command):
                return int(process.pid)
    raise ProcessLookupError(command)
