"""A real browser for tests: Chromium without a window, driven over its DevTools protocol."""

import asyncio
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect

from tests.simulated import until

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # the tests' own pages, perhaps as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--remote-debugging-port=0",
)


class Page:
    """A page of the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def _call(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("id") == number:
                return message.get("result", {})

    async def go(self, url: str) -> None:
        """Begin to load the address."""
        await self._call("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """Give a JavaScript expression's value; None where it can't be had just now."""
        answer = await self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer.get("result", {}).get("value")

    async def until(self, expression: str, seconds: float = 20) -> None:
        """Wait until the expression is true."""

        async def reached() -> bool:
            return await self.value(f"Boolean({expression})") is True

        await until(reached, seconds)


@asynccontextmanager
async def page() -> AsyncIterator[Page]:
    """Give an empty page of a browser that knows nothing yet."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(prefix="recalls-browser-", ignore_cleanup_errors=True) as home:
        browser = await asyncio.create_subprocess_exec(
            *(CHROMIUM, *OPTIONS, f"--user-data-dir={home}", "about:blank"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            said = Path(home) / "DevToolsActivePort"

            async def ready() -> bool:
                return said.exists() and "\n" in said.read_text()

            await until(ready, 30)
            url = f"http://127.0.0.1:{said.read_text().split()[0]}/json/list"
            async with aiohttp.ClientSession() as http, http.get(url) as answer:
                [found] = [one for one in await answer.json() if one["type"] == "page"]
            async with connect(found["webSocketDebuggerUrl"], max_size=None) as socket:
                yield Page(socket)
        finally:
            browser.terminate()
            await browser.wait()
