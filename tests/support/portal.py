"""The portal for tests: its screens and what is on them."""

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


HEIGHT = """new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(
  () => tell(document.documentElement.scrollHeight))))"""
"""The page's height once it has been laid out anew."""


async def open_portal(
    page: Page, served: Served, path: str = "/recalls", role: Role = Role.RECEPTIONIST
) -> None:
    """Open a screen of the portal, signed in with the role's token."""
    await page.goto(f"{served.url}{path}#token={served.tokens[role]}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def kept(page: Page) -> str:
    """Return the secret that keeps the tab signed in."""
    secret: str = await page.evaluate("sessionStorage['recalls.token']")
    return secret


async def opens_nothing(served: Served, token: str) -> None:
    """Check that the token opens nothing, now or within 20 seconds."""

    async def refused() -> bool:
        return (await served.ask("{ viewer { name } }", token=token)).get("data") is None

    await until(refused, 20)


async def select(page: Page, *texts: str) -> None:
    """Select the recalls whose rows contain these texts."""
    for text in texts:
        await row(page, text).get_by_role("checkbox").check()


def icon(page: Page, text: str) -> Locator:
    """Return the mobile icon of the recall whose row contains the text."""
    return row(page, text).locator(".sms-icon")


async def violations(page: Page) -> list[str]:
    """Return what axe finds on the screen in its various looks, and any sideways scrolling.

    Wide and narrow, light and dark; `make test` takes only the look seen least in daily work.
    """
    found = []
    before = page.viewport_size
    for name, size, scheme in LOOKS if FULL else LOOKS[-1:]:
        look = f"{name}, {scheme}"
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        # As high as the page, so that nothing lies under what stays in view at its ends.
        height = await page.evaluate(HEIGHT)
        await page.set_viewport_size({"width": size["width"], "height": height})
        found += [f"{look}: {each}" for each in await axe(page)]
        wide, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > room:
            found.append(f"{look}: the page is {wide} pixels wide")
    if before:
        await page.set_viewport_size(before)
    return found
