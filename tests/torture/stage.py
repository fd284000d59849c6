"""All processes of a torture run: servers, simulator, network, API and workers."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from db.pool import open_owner_pool
from db.types import Pool
from dev.servers.embedded import start_postgres
from dev.servers.running import as_application
from tests.support.simulated import until
from tests.torture.programs import Program, free_port
from tests.torture.sightings import note_sightings
from tests.torture.valkey import Valkey

LEASE = 2.5
"""Seconds; shorter than the shipped one, so that a run sees it end many times."""
GATEWAY_TIMEOUT = 1.5
LOOKUP_AFTER = LEASE + 3 * GATEWAY_TIMEOUT
ACCOUNT, TOKEN, SENDER = "AC1", "torture", "+61491570006"
START_SECONDS = 60
GATEWAY, WORKERS_DATABASE, API_DATABASE = ROUTES = ("to_gateway", "of_workers", "of_api")
"""The network's routes: to the gateway, and to the database for either kind of process."""


@dataclass(frozen=True)
class Stage:
    """Everything running."""

    pool: Pool
    """Connections of our own, at which no blow is aimed."""
    valkey: Valkey
    network: Program
    """The relay of the workers' and the API's connections: see ``tests/torture/relay.py``."""
    workers: list[Program]
    api_program: Program
    api: aiohttp.ClientSession
    gateway: aiohttp.ClientSession
    replies_url: str
    """The signed URL that patients' replies go to."""
    owner_url: str
    logs: Path
    env: Mapping[str, str]

    def program(self, name: str, *arguments: str) -> Program:
        """Return another program, not started yet."""
        return Program(name, *arguments, env=self.env, logs=self.logs)

    async def misbehave(self, settings: dict[str, Any]) -> None:
        """Change how the gateway behaves."""
        async with self.gateway.put("/settings", json=settings, raise_for_status=True):
            return

    async def keep_running(self, counts: Counter[str]) -> None:
        """Restart what has ended, until cancelled, as a supervisor does in production.

        Raises RuntimeError if the network ended: that is no fault of the storm's, but ours.
        """
        while True:
            await asyncio.sleep(0.5)
            if self.network.ended:
                raise RuntimeError(f"the network ended; {self.network.log} says why")
            for program in (self.api_program, *self.workers):
                if program.ended:
                    counts["API and workers started again"] += 1
                    await program.start()


@asynccontextmanager
async def staged(directory: Path, workers: int) -> AsyncIterator[Stage]:
    """Run everything, with data and logs in ``directory``, during the ``async with`` block."""
    async with AsyncExitStack() as stack:
        valkey = Valkey(directory, stack)
        await valkey.start()
        # Safe against the loss of a backend's memory: commits must survive it.
        _, database_url = await start_postgres(directory, stack, fast=False)
        ports = {name: free_port() for name in ("gateway", "api", *ROUTES)}
        gateway_url, api_url = (f"http://127.0.0.1:{ports[name]}" for name in ("gateway", "api"))
        env = os.environ | {
            "RECALLS_DATABASE_URL": _relayed(database_url, ports[API_DATABASE]),
            "RECALLS_DATABASE_OWNER_URL": database_url,
            "RECALLS_VALKEY_URL": valkey.url,
            "RECALLS_PORT": str(ports["api"]),
            "RECALLS_GATEWAY_URL": f"http://127.0.0.1:{ports[GATEWAY]}",
            "RECALLS_GATEWAY_ACCOUNT": ACCOUNT,
            "RECALLS_GATEWAY_TOKEN": TOKEN,
            "RECALLS_GATEWAY_SENDER": SENDER,
            "RECALLS_GATEWAY_CONNECTIONS": "32",
            "RECALLS_GATEWAY_TIMEOUT": str(GATEWAY_TIMEOUT),
            "RECALLS_GATEWAY_LOOKUP_AFTER": str(LOOKUP_AFTER),
            "RECALLS_RECEIPTS_URL": f"{api_url}/receipts/twilio",
            "RECALLS_REPLIES_URL": f"{api_url}/replies/twilio",
            "RECALLS_WORKER_LEASE": str(LEASE),
        }

        of_workers = {"RECALLS_DATABASE_URL": _relayed(database_url, ports[WORKERS_DATABASE])}

        def program(name: str, *arguments: str, **others: str) -> Program:
            return Program(name, *arguments, env=env | others, logs=directory)

        await program("migrate", "db", "migrate").complete()
        simulator = ["dev.simulator", "--port", str(ports["gateway"])]
        simulator += ["--auth-token", TOKEN, "--receipt-delay", "0.2"]
        targets = {GATEWAY: f"127.0.0.1:{ports['gateway']}"}
        routes = [
            f"{name}={ports[name]}={targets.get(name, _socket(database_url))}" for name in ROUTES
        ]
        network = program("network", "tests.torture.relay", *routes)
        fleet = [program(f"worker-{n}", "workers", **of_workers) for n in range(1, workers + 1)]
        serving = program("api", "api", "serve")
        for each in (network, program("simulator", *simulator), serving, *fleet):
            await each.start()
            stack.push_async_callback(each.stop)
        gateway = await stack.enter_async_context(aiohttp.ClientSession(gateway_url))
        api = await stack.enter_async_context(aiohttp.ClientSession(api_url))
        await answers(gateway, "/settings")
        await answers(api, "/healthz")
        for worker in fleet:
            await worker.says("ready for work", START_SECONDS)
        pool = await stack.enter_async_context(await open_owner_pool(database_url, name="torture"))
        await note_sightings(pool)
        yield Stage(
            pool=pool,
            valkey=valkey,
            network=network,
            workers=fleet,
            api_program=serving,
            api=api,
            gateway=gateway,
            replies_url=env["RECALLS_REPLIES_URL"],
            owner_url=database_url,
            logs=directory,
            env=env,
        )


def _socket(database_url: str) -> str:
    """Return the path of the socket that PostgreSQL listens on."""
    return f"{database_url.partition('?host=')[2]}/.s.PGSQL.5432"


def _relayed(database_url: str, port: int) -> str:
    """Return the application's URL for the same database, through the network."""
    by_network = database_url.replace("@/", f"@127.0.0.1:{port}/").partition("?")[0]
    return f"{as_application(by_network)}?sslmode=disable"


async def answers(client: aiohttp.ClientSession, path: str) -> None:
    """Wait until a server answers. Raises TimeoutError if it doesn't."""

    async def answered() -> bool:
        try:
            async with client.get(path) as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False

    await until(answered, START_SECONDS)
