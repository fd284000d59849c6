"""Shared by the tests of the portal's set-up."""

from playwright.async_api import Page

from core.identity import Role
from tests.support.portal import open_portal
from tests.support.served import Served


async def open_setup(served: Served, page: Page, screen: str, role: Role = Role.ADMIN) -> None:
    """Open a screen of the set-up, signed in with the role's token."""
    await open_portal(page, served, f"/setup/{screen}", role)


async def press(page: Page, name: str) -> None:
    """Press the button with that name by keyboard."""
    await page.get_by_role("button", name=name, exact=True).press("Enter")
