"""The demo from start to end: sets itself up, sends, shows what it did, and serves."""

import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from db.pool import open_owner_pool
from db.practices import list_practices
from dev.demo.automation import Client, automate
from dev.demo.directory import Directory
from dev.demo.processes import HOST, Processes, check_port
from dev.demo.seed import create_tokens, seed
from dev.servers.embedded import start_postgres, start_valkey
from dev.servers.running import as_application
from schema.inputs import global_id

ROOT = Path(__file__).parents[2]
SENDER = "+61491570110"
"""One of the numbers that the ACMA sets aside for fiction."""
PARENT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """Where the demo keeps its data, where it listens, and whether it starts afresh."""

    var: Path
    port: int
    simulator_port: int
    reset: bool

    @property
    def api(self) -> str:
        """Where the API answers, without a path."""
        return f"http://{HOST}:{self.port}"

    @property
    def simulator(self) -> str:
        """Where the simulator answers."""
        return f"http://{HOST}:{self.simulator_port}"


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice as described to scripts, with its tokens by role."""

    id: str
    name: str
    pms: str
    tokens: Mapping[str, str]


async def run(options: Options, console: Console) -> None:
    """Run the demo until SIGINT, SIGTERM or the end of the process that started this one.

    Raises DemoError or ServersError if it can't go on; everything has stopped by then.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    check_port(options.port, "PORT")
    check_port(options.simulator_port, "SIMULATOR_PORT")
    directory = Directory(options.var)
    with directory.locked():
        async with contextlib.AsyncExitStack() as stack:
            demo = Demo(options, directory, stack, console)
            work = asyncio.create_task(demo.work())
            ends: list[asyncio.Task[Any]] = [
                work,
                asyncio.create_task(stop.wait()),
                asyncio.create_task(_parent_ends()),
            ]
            await asyncio.wait([*ends, demo.processes.death], return_when=asyncio.FIRST_COMPLETED)
            died = demo.processes.death.done()
            console.print("Stopping…")
            for task in ends:
                task.cancel()
            await asyncio.wait(ends)
    if died:
        raise demo.processes.death.result()
    with contextlib.suppress(asyncio.CancelledError):
        work.result()


async def _parent_ends() -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing signals it
        await asyncio.sleep(PARENT_SECONDS)


class Demo:
    """What the demo does until it is stopped."""

    def __init__(
        self,
        options: Options,
        directory: Directory,
        stack: contextlib.AsyncExitStack,
        console: Console,
    ) -> None:
        self.processes = Processes(stack, directory.logs)
        self._options = options
        self._directory = directory
        self._stack = stack
        self._console = console
        self._env = dict(os.environ)

    async def work(self) -> None:
        """Start everything, run the automated runs, show what there is to see, and serve."""
        if self._options.reset or not self._directory.seeded:
            await self._directory.erase()
        tokens = self._directory.take_tokens()
        self._console.print("Starting PostgreSQL and Valkey…")
        database_url = await self._start_servers()
        await self.processes.complete("migrate", "-m", "db", "migrate", env=self._env)
        practices = await self._practices(database_url, tokens)
        self._console.print("Starting the simulator, the API and a worker…")
        await self._start_services()
        url = f"{self._options.api}/graphql"
        async with aiohttp.ClientSession() as session:
            for practice in practices:
                client = Client(session, url, practice.tokens["ADMIN"])
                await automate(client, practice.name, self._console)
        self._show(practices)
        self._directory.describe(
            {
                "url": url,
                "simulator": self._options.simulator,
                "practices": [asdict(practice) for practice in practices],
            }
        )
        self._console.print("Press Ctrl-C to stop.\nReady.")
        await asyncio.Event().wait()

    async def _start_servers(self) -> str:
        """Start both servers and set the children's environment; return the owner's URL."""
        directory = self._directory.servers
        valkey, valkey_url = await start_valkey(directory, self._stack)
        self.processes.watch(valkey, directory)
        postgres, database_url = await start_postgres(directory, self._stack, fast=False)
        self.processes.watch(postgres, directory)
        self._env |= {
            "PYTHONPATH": str(ROOT),
            "RECALLS_ENVIRONMENT": "development",
            "RECALLS_HOST": HOST,
            "RECALLS_PORT": str(self._options.port),
            "RECALLS_DATABASE_URL": as_application(database_url),
            "RECALLS_DATABASE_OWNER_URL": database_url,
            "RECALLS_VALKEY_URL": valkey_url,
            "RECALLS_GATEWAY_URL": self._options.simulator,
            "RECALLS_GATEWAY_ACCOUNT": "ACdemo",
            "RECALLS_GATEWAY_TOKEN": secrets.token_hex(16),
            "RECALLS_GATEWAY_SENDER": SENDER,
            "RECALLS_RECEIPTS_URL": f"{self._options.api}/receipts/twilio",
            "RECALLS_REPLIES_URL": f"{self._options.api}/replies/twilio",
        }
        return database_url

    async def _practices(
        self, database_url: str, tokens: Mapping[str, Mapping[str, str]]
    ) -> list[Practice]:
        """Seed if there is no data yet; return the practices, with tokens that open them."""
        async with await open_owner_pool(database_url, name="demo") as pool:
            if not self._directory.seeded:
                self._console.print("Making up two practices…")
                await seed(pool)
                self._directory.mark_seeded()
            practices = []
            for row in await list_practices(pool):
                key, pms = global_id("Practice", row["id"]), row["pms_product"]
                known = tokens.get(key) or await create_tokens(pool, row["id"], pms)
                practices.append(Practice(key, row["name"], pms, known))
            return practices

    async def _start_services(self) -> None:
        """Start all three, to be stopped in reverse order, and wait until they answer."""
        options = ("--port", str(self._options.simulator_port))
        proof = ("--auth-token", self._env["RECALLS_GATEWAY_TOKEN"])
        replies = ("--replies-url", self._env["RECALLS_REPLIES_URL"])
        simulator = await self.processes.start(
            "simulator", "-m", "dev.simulator", *options, *proof, *replies, env=self._env
        )
        api = await self.processes.start("api", "-m", "api", "serve", env=self._env)
        await self.processes.start("worker", "-m", "workers", env=self._env)
        await self.processes.answers(simulator, f"{self._options.simulator}/")
        await self.processes.answers(api, f"{self._options.api}/healthz")

    def _show(self, practices: list[Practice]) -> None:
        for practice in practices:
            table = Table(title=practice.name, title_justify="left", box=None, show_header=False)
            for role, token in practice.tokens.items():
                table.add_row(role, token)
            self._console.print("", table)
            for role in ("RECEPTIONIST", "ADMIN"):
                link = f"{self._options.api}/#token={practice.tokens[role]}"
                self._console.print(f"The portal as {role}: {link}", soft_wrap=True)
            graphiql = f"{self._options.api}/graphql#token={practice.tokens['ADMIN']}"
            self._console.print(f"GraphiQL: {graphiql}", soft_wrap=True)
        self._console.print(f"\nThe patients' phones: {self._options.simulator}/")
