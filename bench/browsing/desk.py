"""A receptionist's desk: Chromium on this machine, signed in, with a stopwatch in its pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright

from bench.browsing.snapshot import data_bytes
from bench.waiting import BenchError
from dev.screens import CHROMIUM, OPTIONS

STOPWATCH = Path(__file__).with_name("stopwatch.js").read_text()
SECONDS = 60
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """What a page holds after a garbage collection; the heap and the data in it are in MB."""

    heap: float
    """With the compiled code, which goes on growing for as long as the engine finds what to do."""
    data: float
    nodes: int
    listeners: int
    documents: int


class Desk:
    """One signed-in page."""

    def __init__(self, page: Page, devtools: CDPSession, url: str) -> None:
        self.page = page
        self._devtools = devtools
        self._url = url

    async def sign_in(self, token: str) -> None:
        """Open the portal by a link with the token; the tab stays signed in."""
        await self.page.goto(f"{self._url}/recalls#token={token}")
        await self.opened()

    async def open(self, path: str = "/recalls", *, cached: bool = True) -> float:
        """Load a page anew; return the milliseconds until its first rows were painted."""
        if not cached:
            await self._devtools.send("Network.clearBrowserCache")
        # The same address with a new fragment wouldn't load the page again.
        await self.page.goto("about:blank")
        await self.page.goto(f"{self._url}{path}")
        return await self.opened()

    async def opened(self) -> float:
        """Return when, in milliseconds of the page, its first rows were painted."""
        return await self._number("opened")

    async def scripts(self) -> dict[str, int]:
        """Return the bytes of each script that the page has loaded, as they were transferred."""
        found: dict[str, int] = await self.page.evaluate(
            """() => Object.fromEntries(performance.getEntriesByType("resource")
                 .filter(({ name }) => name.endsWith(".js"))
                 .map(({ name, encodedBodySize }) => [name, encodedBodySize]))"""
        )
        return found

    async def start(self, kind: str, shown: str) -> None:
        """Set the stopwatch: from the next event of this kind until the JavaScript holds."""
        await self.page.evaluate(f"() => stopwatch.from('{kind}', () => {shown})")

    async def time(self) -> float:
        """Return the milliseconds that the stopwatch took."""
        return await self._number("stopwatch.time")

    async def after(self, act: str, shown: str) -> float:
        """Return the milliseconds from an act, in JavaScript, until something is shown."""
        return await self._number(f"() => stopwatch.after(() => {act}, () => {shown})")

    async def _snapshot(self) -> list[str]:
        """Return the chunks of a snapshot of the heap; they have all arrived before the answer."""
        chunks: list[str] = []

        def take(event: dict[str, str]) -> None:
            chunks.append(event["chunk"])

        self._devtools.on("HeapProfiler.addHeapSnapshotChunk", take)
        await self._devtools.send("HeapProfiler.takeHeapSnapshot")
        self._devtools.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
        return chunks

    async def _number(self, script: str) -> float:
        """Return the number that a script resolves with; raises BenchError if it takes too long."""
        try:
            async with asyncio.timeout(SECONDS):
                return float(await self.page.evaluate(script))
        except TimeoutError:
            raise BenchError(f"not within {SECONDS} s in the browser: {script}") from None

    async def held(self) -> Held:
        """Collect the garbage, and return what the page still holds."""
        for _ in range(3):  # what finalizers let go of is garbage only then
            await self._devtools.send("HeapProfiler.collectGarbage")
        metrics = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        found: dict[str, Any] = {each["name"]: each["value"] for each in metrics}
        return Held(
            found["JSHeapUsedSize"] / MB,
            data_bytes(await self._snapshot()) / MB,
            int(found["Nodes"]),
            int(found["JSEventListeners"]),
            int(found["Documents"]),
        )


@asynccontextmanager
async def desk(url: str, token: str) -> AsyncIterator[Desk]:
    """Yield a desk with the portal at ``url`` open, in a browser of its own."""
    if CHROMIUM is None:
        raise BenchError("there is no Chromium here: make browser, as root")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        context = await chromium.new_context(
            locale="en-AU", timezone_id="Australia/Sydney", viewport={"width": 1280, "height": 900}
        )
        context.set_default_timeout(SECONDS * 1000)
        await context.add_init_script(STOPWATCH)
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        one = Desk(page, devtools, url)
        await one.sign_in(token)
        yield one
        await chromium.close()
