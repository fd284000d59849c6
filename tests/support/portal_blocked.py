"""Shared by the tests of Blocked Communications: opening the screen, and what is on it."""

from playwright.async_api import Locator, Page

from tests.support.portal import open_portal
from tests.support.practice import Practice
from tests.support.served import Served

NUMBER = "0491 570 006"
"""``tests.support.practice.MOBILE``, as people read it."""


async def open_blocked(served: Served, page: Page) -> None:
    """Open the screen, signed in as a receptionist."""
    await open_portal(page, served, "/blocked")


def field(page: Page) -> Locator:
    """Return the field for the number to block."""
    return page.get_by_label("Mobile number")


def says(page: Page) -> Locator:
    """Return the message about the number being typed."""
    return page.locator(".block-says")


def told(page: Page) -> Locator:
    """Return the message about what was done."""
    return page.locator(".blocked-told")


async def block(page: Page) -> None:
    """Press Block."""
    await page.get_by_role("button", name="Block", exact=True).click()


def entries(page: Page) -> Locator:
    """Return the list's entries, in order."""
    return page.locator(".blocked-entry")


def entry(page: Page, number: str = NUMBER) -> Locator:
    """Return the number's entry."""
    return entries(page).filter(has=page.get_by_role("heading", name=number, exact=True))


def box(page: Page, number: str = NUMBER) -> Locator:
    """Return the number's checkbox."""
    return page.get_by_role("checkbox", name=f"Blocked Recalls for {number}", exact=True)


async def blocked_for(practice: Practice, recall: int) -> str | None:
    """Return the rule's reason why no SMS can go for the recall, or None."""
    reason: str | None = (await practice.see(recall))["sms_reason"]
    return reason
