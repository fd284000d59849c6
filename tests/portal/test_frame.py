"""Tests of the portal's frame: its navigation in every size, titles, focus, and keys."""

import re

import pytest
from playwright.async_api import Page, ViewportSize, expect

from core.identity import Role
from dev.screens import row, runs_in_progress, sms_button
from tests.support.browser import Browser
from tests.support.portal import open_portal, select, violations
from tests.support.served import Served

SIDEBAR = ViewportSize(width=1100, height=700)
TABLET = ViewportSize(width=1099, height=700)
PHONE = ViewportSize(width=360, height=740)
ENLARGED = ViewportSize(width=320, height=256)
NAMES = ["Today", "Recalls", "Sent messages", "Blocked Communications", "Settings"]


async def focused(page: Page) -> str:
    """Return the text of the focused element."""
    text: str = await page.evaluate("document.activeElement.textContent.trim()")
    return text


async def test_a_wide_window_has_a_sidebar(served: Served, page: Page) -> None:
    # given
    await page.set_viewport_size(SIDEBAR)
    # when
    await open_portal(page, served, role=Role.ADMIN)
    # then
    links = page.get_by_role("navigation", name="Sections").get_by_role("link")
    assert await links.all_inner_texts() == NAMES
    await expect(page.get_by_role("banner")).to_contain_text(re.compile("Harbour Medical.*Recalls"))
    await expect(page.get_by_role("heading", name="Account")).to_be_visible()
    box = await page.get_by_role("banner").bounding_box()
    assert box is not None
    assert box["width"] == 236


async def test_the_order_of_tab_is_that_of_the_page(served: Served, page: Page) -> None:
    # given
    await page.set_viewport_size(SIDEBAR)
    await open_portal(page, served)
    visited = []
    # when
    for _ in range(9):
        await page.keyboard.press("Tab")
        visited.append(await focused(page))
    # then
    assert visited == [
        "Skip to main content",
        "Find a patient Ctrl K",
        *NAMES[:4],
        "Your sessions",
        "?",
        "Sign out",
    ]


async def test_a_tablet_has_a_menu_in_a_drawer(served: Served, page: Page) -> None:
    # given
    await page.set_viewport_size(TABLET)
    await open_portal(page, served)
    await expect(page.get_by_role("navigation", name="Sections")).to_have_count(0)
    # when
    await page.get_by_role("button", name="Menu").click()
    # then
    menu = page.get_by_role("dialog", name="Menu")
    await expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
    assert await violations(page) == []
    # when
    await menu.get_by_role("link", name="Sent messages").click()
    # then
    await expect(menu).to_have_count(0)
    await expect(page).to_have_url(f"{served.url}/runs")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_a_phone_has_a_bar_at_the_bottom(served: Served, page: Page) -> None:
    # given
    await page.set_viewport_size(PHONE)
    await open_portal(page, served)
    bar = page.get_by_role("navigation", name="Sections")
    # when
    await bar.get_by_role("link", name="Sent").click()
    # then
    await expect(page).to_have_url(f"{served.url}/runs")
    box = await bar.bounding_box()
    assert box
    assert (box["y"] + box["height"], box["height"]) == (740, 56)
    # when
    await bar.get_by_role("button", name="More").click()
    # then
    await expect(page.get_by_role("dialog", name="Menu")).to_be_visible()


@pytest.mark.parametrize("path", ["/today", "/recalls", "/runs", "/blocked", "/setup/people"])
async def test_the_page_doesnt_scroll_sideways_at_any_width(
    served: Served, page: Page, path: str
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served, path, Role.ADMIN)
    wide = {}
    # when
    for width in (320, 360, 500, 699, 700, 900, 1099, 1100, 1366):
        await page.set_viewport_size({"width": width, "height": 650})
        wide[width] = await page.evaluate("document.documentElement.scrollWidth")
    # then
    assert {width: found for width, found in wide.items() if found > width} == {}


async def test_at_400_percent_the_frame_scrolls_away(served: Served, page: Page) -> None:
    # given
    await served.practice.recall()
    await page.set_viewport_size(ENLARGED)
    await open_portal(page, served)
    await expect(page.get_by_role("navigation", name="Sections")).not_to_be_in_viewport()
    # when
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    # then
    await expect(row(page, "Ann Smith")).to_be_in_viewport()
    await expect(page.get_by_role("banner")).not_to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_another_page_takes_the_focus_to_its_heading(served: Served, page: Page) -> None:
    # given: on the first page, the focus is where the browser puts it
    await open_portal(page, served)
    assert await page.evaluate("document.activeElement === document.body")
    # when
    await page.get_by_role("link", name="Blocked Communications").click()
    # then
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    # when
    await page.go_back()
    # then
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_focused()


async def test_another_tab_of_the_list_leaves_the_focus(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served)
    tab = page.get_by_role("link", name=re.compile("^Calls"))
    # when
    await tab.click()
    # then
    await expect(page).to_have_url(f"{served.url}/recalls/calls")
    await expect(tab).to_be_focused()


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/today", "Today"),
        ("/recalls/calls", "Recalls"),
        ("/runs", "Sent messages"),
        ("/blocked", "Blocked Communications"),
        ("/sessions", "Your sessions"),
        ("/setup", "Categories – Settings"),
        ("/setup/preferences", "Preferences – Settings"),
        ("/setup/automation", "Automated runs – Settings"),
        ("/setup/people", "People – Settings"),
        ("/setup/tokens", "Access tokens – Settings"),
        ("/setup/audit", "Audit trail – Settings"),
        ("/setup/nowhere", "Page not found"),
    ],
)
async def test_every_page_has_a_title_of_its_own(
    served: Served, page: Page, path: str, title: str
) -> None:
    # when
    await open_portal(page, served, path, Role.ADMIN)
    # then
    await expect(page).to_have_title(re.compile(f"^{title} – Harbour Medical"))


