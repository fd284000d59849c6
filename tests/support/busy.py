"""Recalls at work for a test: the shipped processes and all the traces that they leave."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.identity import Role
from db.tokens import create_token
from db.types import Pool
from dev.listening import a_listener
from dev.servers.running import ServerUrls, as_application
from tests.support.practice import Practice, a_practice
from tests.support.served import GATEWAY_TOKEN, Served
from tests.support.simulated import until
from tests.support.traces import Evidence, Watched, activity, collected, monitor, process, watched


class Busy:
    """A practice at work on processes of its own, and what is observed of them.

    ``url`` is the API's own address, past the proxy that records requested addresses.
    """

    def __init__(self, directory: Path, stack: AsyncExitStack) -> None:
        self.directory = directory
        self.evidence = Evidence()
        self._stack = stack
        self._statements: set[str] = set()
        self._commands: list[str] = []
        self.served: Served
        self.url: str
        self.to_api: Watched
        self.to_gateway: Watched
        self._server_log: Path
        self._valkey_url: str
        self._logged = 0

    async def watch(self, servers: ServerUrls, database_url: str, pool: Pool) -> None:
        """Start recording Valkey's commands and what PostgreSQL runs and logs."""
        self._valkey_url = servers.valkey_url
        ready = asyncio.Event()
        for collecting in (
            monitor(servers.valkey_url, self._commands, ready),
            activity(database_url, self._statements),
        ):
            task = asyncio.create_task(collecting)
            await self._stack.enter_async_context(collected(task))
        await ready.wait()
        data = Path(await pool.fetchval("show data_directory"))
        self._server_log = data.with_name("postgres.log")
        self._logged = self._server_log.stat().st_size

    @asynccontextmanager
    async def run(self, name: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run one of our modules, with its output in ``name``.log."""
        log = self.directory / f"{name}.log"
        async with process(sys.executable, "-m", *arguments, log=log) as started:
            yield started

    async def start(self, practice: Practice, token: str) -> None:
        """Start the simulator and the API; return once the API answers."""
        simulator = ("dev.simulator", "--port", "0", "--auth-token", GATEWAY_TOKEN)
        await self._stack.enter_async_context(self.run("simulator", *simulator))
        await self._stack.enter_async_context(self.run("api", "api", "serve"))
        await self.said("simulator", "listening on")
        [port] = re.findall(r":(\d+)\n", (self.directory / "simulator.log").read_text())
        self.to_gateway.to = ("127.0.0.1", int(port))
        headers = {"Authorization": aiohttp.encode_basic_auth("AC1", token)}
        gateway = aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers)
        http = aiohttp.ClientSession(self.to_api.url)
        for session in (gateway, http):
            await self._stack.enter_async_context(session)
        self.served = Served(self.to_api.url, http, gateway, practice, self._valkey_url)
        await self.said("api", "Application startup complete")

    async def said(self, name: str, text: str) -> None:
        """Wait until the process's log contains the text."""

        async def reached() -> bool:
            return text in (self.directory / f"{name}.log").read_text()

        await until(reached, seconds=40)

    async def ask(self, document: str, variables: Any = None, *, as_sent: bool = False) -> Any:
        """Return the answer's data, and record the problems that it reports.

        ``as_sent`` is for values sent in the wrong place, which may be echoed to the client.
        """
        answer = await self.served.ask(document, variables)
        self.note(answer, as_sent=as_sent)
        return answer.get("data")

    def note(self, answer: Any, *, as_sent: bool = False) -> None:
        """Record the problems that an answer reports."""
        place = "problems with what was sent" if as_sent else "problems"
        self.evidence.add(place, _messages(answer))

    async def end(self) -> Evidence:
        """Stop everything, and return all the traces left behind."""
        await self._stack.aclose()
        for log in self.directory.glob("*.log"):
            self.evidence.add(log.name, log.read_text().splitlines())
        with self._server_log.open() as file:
            file.seek(self._logged)
            self.evidence.add("PostgreSQL's log", file.read().splitlines())
        self.evidence.add("PostgreSQL's activity", self._statements)
        self.evidence.add("Valkey", self._commands)
        self.evidence.add("addresses at the API", self.to_api.addresses)
        self.evidence.add("addresses at the gateway", self.to_gateway.addresses)
        return self.evidence


def _messages(answer: Any) -> Iterator[str]:
    if isinstance(answer, list):
        for item in answer:
            yield from _messages(item)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name == "message" and isinstance(value, str):
                yield value
            else:
                yield from _messages(value)


@asynccontextmanager
async def at_work(
    servers: ServerUrls,
    database_url: str,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    directory: Path,
    *,
    staff: str,
) -> AsyncIterator[Busy]:
    """Start a practice's API and its gateway, and watch them; the test starts any worker.

    ``staff`` begins the names of its tokens' holders.
    """
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")
    async with AsyncExitStack() as stack:
        busy = Busy(directory, stack)
        busy.to_api, busy.to_gateway = [
            await stack.enter_async_context(watched()) for _ in range(2)
        ]
        with a_listener() as listener:
            busy.to_api.to = listener.getsockname()
        busy.url = "http://{}:{}".format(*busy.to_api.to)
        settings = {
            "DATABASE_URL": as_application(database_url),
            "VALKEY_URL": servers.valkey_url,
            "PORT": str(busy.to_api.to[1]),
            "RATE": "0",
            "GATEWAY_URL": busy.to_gateway.url,
            "GATEWAY_ACCOUNT": "AC1",
            "GATEWAY_TOKEN": GATEWAY_TOKEN,
            "GATEWAY_SENDER": "+61400000000",
            "GATEWAY_TIMEOUT": "0.3",
            "GATEWAY_LOOKUP_AFTER": "2",
            "WORKER_LEASE": "1",
            "RECEIPTS_URL": f"{busy.to_api.url}/receipts/twilio",
            "REPLIES_URL": f"{busy.to_api.url}/replies/twilio",
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"RECALLS_{name}", value)
        await busy.watch(servers, database_url, pool)
        await busy.start(practice, GATEWAY_TOKEN)
        for role in Role:
            token = await create_token(pool, practice.id, f"{staff} {role}", role)
            busy.served.tokens[role] = token
        yield busy
