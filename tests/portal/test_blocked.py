"""Tests of blocking a number on Blocked Communications, in a real browser on the real API."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Browser
from tests.support.operations import SEND
from tests.support.portal import icon, open_portal, violations
from tests.support.portal_blocked import (
    NUMBER,
    block,
    blocked_for,
    box,
    entries,
    entry,
    field,
    open_blocked,
    says,
    told,
)
from tests.support.practice import MOBILE
from tests.support.served import Served

CALM = re.compile(r"^block-says$")


async def a_family(served: Served) -> int:
    """Make two patients on one number, the first with a recall."""
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
    # then: calmly, for more may follow
    await expect(says(page)).to_have_text("The number is too short.")
    await expect(says(page)).to_have_class(CALM)
    await expect(field(page)).not_to_have_attribute("aria-invalid", "true")
    # when
    await field(page).press_sequentially("70 006")
    # then
    await expect(says(page)).to_have_text(f"{NUMBER} · reaches Priya Nair and Tom Nair")
    await expect(field(page)).to_have_accessible_description(re.compile("reaches Priya Nair"))


async def test_a_number_that_is_too_short_is_wrong_once_the_field_is_left(
    served: Served, page: Page
) -> None:
    # given
    await open_blocked(served, page)
    await field(page).press_sequentially("0491 57")
    await expect(says(page)).to_have_class(CALM)
    # when
    await page.keyboard.press("Tab")
    # then
    await expect(says(page)).to_have_text("The number is too short.")
    await expect(says(page)).to_have_class(re.compile("field-error"))
    await expect(field(page)).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("typed", "explained"),
    [
        ("call Ann", "This is not a phone number."),
        ("02 5550 1234", "This is not a mobile number, so it can't take an SMS."),
        ("0491 570 006 1234567", "The number is too long."),
    ],
)
async def test_what_can_be_no_number_is_wrong_while_it_is_typed(
    served: Served, page: Page, typed: str, explained: str
) -> None:
    # given
    await open_blocked(served, page)
    # when
    await field(page).press_sequentially(typed)
    # then
    await expect(says(page)).to_have_text(explained)
    await expect(field(page)).to_have_attribute("aria-invalid", "true")


async def test_a_number_that_reaches_nobody_or_is_listed_is_explained(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.block("+61491570156")
    await open_blocked(served, page)
    # when
    await field(page).fill("+61 491 570 156")
    # then
    await expect(says(page)).to_have_text(
        "0491 570 156 · reaches nobody in your list"
        " · is on the list already, Blocked Recalls ticked"
    )


async def test_block_lists_the_number_and_stops_the_recalls_of_whom_it_reaches(
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
    await expect(told(page)).to_have_text(f"{NUMBER} is on the list: no more recall SMS go to it.")
    await expect(field(page)).to_have_value("")
    await expect(page.get_by_label("Note")).to_have_value("")
    await expect(field(page)).to_be_focused()
    await expect(entries(page).first).to_contain_text("Reaches Priya Nair and Tom Nair")
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


async def test_a_number_that_is_listed_without_the_tick_isnt_stopped_and_that_is_said(
    served: Served, page: Page
) -> None:
    # given
    recall = await a_family(served)
    await open_blocked(served, page)
    # when
    await field(page).fill(MOBILE)
    await page.get_by_label("Blocked Recalls", exact=True).uncheck()
    await block(page)
    # then
    await expect(told(page)).to_contain_text("recall SMS can still go to it")
    await expect(box(page)).not_to_be_checked()
    assert await blocked_for(served.practice, recall) is None


async def test_block_with_an_invalid_number_keeps_it_and_says_why(
    served: Served, page: Page
) -> None:
    # given
    await open_blocked(served, page)
    await page.get_by_label("Note").fill("Asked by phone")
    for typed, why in (("0491", "The number is too short."), ("", "Type a mobile number.")):
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


async def test_messages_that_went_before_the_block_are_told(served: Served, page: Page) -> None:
    # given
    recall = await a_family(served)
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="k")
    await served.work()
    await served.until_states(recall, "DELIVERED")
    await open_blocked(served, page)
    # when
    await field(page).fill(MOBILE)
    await block(page)
    # then
    await expect(told(page)).to_contain_text(
        "1 message to this number went out in the 24 hours before; it can’t be taken back."
    )


async def test_what_was_typed_survives_a_block_that_fails(
    served: Served, page: Page, browser: Browser
) -> None:
    # given
    browser.expects("ERR_INTERNET_DISCONNECTED")
    recall = await a_family(served)
    await open_blocked(served, page)
    await field(page).fill("0491 570 006")
    await page.get_by_label("Note").fill("Asked by phone")
    # when
    await page.context.set_offline(True)
    await block(page)
    # then
    form = page.locator("form")
    await expect(form.get_by_role("alert")).to_contain_text("Nothing is lost")
    await expect(field(page)).to_have_value("0491 570 006")
    await expect(page.get_by_label("Note")).to_have_value("Asked by phone")
    # when
    await page.context.set_offline(False)
    await block(page)
    # then
    await expect(entry(page)).to_contain_text("Asked by phone")
    await expect(form.get_by_role("alert")).to_have_text("")
    assert await blocked_for(served.practice, recall) == "BLOCKED_COMMUNICATION"


@pytest.mark.both
async def test_the_form_and_what_it_says_are_easy_to_use(served: Served, page: Page) -> None:
    # given
    await a_family(served)
    await open_blocked(served, page)
    await field(page).fill(MOBILE)
    await block(page)
    await expect(told(page)).to_contain_text("is on the list")
    # when, then
    assert await violations(page) == []
    # when
    await block(page)
    await expect(field(page)).to_have_attribute("aria-invalid", "true")
    # then
    assert await violations(page) == []
