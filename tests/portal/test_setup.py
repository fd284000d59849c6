"""Tests of the portal's set-up: categories and preferences, in a real browser."""

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from core.identity import Role
from tests.support.operations import OPERATIONS
from tests.support.portal import violations
from tests.support.portal_setup import open_setup, press
from tests.support.practice import Practice
from tests.support.served import Served

SCREENS = ("categories/Category:1", "tokens", "audit")
OTHER_SCREENS = ("categories", "categories/new", "preferences", "automation", "people")
SKIN_CHECKS: dict[str, Any] = {
    "name": "Skin checks",
    "reasons": ["Skin check"],
    "urgencies": [],
    "smsTemplate": "Hi {firstName}, {reason}. {practiceName} {practicePhone}",
    "automated": True,
    "steps": ["SMS", "SMS", "LETTER"],
}
"""The category that every test's practice has, in the form of ``saveCategory``'s input."""


async def open_skin_checks(served: Served, page: Page) -> None:
    await open_setup(served, page, "categories")
    await page.get_by_role("link", name="Skin checks").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Skin checks")


async def categories(served: Served) -> dict[str, Any]:
    """Return the practice's categories, by name."""
    found: list[Any] = await served.query(OPERATIONS["categories"])
    return {category["name"]: category for category in found}


async def somebody_else_saves(served: Served, **changes: Any) -> None:
    """Change 'Skin checks' elsewhere."""
    known = (await categories(served))["Skin checks"]
    await served.call(OPERATIONS["saveCategory"], id=known["id"], **SKIN_CHECKS | changes)


def template(page: Page) -> Locator:
    return page.get_by_label("SMS text")


def bubble(page: Page) -> Locator:
    return page.get_by_role("figure", name="Preview of the SMS").locator(".bubble")


async def test_a_category_is_made_by_keyboard(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "categories")
    await page.get_by_role("link", name="New category").press("Enter")
    # when
    await page.get_by_label("Name").press_sequentially("Vaccinations")
    reasons = page.get_by_label("Reasons", exact=True)
    await reasons.press_sequentially("Flu shot")
    await reasons.press("Enter")
    await reasons.press_sequentially("Whooping cough")
    await reasons.press("Enter")
    await page.get_by_label("Urgencies", exact=True).press_sequentially("Soon")
    await press(page, "Add SMS")
    await press(page, "Add call")
    await press(page, "Add letter")
    await press(page, "Move step 3, Letter, up")
    await expect(page.get_by_role("button", name="Move step 2, Letter, up")).to_be_focused()
    await press(page, "Remove step 3, Call")
    await page.get_by_role("switch").press("Space")
    await press(page, "Save")
    # then
    await expect(page.get_by_role("status").filter(has_text="Saved “Vaccinations”")).to_be_visible()
    card = page.get_by_role("listitem").filter(has_text="Vaccinations")
    await expect(card).to_contain_text("SMS → Letter")
    saved = (await categories(served))["Vaccinations"]
    assert saved["reasons"] == ["Flu shot", "Whooping cough"]
    assert saved["urgencies"] == ["Soon"]
    assert saved["steps"] == ["SMS", "LETTER"]
    assert saved["automated"] is True


async def test_a_placeholder_is_put_in_at_the_cursor_and_can_be_undone(
    served: Served, page: Page
) -> None:
    # given
    await open_skin_checks(served, page)
    await template(page).fill("Hi !")
    await template(page).press("ArrowLeft")
    # when
    await page.get_by_role("button", name="First name").click()
    # then
    await expect(template(page)).to_have_value("Hi {firstName}!")
    await expect(template(page)).to_be_focused()
    await page.keyboard.press("Control+z")
    await expect(template(page)).to_have_value("Hi !")


async def test_characters_that_make_a_message_unicode_are_explained_and_replaced(
    served: Served, page: Page
) -> None:
    # given
    await open_skin_checks(served, page)
    # when
    await template(page).fill("It’s time, {firstName} 😀")
    # then
    preview = page.get_by_role("figure")
    await expect(preview).to_contain_text("’ 😀 make this SMS dearer (70 characters each")
    await expect(preview).to_contain_text("Remove 😀 yourself.")
    # when
    await page.get_by_role("button", name="Replace ’").click()
    # then
    await expect(template(page)).to_have_value("It's time, {firstName} 😀")
    await expect(preview).to_contain_text("😀 makes this SMS dearer")
    await template(page).press("Backspace")
    await expect(preview).to_contain_text("of 160 characters")
    await expect(preview).not_to_contain_text("makes this")


async def test_a_reason_that_is_removed_can_be_put_back(served: Served, page: Page) -> None:
    # given
    await open_skin_checks(served, page)
    await press(page, "Remove Skin check")
    # when
    back = page.get_by_role("button", name="Put back Skin check")
    await expect(back).to_be_focused()
    await back.press("Enter")
    # then
    linked = page.get_by_role("list", name="Linked reasons").get_by_role("listitem")
    await expect(linked).to_have_text(["Skin check"])
    await expect(page.get_by_label("Reasons", exact=True)).to_be_focused()


