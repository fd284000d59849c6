"""Everything that a torture run runs: servers, simulator, API and workers, each a process."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from api.demo.embedded import start_postgres
from api.demo.servers import as_application
from db.pool import open_owner_pool
from db.rows import Pool
from tests.support.simulated import until
from tests.torture.programs import Program, free_port
from tests.torture.valkey import Valkey

LEASE = 2.5
"""Seconds; the shipped one, cut down so that a run sees it end many times."""
GATEWAY_TIMEOUT = 1.5
LOOKUP_AFTER = LEASE + 3 * GATEWAY_TIMEOUT
ACCOUNT, TOKEN = "AC1", "torture"
START_SECONDS = 60


@dataclass(frozen=True)
class Stage:
    """The running whole."""

    pool: Pool
    """Connections of our own, which no blow is aimed at."""
    valkey: Valkey
    workers: list[Program]
    api: aiohttp.ClientSession
    gateway: aiohttp.ClientSession
    logs: Path

    async def misbehave(self, settings: dict[str, Any]) -> None:
        """Change how the gateway behaves."""
        async with self.gateway.put("/settings", json=settings, raise_for_status=True):
            return

    async def keep_workers(self, counts: Counter[str]) -> None:
        """Start workers that have ended, until cancelled, as what runs them in production does."""
        while True:
            await asyncio.sleep(0.5)
            for worker in self.workers:
                if worker.ended:
                    counts["workers started again"] += 1
                    await worker.start()


@asynccontextmanager
async def staged(directory: Path, workers: int) -> AsyncIterator[Stage]:
    """Run it all, data and logs in ``directory``, until the ``async with`` block ends."""
    async with AsyncExitStack() as stack:
        valkey = Valkey(directory, stack)
        await valkey.start()
        # Safe against the loss of a backend's memory: what was committed must be there after it.
        _, database_url = await start_postgres(directory, stack, fast=False)
        gateway_url, api_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        env = os.environ | {
            "RECALLS_DATABASE_URL": as_application(database_url),
            "RECALLS_DATABASE_OWNER_URL": database_url,
            "RECALLS_VALKEY_URL": valkey.url,
            "RECALLS_PORT": api_url.rpartition(":")[2],
            "RECALLS_GATEWAY_URL": gateway_url,
            "RECALLS_GATEWAY_ACCOUNT": ACCOUNT,
            "RECALLS_GATEWAY_TOKEN": TOKEN,
            "RECALLS_GATEWAY_SENDER": "+61491570006",
            "RECALLS_GATEWAY_CONNECTIONS": "32",
            "RECALLS_GATEWAY_TIMEOUT": str(GATEWAY_TIMEOUT),
            "RECALLS_GATEWAY_LOOKUP_AFTER": str(LOOKUP_AFTER),
            "RECALLS_RECEIPTS_URL": f"{api_url}/receipts/twilio",
            "RECALLS_WORKER_LEASE": str(LEASE),
        }

        def program(name: str, *arguments: str) -> Program:
            return Program(name, *arguments, env=env, logs=directory)

        await program("migrate", "db", "migrate").complete()
        simulator = ["workers.simulator", "--port", gateway_url.rpartition(":")[2]]
        simulator += ["--auth-token", TOKEN, "--receipt-delay", "0.2"]
        fleet = [program(f"worker-{n}", "workers") for n in range(1, workers + 1)]
        for each in (program("simulator", *simulator), program("api", "api", "serve"), *fleet):
            await each.start()
            stack.push_async_callback(each.stop)
        gateway = await stack.enter_async_context(aiohttp.ClientSession(gateway_url))
        api = await stack.enter_async_context(aiohttp.ClientSession(api_url))
        await _answers(gateway, "/settings")
        await _answers(api, "/healthz")
        for worker in fleet:
            await worker.says("ready for work", START_SECONDS)
        pool = await stack.enter_async_context(await open_owner_pool(database_url, name="torture"))
        yield Stage(pool, valkey, fleet, api, gateway, directory)


async def _answers(client: aiohttp.ClientSession, path: str) -> None:
    async def answers() -> bool:
        try:
            async with client.get(path) as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False

    await until(answers, START_SECONDS)
