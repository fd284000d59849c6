"""The portal for tests: opens its screens and names what is on them."""

from typing import Literal

from playwright.async_api import Locator, Page, ViewportSize, expect

from core.identity import Role
from dev.screens import NARROW, row
from tests.support.browser import axe
from tests.support.served import Served
from tests.support.simulated import until
from tests.support.tiers import FULL

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDE = ViewportSize(width=1280, height=900)
LOOKS = [
    (name, size, scheme)
    for name, size in (("wide", WIDE), ("narrow", NARROW))
    for scheme in SCHEMES
]


async def open_portal(
    page: Page, served: Served, path: str = "/recalls", role: Role = Role.RECEPTIONIST
) -> None:
    """Open a screen of the portal, signed in by a token of the role."""
    await page.goto(f"{served.url}{path}#token={served.tokens[role]}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def kept(page: Page) -> str:
    """Give what the tab keeps to be signed in with."""
    secret: str = await page.evaluate("sessionStorage['recalls.token']")
    return secret


async def opens_nothing(served: Served, token: str) -> None:
    """Check that nobody gets in by the token, or won't in a moment."""

    async def refused() -> bool:
        return (await served.ask("{ viewer { name } }", token=token)).get("data") is None

    await until(refused, 20)


async def select(page: Page, *texts: str) -> None:
    """Select the recalls whose rows have these texts."""
    for text in texts:
        await row(page, text).get_by_role("checkbox").check()


def icon(page: Page, text: str) -> Locator:
    """Give the mobile icon of the recall whose row has the text."""
    return row(page, text).locator(".sms-icon")


async def violations(page: Page) -> list[str]:
    """Give what axe finds on the screen in any of its looks, and what can be scrolled sideways.

    Wide and narrow, light and dark; `make test` has the look that is seen least in daily work.
    """
    found = []
    for name, size, scheme in LOOKS if FULL else LOOKS[-1:]:
        look = f"{name}, {scheme}"
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        found += [f"{look}: {each}" for each in await axe(page)]
        wide, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > room:
            found.append(f"{look}: the page is {wide} pixels wide")
    return found