async def test_a_modal_leaves_no_bright_strip(served: Served, page: Page) -> None:
    # given: a page that is longer than the window, with a scroll bar that takes room
    await page.set_viewport_size({"width": 1200, "height": 300})
    await open_portal(page, served)
    color = "getComputedStyle(document.documentElement).backgroundColor"
    before = await page.evaluate(color)
    # when
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    # then
    assert before == "rgba(0, 0, 0, 0)"
    assert await page.evaluate(color) != before


async def test_a_question_mark_shows_the_shortcuts(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served, "/blocked")
    # when
    await page.keyboard.press("?")
    # then
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert await violations(page) == []


async def test_a_slash_searches_the_page_or_else_recalls(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served, "/runs")
    # when
    await page.keyboard.press("/")
    # then
    await expect(page).to_have_url(f"{served.url}/recalls")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    # when
    await page.keyboard.type("/?")
    # then
    await expect(page.get_by_role("searchbox")).to_have_value("/?")
    await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("key", "path"), [("t", "/today"), ("r", "/recalls"), ("s", "/runs"), ("b", "/blocked")]
)
async def test_two_keys_go_to_a_page(served: Served, page: Page, key: str, path: str) -> None:
    # given
    await open_portal(page, served, "/sessions")
    # when
    await page.keyboard.press("g")
    await page.keyboard.press(key)
    # then
    await expect(page).to_have_url(f"{served.url}{path}")


async def test_g_and_s_in_the_list_send_nothing(served: Served, page: Page) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served)
    await select(page, "Ann Smith")
    await expect(sms_button(page)).to_be_enabled()
    await row(page, "Ann Smith").focus()
    # when
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    # then
    await expect(page).to_have_url(f"{served.url}/runs")
    assert await served.practice.pool.fetchval("select count(*) from runs") == 0


async def test_single_keys_can_be_turned_off_for_good(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served)
    await page.keyboard.press("?")
    # when
    await page.get_by_role("switch", name="Single-key shortcuts").uncheck()
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.keyboard.press("?")
    await page.keyboard.press("g")
    await page.keyboard.press("b")
    await page.keyboard.press("Control+k")
    # then
    await expect(page.get_by_role("dialog", name="Find a patient or a page")).to_be_visible()
    assert page.url == f"{served.url}/recalls"


async def test_the_command_menu_finds_a_patient_whose_name_is_in_no_address(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    for name in ("Nair", "Smith"):
        await practice.recall(await practice.patient(last_name=name))
    await open_portal(page, served)
    await expect(row(page, "Nair")).to_be_visible()
    # when
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("nair")
    await expect(page.get_by_role("menuitem", name="Find “nair” in Recalls")).to_be_visible()
    assert await violations(page) == []
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("searchbox")).to_have_value("nair")
    await expect(row(page, "Nair")).to_be_visible()
    await expect(row(page, "Smith")).to_have_count(0)
    assert page.url == f"{served.url}/recalls/all"


async def test_the_command_menu_goes_to_a_page(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served, role=Role.ADMIN)
    # when
    await page.get_by_role("button", name="Find a patient").click()
    await expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("pref")
    await page.keyboard.press("Enter")
    # then
    await expect(page).to_have_url(f"{served.url}/setup/preferences")
    await expect(page.get_by_role("heading", name="Preferences", level=1)).to_be_focused()


async def test_a_send_can_still_be_undone_after_the_page_was_loaded_again(
    served: Served, page: Page
) -> None:
    # given
    recall = await served.practice.recall()
    await open_portal(page, served)
    await select(page, "Ann Smith")
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS in")
    # when
    await page.reload()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS in")
    await page.keyboard.press("u")
    # then
    await expect(runs_in_progress(page)).to_contain_text("Undone – nothing was sent")
    await served.holds_run_out()
    await served.work()
    await served.until_states(recall, "CANCELLED")


async def test_a_colleagues_send_is_one_line_that_can_be_closed(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served, "/today", Role.ADMIN)
    colleague = await browser.page()
    await open_portal(colleague, served)
    await select(colleague, "Ann Smith")
    # when
    await sms_button(colleague).click()
    # then
    line = runs_in_progress(page).get_by_role("article")
    await expect(line).to_contain_text("Receptionist is sending 1 · View")
    # when
    await line.get_by_role("button", name="Close").click()
    # then
    await expect(line).to_have_count(0)


async def test_a_send_is_read_out_by_a_region_that_was_there_before(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served)
    region = await page.query_selector("[data-live-announcer][role=status]")
    assert region
    await select(page, "Ann Smith")
    # when
    await sms_button(page).click()
    # then
    await expect(page.locator("[data-live-announcer][role=status]")).to_contain_text(
        "Press U to undo"
    )
    assert await region.is_visible()


async def test_a_send_in_progress_covers_neither_the_bar_nor_the_navigation(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    for name in ("Nair", "Smith"):
        await practice.recall(await practice.patient(last_name=name))
    await page.set_viewport_size(PHONE)
    await open_portal(page, served, "/recalls/all")
    await select(page, "Nair")
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS in")
    # when
    await select(page, "Smith")
    # then
    docked = await runs_in_progress(page).bounding_box()
    bottom = await page.get_by_role("navigation", name="Sections").bounding_box()
    selected = await page.get_by_role("region", name="Selected recalls").bounding_box()
    assert docked
    assert bottom
    assert selected
    assert selected["y"] + selected["height"] <= docked["y"]
    assert docked["y"] + docked["height"] <= bottom["y"]
