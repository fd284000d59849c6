"""The portal in a browser: this machine's Chromium, and what is on the screens."""

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


def bar(page: Page) -> Locator:
    """Return the bar that describes the selected recalls."""
    return page.get_by_role("region", name="Selected recalls")


def runs_in_progress(page: Page) -> Locator:
    """Return the region that shows the runs in progress."""
    return page.get_by_role("region", name="Runs under way")
