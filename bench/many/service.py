"""The service of one round: the shipped processes on a clone of a template, and their users."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp

from bench.client import Client
from bench.data import WATCHED
from bench.databases import Databases
from bench.gateway import Gateway, running_gateway
from bench.many.figures import GIVE_UP, Waits
from bench.stage import shipped
from core.identity import Role
from db.pool import open_owner_pool
from db.tokens import create_token
from db.types import Pool

LATENCY_MS = (20, 50)
Act: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Service:
    """What a round works with; ``pool`` connects as the tables' owner, ``http`` to the API."""

    pool: Pool
    http: aiohttp.ClientSession
    gateway: Gateway
    env: dict[str, str]
    """The environment of the shipped processes."""

    async def staff(self, practice: int) -> Client:
        """Return a client for the practice's staff who may do everything."""
        return Client(self.http, await create_token(self.pool, practice, "Staff", Role.ADMIN))

    async def holds(self, condition: str, *arguments: object) -> bool:
        """Return whether a condition, in SQL, holds."""
        return bool(await self.pool.fetchval(f"select {condition}", *arguments))


@asynccontextmanager
async def service(
    databases: Databases, template: str, gateway_program: Path, **settings: str
) -> AsyncIterator[Service]:
    """Run one worker, the API and the gateway on a fresh copy of the template.

    ``settings`` are added to the processes' environment. No request waits longer than ``GIVE_UP``.
    """
    async with (
        running_gateway(gateway_program, LATENCY_MS, WATCHED) as gateway,
        databases.clone(template) as url,
        shipped(databases, url, gateway, **settings) as processes,
        await open_owner_pool(url, name="bench", connections=4) as pool,
    ):
        await processes.start_worker()
        api_url = await processes.start_api()
        timeout = aiohttp.ClientTimeout(total=GIVE_UP)
        unbounded = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(api_url, timeout=timeout, connector=unbounded) as http:
            yield Service(pool, http, gateway, processes.env)


async def again(acts: Iterable[Act], waits: Waits, pause: float, over: asyncio.Event) -> None:
    """Do one act after another, with a pause after each, until ``over`` is set."""
    for act in acts:
        if over.is_set():
            return
        with waits.waiting():
            await act()
        await asyncio.sleep(pause)
