"""The portal in a browser: the Chromium of this machine, and what is on the screens."""

import shutil

from playwright.async_api import Locator, Page, ViewportSize

# The shell first: the same engine without a window's own pages, which take as long as ours.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
"""Where it is; None where the machine has none."""
NARROW = ViewportSize(width=360, height=740)
"""A phone's."""


def row(page: Page, text: str) -> Locator:
    """Give the row of the recall list that has the text."""
    return page.locator("[data-index]").filter(has_text=text)


def sms_button(page: Page) -> Locator:
    """Give the button that sends the selected."""
    return bar(page).get_by_role("button", name="SMS")


def bar(page: Page) -> Locator:
    """Give the bar that tells of the selected."""
    return page.get_by_role("region", name="Selected recalls")


def under_way(page: Page) -> Locator:
    """Give what tells of the runs under way."""
    return page.get_by_role("region", name="Runs under way")
