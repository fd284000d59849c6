"""Tests of the portal's recall list, in a real browser on the real API."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from core.identity import Actor
from db.blocklist import block_mobile
from dev.screens import bar, choose, preview_messages, row, select_all
from tests.support.browser import Browser
from tests.support.portal import WIDE, icon, open_portal, select, violations
from tests.support.practice import MOBILE, Practice, a_mobile
from tests.support.served import Served

BLOCKED = "Mobile number blocked in your blocked communication list"
WITHHELD = "Does not wish to be contacted by SMS"


async def a_recall_of(practice: Practice, last_name: str, **facts: Any) -> int:
    mobile = facts.pop("mobile", None) or a_mobile()
    consent = facts.pop("sms_consent", None)
    patient = await practice.patient(last_name=last_name, mobile=mobile, sms_consent=consent)
    return await practice.recall(patient, **facts)


async def test_the_tabs_have_counts_and_share_out_the_recalls(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    await practice.category(name="By phone", reasons=["Results"], steps=["PHONE"], automated=False)
    await a_recall_of(practice, "Caller", reason="Results")
    await a_recall_of(practice, "Sender", reason="Of no category")
    # when
    await open_portal(page, served)
    # then
    tabs = page.get_by_role("navigation", name="Recall lists").get_by_role("link")
    await expect(tabs).to_have_text(
        ["To Action 1", "Calls 1", "Letters 0", "Needs attention 0", "Waiting 0", "All 2"]
    )
    await tabs.nth(1).click()
    await expect(page.locator("[data-index]")).to_have_count(1)
    await expect(row(page, "Caller")).to_be_visible()
    await expect(page).to_have_url(re.compile("/recalls/calls$"))


async def test_a_blocked_icon_says_why_word_for_word_when_hovered_and_when_focused(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Blocked", mobile=MOBILE)
    await block_mobile(
        served.practice.pool, practice.id, MOBILE, blocked=True, note=None, actor=Actor("Kim")
    )
    await a_recall_of(practice, "Withheld", sms_consent=False)
    await open_portal(page, served, "/recalls/all")
    for name, why in (("Blocked", BLOCKED), ("Withheld", WITHHELD)):
        # when
        await icon(page, name).hover()
        # then
        await expect(page.get_by_role("tooltip")).to_have_text(why)
        await page.mouse.move(0, 0)
        await expect(page.get_by_role("tooltip")).to_have_count(0)
        # when
        await row(page, name).focus()
        for _ in range(3):
            await page.keyboard.press("Tab")
        # then
        await expect(icon(page, name)).to_be_focused()
        await expect(page.get_by_role("tooltip")).to_have_text(why)
        await expect(icon(page, name)).to_have_accessible_description(why)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("tooltip")).to_have_count(0)


async def test_the_list_is_filtered_by_category_due_date_and_reason(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Early", due_date=practice.due(-30))
    await a_recall_of(practice, "Late", due_date=practice.due(-1))
    await a_recall_of(practice, "Other", reason="Of no category", due_date=practice.due(-1))
    await a_recall_of(practice, "Withheld", sms_consent=False, due_date=practice.due(-1))
    await open_portal(page, served, "/recalls/all")
    # when
    await choose(page, "Category", "Skin checks")
    # then
    await expect(page.locator("[data-index]")).to_have_count(3)
    # when
    await page.locator(".chip-button", has_text="Due").click()
    await page.get_by_label("Due from").fill(str(practice.due(-2)))
    # then
    await expect(page.locator("[data-index]")).to_have_count(2)
    # when
    await choose(page, "Can we text them?", WITHHELD)
    # then
    await expect(page.locator("[data-index]")).to_have_count(1)
    await expect(row(page, "Withheld")).to_be_visible()
    # when: the page is reloaded
    await page.reload()
    # then
    await expect(page.locator("[data-index]")).to_have_count(1)
    # when
    await page.get_by_role("button", name="Clear filters").click()
    # then
    await expect(page.locator("[data-index]")).to_have_count(4)


async def test_a_search_finds_names_and_numbers_and_is_in_no_address(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Nair", mobile=MOBILE)
    await a_recall_of(practice, "Petrovic")
    await open_portal(page, served)
    for words in ("nai", "0491 570 006"):
        # when
        await page.get_by_label("Name, mobile or date of birth").fill(words)
        # then
        await expect(page.locator("[data-index]")).to_have_count(1)
        await expect(row(page, "Nair")).to_be_visible()
        assert page.url == f"{served.url}/recalls"
    # when
    await page.get_by_label("Name, mobile or date of birth").fill("nobody")
    # then
    await expect(page.get_by_text("No recalls match these filters.")).to_be_visible()


async def test_a_range_is_selected_with_shift_by_mouse_and_by_keyboard(
    served: Served, page: Page
) -> None:
    # given
    for number in range(6):
        due = served.practice.due(-10 + number)
        await a_recall_of(served.practice, f"Number{number}", due_date=due)
    await open_portal(page, served)
    # when
    await row(page, "Number1").get_by_role("checkbox").click()
    await row(page, "Number4").get_by_role("checkbox").click(modifiers=["Shift"])
    # then
    await expect(bar(page)).to_contain_text("4 selected")
    # when
    await page.keyboard.press("Escape")
    # then
    await expect(bar(page)).to_have_count(0)
    # when
    await row(page, "Number0").focus()
    for key in ("j", "Space", "Shift+ArrowDown", "Shift+ArrowDown"):
        await page.keyboard.press(key)
    # then
    await expect(bar(page)).to_contain_text("3 selected")
    await expect(row(page, "Number3")).to_be_focused()
    assert await page.locator("[aria-selected=true]").count() == 3


async def test_all_matches_are_selected_beyond_the_page(served: Served, page: Page) -> None:
    # given: more than one page from the API, and far more than are shown
    await served.practice.many(230)
    await open_portal(page, served)
    await expect(row(page, "Many")).not_to_have_count(0)
    assert await page.locator("[data-index]").count() < 100
    # when
    await select_all(page).click()
    # then
    await expect(bar(page)).to_contain_text("230 selected – 230 SMS.")
    # when: a recall that has never been on the screen is deselected
    await row(page, "Many").first.focus()
    await page.keyboard.press("End")
    await page.keyboard.press("Space")
    # then
    await expect(bar(page)).to_contain_text("229 selected")


async def test_a_call_and_a_letter_are_recorded_and_a_recall_is_closed(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    called = await a_recall_of(practice, "Called")
    written = await a_recall_of(practice, "Written")
    closed = await a_recall_of(practice, "Closed")
    await open_portal(page, served)
    # when
    await select(page, "Called")
    await bar(page).get_by_role("button", name="Record call").click()
    await page.get_by_label("Note").fill("Left a message")
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then: it waits, so it is no longer in this list
    await expect(row(page, "Called")).to_have_count(0)
    [attempt] = await practice.attempts(called)
    assert (attempt["kind"], attempt["note"]) == ("PHONE", "Left a message")
    # when: by keyboard
    await row(page, "Written").focus()
    await page.keyboard.press("l")
    await page.keyboard.press("Tab")
    await (
        page.get_by_role("dialog")
        .get_by_role("button", name="Record letter", exact=True)
        .press("Enter")
    )
    # then
    await expect(row(page, "Written")).to_have_count(0)
    assert await practice.attempt_states(written) == ["DONE"]
    # when
    await row(page, "Closed").focus()
    await page.keyboard.press("n")
    await page.get_by_role("button", name="No further action", exact=True).click()
    # then
    await expect(page.get_by_text("All done – nothing is due.")).to_be_visible()
    assert (await practice.see(closed))["state"] == "NO_FURTHER_ACTION"


async def test_a_recall_opens_with_its_attempts_and_the_people_its_number_reaches(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    recall = await a_recall_of(practice, "Parent", mobile=MOBILE)
    await practice.patient(first_name="Bo", last_name="Child", mobile=MOBILE)
    await practice.contact(recall, "PHONE")
    await open_portal(page, served, "/recalls/all")
    # when
    await row(page, "Parent").focus()
    await page.keyboard.press("Enter")
    # then
    sheet = page.get_by_role("dialog", name="Ann Parent")
    await expect(sheet).to_contain_text("Number shared withBo Child")
    await expect(sheet.get_by_role("listitem")).to_contain_text(["Called"])
    # when
    await page.keyboard.press("Escape")
    # then: the focus is back where it was
    await expect(sheet).to_have_count(0)
    await expect(row(page, "Parent")).to_be_focused()


async def test_two_people_see_each_others_changes(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    await a_recall_of(served.practice, "Shared")
    await a_recall_of(served.practice, "Other")
    other = await browser.page()
    await open_portal(page, served)
    await open_portal(other, served)
    await expect(row(other, "Shared")).to_be_visible()
    # when
    await row(page, "Shared").focus()
    await page.keyboard.press("c")
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then
    await expect(row(other, "Shared")).to_have_count(0, timeout=5000)
    await expect(row(other, "Other")).to_be_visible()


@pytest.mark.takes_long("axe looks at seven screens")
@pytest.mark.both
async def test_axe_finds_nothing_on_the_list_its_bar_and_its_sheets(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Clear", urgency="Urgent")
    await a_recall_of(practice, "Withheld", sms_consent=False)
    await open_portal(page, served, "/recalls/all")
    await expect(page.locator("[data-index]")).to_have_count(2)
    # when / then
    assert await violations(page) == []
    await select(page, "Clear", "Withheld")
    assert await violations(page) == []
    await preview_messages(page)
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    for key in ("Enter", "c", "l", "n"):
        await row(page, "Clear").focus()
        await page.keyboard.press(key)
        await expect(page.locator(".sheet")).to_be_visible()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await expect(page.locator(".sheet")).to_have_count(0)
    await page.set_viewport_size(WIDE)
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    assert await violations(page) == []
