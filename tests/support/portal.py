"""The portal for tests: opens its screens and names what is on them."""

from collections.abc import AsyncIterator
from typing import Literal

from playwright.async_api import Locator, Page, ViewportSize, expect

from db.tokens import Role
from tests.support.browser import axe
from tests.support.served import Served

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=360, height=740)


async def open_portal(
    page: Page, served: Served, path: str = "/recalls", role: Role = Role.RECEPTIONIST
) -> None:
    """Open a screen of the portal, signed in by a token of the role."""
    await page.goto(f"{served.url}{path}#token={served.tokens[role]}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


def row(page: Page, text: str) -> Locator:
    """Give the row of the recall list that has the text."""
    return page.locator("[data-index]").filter(has_text=text)


async def select(page: Page, *texts: str) -> None:
    """Select the recalls whose rows have these texts."""
    for text in texts:
        await row(page, text).get_by_role("checkbox").check()


def icon(page: Page, text: str) -> Locator:
    """Give the mobile icon of the recall whose row has the text."""
    return row(page, text).locator(".sms-icon")


def sms_button(page: Page) -> Locator:
    """Give the button that sends the selected."""
    return bar(page).get_by_role("button", name="SMS")


def bar(page: Page) -> Locator:
    """Give the bar that tells of the selected."""
    return page.get_by_role("region", name="Selected recalls")


def under_way(page: Page) -> Locator:
    """Give what tells of the runs under way."""
    return page.get_by_role("region", name="Runs under way")


async def release(served: Served) -> None:
    """Let the ten seconds of every held run have passed."""
    await served.practice.pool.execute("update runs set held_until = now()")
    await served.practice.pool.execute("update chunks set not_before = now()")


async def looks(page: Page) -> AsyncIterator[str]:
    """Show the screen as it is now wide and narrow, light and dark; gives the name of each."""
    for width, size in (("wide", WIDE), ("narrow", NARROW)):
        await page.set_viewport_size(size)
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            yield f"{width}, {scheme}"


async def violations(page: Page) -> list[str]:
    """Give what axe finds on the screen in any of its looks, and what can be scrolled sideways."""
    found = []
    async for look in looks(page):
        found += [f"{look}: {each}" for each in await axe(page)]
        wide, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > room:
            found.append(f"{look}: the page is {wide} pixels wide")
    return found
