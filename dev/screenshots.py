"""The command ``python -m dev.screenshots``: takes pictures of the portal in a demo of its own.

It replaces ``docs/screenshots/*.png``, for the README.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from dev.listening import a_listener
from dev.screens import CHROMIUM, NARROW, bar, row, runs_in_progress, select_all, sms_button

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "screenshots"
READY_SECONDS = 180
FAMILY = "0491 570 006"
"""The number that the demo's mother and son share."""


@asynccontextmanager
async def demo(var: str) -> AsyncIterator[dict[str, Any]]:
    """Run a demo that keeps its data in the folder ``var``; yield what its ``demo.json`` says."""
    ports = [a_listener() for _ in range(2)]
    names = ("PORT", "SIMULATOR_PORT")
    chosen = {n: str(p.getsockname()[1]) for n, p in zip(names, ports, strict=True)}
    for port in ports:
        port.close()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev.demo"),
        cwd=ROOT,
        env=os.environ | chosen | {"RECALLS_VAR": var},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101
    try:
        async with asyncio.timeout(READY_SECONDS):
            while (line := await process.stdout.readline()) != b"Ready.\n":
                if not line:
                    raise SystemExit("the demo ended before it was ready")
        yield json.loads((Path(var) / "demo.json").read_text())
    finally:
        process.terminate()
        await process.wait()


class Studio:
    """Takes pictures of one practice of the demo."""

    def __init__(self, browser: Browser, told: dict[str, Any], practice: int) -> None:
        self._browser = browser
        self._url = str(told["url"]).removesuffix("/graphql")
        self._token = told["practices"][practice]["tokens"]["ADMIN"]

    async def take(
        self,
        name: str,
        path: str,
        prepare: Callable[[Page], Awaitable[None]] | None = None,
        *,
        narrow: bool = False,
        dark: bool = False,
    ) -> None:
        """Take a picture of a screen, once ``prepare`` has set it up."""
        context = await self._browser.new_context(
            viewport=NARROW if narrow else {"width": 1366, "height": 768},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-AU",
            timezone_id="Australia/Sydney",
        )
        page = await context.new_page()
        await page.goto(path if "://" in path else f"{self._url}{path}#token={self._token}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.wait_for_load_state("networkidle")
        if prepare:
            await prepare(page)
        await page.screenshot(path=PICTURES / f"{name}.png")
        await context.close()


async def _mixed(page: Page) -> None:
    for at in range(5):
        await page.locator(f"[data-index='{at}']").get_by_role("checkbox").check()
    await expect(bar(page)).to_contain_text(" SMS")


async def _blocked(page: Page) -> None:
    blocked = page.locator("[data-index]").filter(has=page.get_by_text("Blocked", exact=True)).first
    await blocked.get_by_role("checkbox").check()
    await expect(sms_button(page)).to_be_disabled()
    await blocked.locator(".sms-icon").hover()


async def _asked(page: Page) -> None:
    for at in range(3):
        await page.locator(f"[data-index='{at}']").get_by_role("checkbox").check()
    await sms_button(page).click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()


async def _sent(page: Page) -> None:
    await page.get_by_label("Name, mobile or date of birth").fill(FAMILY)
    await expect(row(page, FAMILY)).to_have_count(2)
    await select_all(page).click()
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 2 SMS")


async def _delivered(page: Page) -> None:
    await expect(page.get_by_text("Hi Ruby").last).to_be_visible(timeout=30_000)
    await expect(page.get_by_role("button", name="Reply STOP")).to_be_visible()


async def _typed(page: Page) -> None:
    await page.get_by_label("Mobile number").fill(FAMILY)
    await expect(page.get_by_text("Used by Noah")).to_be_visible()


async def _category(page: Page) -> None:
    await page.get_by_role("link", name="Skin checks").first.click()
    await expect(page.locator(".bubble")).to_be_visible()


async def _last_run(page: Page) -> None:
    await page.locator("table a").first.click()
    await expect(page.locator("#main").get_by_role("heading", level=2).first).to_be_visible()


async def take_all() -> None:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        var = stack.enter_context(tempfile.TemporaryDirectory(prefix="recalls-pictures-"))
        told = await stack.enter_async_context(demo(var))
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        stack.push_async_callback(browser.close)
        best_practice, other = (Studio(browser, told, number) for number in (0, 1))
        await other.take("today", "/today")
        await other.take("recalls", "/recalls", _mixed)
        await other.take("greyed-out", "/recalls", _blocked)
        await best_practice.take("consent", "/recalls", _asked)
        await other.take("run", "/runs", _last_run)
        await other.take("blocked", "/blocked", _typed)
        await other.take("category", "/setup/categories", _category)
        await other.take("automation", "/setup/automation", dark=True)
        await other.take("phone-sized", "/recalls", narrow=True)
        await other.take("undo", "/recalls/all", _sent)
        phone = f"{told['simulator']}/?number={FAMILY.replace(' ', '')}"
        await other.take("patients-phone", phone, _delivered)


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("The pictures need Chromium: apt-get install chromium")
    asyncio.run(take_all())
