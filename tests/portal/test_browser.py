"""Tests of the tests' browser: no error in it goes unnoticed."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web
from playwright.async_api import Browser as Chromium

from api.http_guard import PAGE
from tests.support.browser import Browser, axe, watched
from tests.support.simulated import listening, until

GOOD = (
    '<!doctype html><html lang="en"><title>Recalls</title><link rel="icon" href="data:,">'
    "<main><h1>Recalls</h1>{}</main>"
)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site without a policy, except on its page /strict, where a button has no name."""

    async def open_page(_: web.Request) -> web.Response:
        return web.Response(text=GOOD.format(""), content_type="text/html")

    async def strict_page(_: web.Request) -> web.Response:
        policy = {"Content-Security-Policy": PAGE.format(connect="'self'")}
        page = GOOD.format("<button id='send'></button>")
        return web.Response(text=page, content_type="text/html", headers=policy)

    app = web.Application()
    app.router.add_get("/", open_page)
    app.router.add_get("/strict", strict_page)
    async with listening(web.AppRunner(app)) as url:
        yield url


async def visit(site: str, chromium: Chromium, does: str) -> None:
    """Run the script on a page, as a test might, and leave soon after."""
    async with watched(chromium) as browser:
        page = await browser.page()
        await page.goto(site)
        await page.evaluate(f"async () => {{ {does} }}")
        # Errors outside the script are reported a moment later.
        with suppress(TimeoutError):
            await until(lambda: _told(browser), 5)


async def _told(browser: Browser) -> bool:
    return bool(browser.wrong())


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("console.error('oh')", "console: oh"),
        ("setTimeout(() => { throw new Error('oh') }); await later()", "uncaught: Error: oh"),
        ("setTimeout(() => { throw 'oh' }); await later()", "uncaught: oh"),
        ("void Promise.reject(new Error('oh')); await later()", "uncaught: Error: oh"),
        ("await fetch('/no')", r"status of 404 \(Not Found\) \(http://127.0.0.1:\d+/no\)"),
        ("await fetch('//a.example').catch(() => 0)", "asked another host: http://a.example/"),
        ("await failing(new Image(), '//b.example')", "asked another host: http://b.example/"),
        ("await failing(new WebSocket('ws://c.example'))", "asked another host: ws://c.example/"),
    ],
)
async def test_an_error_on_a_page_fails_the_test(
    site: str, chromium: Chromium, does: str, told: str
) -> None:
    # given
    helpers = """
        const later = () => new Promise(resolve => setTimeout(resolve));
        const failing = (what, src) =>
            new Promise(resolve => Object.assign(what, { onerror: resolve, src }));
    """
    # when, then
    with pytest.raises(pytest.fail.Exception, match=told):
        await visit(site, chromium, helpers + does)


async def test_an_error_that_a_test_expects_fails_nothing(site: str, browser: Browser) -> None:
    # given
    page = await browser.page()
    await page.goto(site)
    browser.expects("ERR_INTERNET_DISCONNECTED")
    # when
    await page.context.set_offline(True)
    failed = await page.evaluate("fetch('/').catch(error => error.message)")
    # then
    assert failed == "Failed to fetch"


async def test_pages_know_nothing_of_each_other(site: str, browser: Browser) -> None:
    # given
    one, other = await browser.page(), await browser.page()
    await one.goto(site)
    await other.goto(site)
    # when
    await one.evaluate("localStorage.setItem('draft', 'mine')")
    # then
    assert await one.evaluate("localStorage.getItem('draft')") == "mine"
    assert await other.evaluate("localStorage.getItem('draft')") is None


async def test_pages_are_in_sydney(site: str, browser: Browser) -> None:
    # given
    page = await browser.page()
    # when
    await page.goto(site)
    # then
    assert await page.evaluate("navigator.language") == "en-AU"
    assert await page.evaluate("new Date(0).toLocaleString()") == "01/01/1970, 10:00:00 am"


async def test_hard_to_use_elements_are_found_in_spite_of_the_pages_policy(
    site: str, browser: Browser
) -> None:
    # given
    page = await browser.page()
    # when
    await page.goto(f"{site}/strict")
    # then
    assert await axe(page) == ["button-name: Buttons must have discernible text: [['#send']]"]


async def test_a_page_that_is_easy_to_use_has_no_violations(site: str, browser: Browser) -> None:
    # given
    page = await browser.page()
    # when
    await page.goto(site)
    # then
    assert await axe(page) == []
