"""A real browser for tests: the machine's Chromium through Playwright, watched for errors."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    WebError,
    async_playwright,
    expect,
)

from dev.screens import CHROMIUM, HERE, OPTIONS

PORTAL = Path(__file__).parents[2] / "portal"
AXE = PORTAL / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe requires of a page as a whole, unless a dialog is open over it. It overlooks some in a
# window that was just resized.
OF_WHOLE_PAGES = ["landmark-one-main", "page-has-heading-one"]
# Axe's default, to report the rules that pass as well, takes several times as long.
VIOLATIONS = """
  async ([tags, ofWholePages]) => {
    const dialog = document.querySelector("[role=dialog], [role=alertdialog]");
    const rules = Object.fromEntries(ofWholePages.map((rule) => [rule, { enabled: !dialog }]));
    return (await axe.run({ runOnly: tags, rules, resultTypes: ["violations"] })).violations;
  }
"""
NOT_SEEN = "NOT SEEN IN A BROWSER"
SECONDS = 20
"""How long a page may take for anything on a busy machine."""


class Browser:
    """A test's browser windows and the errors in them."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []
        self._errors: list[str] = []
        self._strange: list[str] = []

    async def page(self) -> Page:
        """Open a page on a fresh computer in Sydney that shares nothing with the other pages."""
        context = await self._chromium.new_context(
            locale="en-AU", timezone_id="Australia/Sydney", reduced_motion="reduce"
        )
        self._contexts.append(context)
        context.set_default_timeout(SECONDS * 1000)
        context.on("console", self._told)
        context.on("weberror", self._failed)
        context.on("request", lambda request: self._asked(request.url))
        context.on("page", lambda page: page.on("websocket", lambda one: self._asked(one.url)))
        return await context.new_page()

    def expects(self, *texts: str) -> None:
        """Ignore errors that contain one of the texts, because this test causes them."""
        self._expected += texts

    def wrong(self) -> list[str]:
        """Return the unexpected errors and the requests to other hosts."""
        unexpected = (
            error for error in self._errors if not any(text in error for text in self._expected)
        )
        return [*unexpected, *self._strange]

    async def close(self) -> None:
        """Close every page, after the errors that it still has to report."""
        for context in self._contexts:
            await context.close()

    def _told(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._errors.append(f"console: {message.text} ({message.location['url']})")

    def _failed(self, thrown: WebError) -> None:
        self._errors.append(f"uncaught: {thrown.error.stack or thrown.error}")

    def _asked(self, url: str) -> None:
        asked = urlsplit(url)
        if asked.scheme not in {"data", "blob"} and asked.hostname not in HERE:
            self._strange.append(f"asked another host: {url}")


@asynccontextmanager
async def watched(chromium: Chromium) -> AsyncIterator[Browser]:
    """Yield a browser without a page; fail the test at the end if anything went wrong in one."""
    opened = Browser(chromium)
    try:
        yield opened
    finally:
        await opened.close()
    if wrong := opened.wrong():
        pytest.fail("\n".join(["in the browser:", *wrong]), pytrace=False)


async def axe(page: Page) -> list[str]:
    """Return the rules that axe-core finds broken on the page, and where."""
    if not await page.evaluate("'axe' in window"):
        # Evaluated, because the page's policy refuses scripts that aren't its own.
        await page.evaluate(AXE.read_text())
    found: list[Any] = await page.evaluate(VIOLATIONS, [RULES, OF_WHOLE_PAGES])
    return [
        f"{broken['id']}: {broken['help']}: {[node['target'] for node in broken['nodes']]}"
        for broken in found
    ]


def _missing() -> str | None:
    """Return what is missing for tests in a browser and how to get it, or None if nothing is."""
    if CHROMIUM is None:
        return "no Chromium here: make browser, as root"
    if not (PORTAL / "dist").is_dir():
        return "the portal isn't built: make portal/dist/index.html"
    return None


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """The browser process, once for all tests; without one they are skipped, or fail in CI."""
    if missing := _missing():
        if os.environ.get("RECALLS_BROWSER") == "required":
            pytest.fail(f"{NOT_SEEN}: {missing}", pytrace=False)
        pytest.skip(f"{NOT_SEEN}: {missing}")
    expect.set_options(timeout=SECONDS * 1000)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        await started.close()


@pytest.fixture
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """The test's own browser; ask for it after the servers, which then outlive its pages."""
    async with watched(chromium) as opened:
        yield opened


@pytest.fixture
async def page(browser: Browser) -> Page:
    """A page of the test's browser."""
    return await browser.page()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report loudly at the end how many tests were skipped without a browser."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if unseen := [reason for reason in reasons if NOT_SEEN in reason]:
        terminalreporter.write_line(
            f"{NOT_SEEN}: {len(unseen)} tests were SKIPPED: {_missing()}", red=True, bold=True
        )
