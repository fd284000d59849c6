"""The portal in a browser: this machine's Chromium, and what is on the screens."""

import re
import shutil

from playwright.async_api import Locator, Page, ViewportSize

# The shell first: it is the same engine without a window's own pages, which take as long as ours.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
"""Its path; None if the machine has none."""
HERE = {"127.0.0.1", "localhost"}
OPTIONS = [
    # Whatever a page tries, nothing leaves the machine.
    "--no-proxy-server",
    f"--host-resolver-rules=MAP * ~NOTFOUND, {', '.join(f'EXCLUDE {host}' for host in HERE)}",
]
"""Chromium's options for pages that may only ask this machine."""
NARROW = ViewportSize(width=360, height=740)
"""A phone's viewport."""


def row(page: Page, text: str) -> Locator:
    """Return the row of the recall list that contains the text."""
    return page.locator("[data-index]").filter(has_text=text)


def sms_button(page: Page) -> Locator:
    """Return the button that sends the selected recalls."""
    return bar(page).get_by_role("button", name="SMS")


def select_all(page: Page) -> Locator:
    """Return the box that selects all recalls of the list, or none."""
    return page.get_by_role("checkbox", name=re.compile(r"^Select all( [\d,]+)?$"))


async def choose(page: Page, chip: str, item: str) -> None:
    """Choose an item from a filter of the recall list."""
    filters = page.get_by_role("search")
    await filters.locator(".chip-button", has_text=chip).click()
    await filters.get_by_role("menuitemradio", name=item, exact=True).click()


async def preview_messages(page: Page) -> None:
    """Open the preview of the selected recalls' messages."""
    await bar(page).get_by_role("button", name="More").click()
    await bar(page).get_by_role("menuitem", name="Preview").click()


def bar(page: Page) -> Locator:
    """Return the bar that describes the selected recalls."""
    return page.get_by_role("region", name="Selected recalls")


def runs_in_progress(page: Page) -> Locator:
    """Return the region that shows the runs in progress."""
    return page.get_by_role("region", name="Notifications")
