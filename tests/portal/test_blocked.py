"""Tests of blocking a number on Blocked Communications, in a real browser on the real API."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Browser
from tests.support.portal import icon, open_portal, violations
from tests.support.portal_blocked import (
    NUMBER,
    block,
    blocked_for,
    box,
    entries,
    field,
    open_blocked,
    says,
    told,
)
from tests.support.practice import MOBILE
from tests.support.served import Served

CALM = re.compile(r"^block-says$")


async def a_family(served: Served) -> int:
    """Create two patients on one number, the first with a recall; return the recall's id."""
    practice = served.practice
    recall = await practice.recall(await practice.patient(first_name="Priya", last_name="Nair"))
    await practice.patient(first_name="Tom", last_name="Nair")
    return recall


async def test_a_number_is_explained_as_it_is_typed(served: Served, page: Page) -> None:
    # given
    await a_family(served)
    await open_blocked(served, page)
    # when
    await field(page).press_sequentially("0491 5")
    # then: calmly, because more may follow
    await expect(says(page)).to_have_text("Too short: check for a missing digit.")
    await expect(says(page)).to_have_class(CALM)
    await expect(field(page)).not_to_have_attribute("aria-invalid", "true")
    # when
    await field(page).press_sequentially("70 006")
    # then
    await expect(says(page)).to_have_text(f"{NUMBER} · Used by Priya Nair and Tom Nair")
    await expect(field(page)).to_have_accessible_description(re.compile("Used by Priya Nair"))


async def test_an_impossible_number_is_wrong_while_it_is_typed(served: Served, page: Page) -> None:
    # given
    await open_blocked(served, page)
    # when
    await field(page).press_sequentially("02 5550 1234")
    # then
    await expect(says(page)).to_have_text("Not a mobile: landlines and 1300 numbers can't get SMS.")
    await expect(field(page)).to_have_attribute("aria-invalid", "true")


async def test_block_lists_the_number_and_stops_the_recalls_of_the_people_it_reaches(
    served: Served, page: Page, browser: Browser
) -> None:
    # given somebody else with the recalls open
    recall = await a_family(served)
    await served.practice.block("+61491570156")
    other = await browser.page()
    await open_portal(other, served, "/recalls/all")
    await open_blocked(served, page)
    # when
    await field(page).fill("(0491) 570-006")
    await page.get_by_label("Note").fill("Asked by phone")
    await block(page)
    # then
    await expect(told(page)).to_have_text(f"{NUMBER} is blocked – no more recall SMS.")
    await expect(field(page)).to_have_value("")
    await expect(page.get_by_label("Note")).to_have_value("")
    await expect(field(page)).to_be_focused()
    await expect(entries(page).first).to_contain_text("Used by Priya Nair and Tom Nair")
    await expect(entries(page).first).to_contain_text("Asked by phone")
    await expect(box(page)).to_be_checked()
    assert await blocked_for(served.practice, recall) == "BLOCKED_COMMUNICATION"
    await expect(icon(other, "Priya")).to_have_class(re.compile("sms-icon-blocked"))


async def test_a_number_is_blocked_by_keyboard(served: Served, page: Page) -> None:
    # given
    recall = await a_family(served)
    await open_blocked(served, page)
    # when
    await field(page).press_sequentially("0491570006")
    await page.keyboard.press("Enter")
    # then
    await expect(box(page)).to_be_checked()
    assert await blocked_for(served.practice, recall) == "BLOCKED_COMMUNICATION"


async def test_block_with_an_invalid_number_keeps_it_and_says_why(
    served: Served, page: Page
) -> None:
    # given
    await open_blocked(served, page)
    await page.get_by_label("Note").fill("Asked by phone")
    for typed, why in (
        ("0491", "Too short: check for a missing digit."),
        ("", "Enter a mobile number."),
    ):
        # when
        await field(page).fill(typed)
        await block(page)
        # then
        await expect(says(page)).to_have_text(why)
        await expect(field(page)).to_have_attribute("aria-invalid", "true")
        await expect(field(page)).to_be_focused()
        await expect(field(page)).to_have_value(typed)
        await expect(page.get_by_label("Note")).to_have_value("Asked by phone")
    await expect(entries(page)).to_have_count(0)


@pytest.mark.both
async def test_the_form_and_its_messages_are_easy_to_use(served: Served, page: Page) -> None:
    # given
    await a_family(served)
    await open_blocked(served, page)
    await field(page).fill(MOBILE)
    await block(page)
    await expect(told(page)).to_contain_text("is blocked")
    # when, then
    assert await violations(page) == []
    # when
    await block(page)
    await expect(field(page)).to_have_attribute("aria-invalid", "true")
    # then
    assert await violations(page) == []
