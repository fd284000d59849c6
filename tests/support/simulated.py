"""A simulator and a receipts endpoint to test against, in this process, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from dev.simulator.app import make_runner
from dev.simulator.faults import Settings
from workers.gateway.twilio_signature import valid_signature

TO, FROM = "+61491570156", "+61400000000"
FORM = {"To": TO, "From": FROM, "Body": "Your skin check is due"}
MESSAGES = "/2010-04-01/Accounts/AC1/Messages.json"
AUTH = {"Authorization": aiohttp.encode_basic_auth("AC1", "token")}


@asynccontextmanager
async def listening(runner: web.AppRunner) -> AsyncIterator[str]:
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def simulator(
    replies_url: str | None = None, **settings: Any
) -> AsyncIterator[aiohttp.ClientSession]:
    """Run a simulator; yield a client that talks to it as account AC1."""
    async with (
        listening(make_runner("token", Settings(**settings), replies_url)) as url,
        aiohttp.ClientSession(url, headers=AUTH) as client,
    ):
        yield client


class Inbox:
    """A receipts endpoint that keeps what it receives, answering 500 to the first `failures`."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.url = ""
        self.forms: list[dict[str, str]] = []
        self.all_signed = True

    async def receive(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        url = str(request.url)
        self.all_signed &= valid_signature("token", url, form, signature)
        self.forms.append(form)
        self.failures -= 1
        return web.Response(status=500 if self.failures >= 0 else 204)


@asynccontextmanager
async def inbox(failures: int = 0) -> AsyncIterator[Inbox]:
    received = Inbox(failures)
    app = web.Application()
    app.router.add_post("/receipts", received.receive)
    async with listening(web.AppRunner(app)) as url:
        received.url = f"{url}/receipts?reference={UUID(int=7)}"
        yield received


async def post(client: aiohttp.ClientSession, **changes: str) -> tuple[int, dict[str, Any]]:
    async with client.post(MESSAGES, data={**FORM, **changes}) as answer:
        return answer.status, await answer.json()


async def get(client: aiohttp.ClientSession, path: str) -> Any:
    async with client.get(path, raise_for_status=True) as answer:
        return await answer.json()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.01)