async def test_another_categorys_reason_is_refused_at_the_field(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "categories/new")
    await page.get_by_label("Name").fill("Moles")
    reasons = page.get_by_label("Reasons", exact=True)
    # when
    await reasons.fill("skin check")
    await press(page, "Save")
    # then
    await expect(page.get_by_text("'Skin check' is already in 'Skin checks'.")).to_be_visible()
    await expect(reasons).to_be_focused()
    await expect(page.get_by_label("Name")).to_have_value("Moles")


async def test_changes_that_are_not_saved_are_asked_about(served: Served, page: Page) -> None:
    # given
    await open_skin_checks(served, page)
    url = page.url
    name = page.get_by_label("Name")
    await name.fill("Skin")
    asked = page.get_by_role("alertdialog", name="Discard your changes?")
    # when
    await page.get_by_role("link", name="Preferences").click()
    # then
    await expect(asked.get_by_role("button", name="Keep editing")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(asked).to_have_count(0)
    # when
    await page.go_back()
    # then
    await expect(asked).to_be_visible()
    await expect(page).to_have_url(url)
    await asked.get_by_role("button", name="Keep editing").click()
    await expect(name).to_have_value("Skin")
    # when
    async with page.expect_event("dialog") as closing:
        await page.evaluate("void setTimeout(() => location.reload())")
    # then
    dialog = await closing.value
    assert dialog.type == "beforeunload"
    await dialog.dismiss()
    # when
    await page.get_by_role("link", name="Sent messages", exact=True).click()
    await asked.get_by_role("button", name="Discard").click()
    # then
    await expect(page).to_have_url(f"{served.url}/runs")
    assert "Skin checks" in await categories(served)


async def test_typed_text_stays_when_somebody_else_saves_the_category(
    served: Served, page: Page
) -> None:
    # given
    await open_skin_checks(served, page)
    await page.get_by_label("Name").fill("Skin")
    # when
    await somebody_else_saves(served, name="Moles", steps=["SMS"])
    # then
    told = page.get_by_role("status").filter(has_text="Someone else has changed this category")
    await expect(told).to_contain_text("name, steps")
    await expect(page.get_by_label("Name")).to_have_value("Skin")
    await expect(page.get_by_role("button", name="Remove step")).to_have_count(1)
    # when
    await page.get_by_role("button", name="Use theirs").click()
    # then
    await expect(page.get_by_label("Name")).to_have_value("Moles")
    await expect(told).to_have_count(0)


async def test_saving_overwrites_nothing_that_was_not_on_the_screen(
    served: Served, page: Page
) -> None:
    # given: a page that no news reaches
    await page.route_web_socket("**/graphql", lambda line: line.close())
    await open_skin_checks(served, page)
    await page.get_by_label("Name").fill("Skin")
    await somebody_else_saves(served, steps=["SMS"])
    # when
    await press(page, "Save")
    # then
    await expect(page.get_by_role("alert")).to_contain_text("Not saved: someone else")
    await expect(page.get_by_text("Someone else has changed this category")).to_be_visible()
    assert "Skin checks" in await categories(served)
    # when
    await press(page, "Save")
    # then
    await expect(page.get_by_text("Saved “Skin”.")).to_be_visible()
    assert (await categories(served))["Skin"]["steps"] == ["SMS"]


async def test_a_preference_is_saved_and_nothing_else_is_sent(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "preferences")
    days = page.get_by_label("Wait after an SMS (days)")
    await expect(days).to_have_value("3")
    # when
    await days.fill("5")
    async with page.expect_request(
        lambda request: "smsRepeatDays" in (request.post_data or "")
    ) as sent:
        await days.press("Enter")
    # then
    await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    asked: Any = (await sent.value).post_data_json
    assert asked["variables"] == {"input": {"smsRepeatDays": 5}}
    practice = await served.query(OPERATIONS["practice"])
    assert practice["preferences"]["smsRepeatDays"] == 5


async def test_a_wrong_preference_is_refused_at_its_field(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "preferences")
    field = page.get_by_label("Wait after a letter (days)")
    # when
    await field.fill("400")
    await press(page, "Save")
    # then
    await expect(page.get_by_text("Enter a number from 1 to 365.")).to_be_visible()
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_value("400")


async def test_a_receptionist_finds_no_set_up(served: Served, page: Page) -> None:
    # when
    await open_setup(served, page, "categories", Role.RECEPTIONIST)
    # then
    await expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    await expect(page.get_by_role("link", name="Recalls", exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="Settings")).to_have_count(0)


@pytest.mark.both
@pytest.mark.parametrize(
    "screen", [*SCREENS, *(pytest.param(each, marks=pytest.mark.slow) for each in OTHER_SCREENS)]
)
async def test_a_screen_can_be_used_by_everybody(
    served: Served, practice: Practice, page: Page, screen: str
) -> None:
    # given
    await practice.block()
    await practice.recall()
    # when
    await open_setup(served, page, screen)
    await expect(page.get_by_text("Opening")).to_have_count(0)
    # then
    assert await violations(page) == []
