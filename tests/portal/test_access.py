"""Tests of the portal's people and access tokens: made, shown once, and revoked."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browser import Browser
from tests.support.identity_provider import Provider
from tests.support.operations import OPERATIONS
from tests.support.portal import kept, open_portal, opens_nothing, violations
from tests.support.portal_setup import open_setup, press
from tests.support.served import Served

SECRET = re.compile(r"recalls_1_[A-Za-z0-9_-]{43}")


async def make_token(page: Page, name: str) -> Locator:
    """Make a token, with the form's defaults; return the dialog that shows it."""
    await press(page, "New token…")
    await expect(page.get_by_label("Who is it for?")).to_be_focused()
    await page.get_by_label("Who is it for?").fill(name)
    await press(page, "Create token")
    shown = page.get_by_role("alertdialog", name=f"Token for {name}")
    await expect(shown).to_be_visible()
    return shown


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


@pytest.mark.both
async def test_a_token_is_made_and_shown_this_once(served: Served, page: Page) -> None:
    # given
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_setup(served, page, "tokens")
    # when
    shown = await make_token(page, "Sam")
    # then
    field = shown.get_by_label("Access token")
    await expect(field).to_have_value(SECRET)
    secret = await field.input_value()
    assert await violations(page) == []
    # when
    await press(page, "Copy")
    # then
    await expect(shown.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == secret
    # when
    await press(page, "Done")
    # then
    await expect(card(page, "Sam")).to_contain_text("Receptionist")
    assert secret not in await page.content()
    viewer = await served.query(OPERATIONS["viewer"], token=secret)
    assert (viewer["name"], viewer["role"]) == ("Sam", "RECEPTIONIST")
    [token] = [one for one in await tokens(served) if one["name"] == "Sam"]
    assert token["expiresAt"] is not None


async def tokens(served: Served) -> list[Any]:
    found: list[Any] = await served.query(OPERATIONS["accessTokens"])
    return found


async def test_a_token_that_was_not_copied_is_not_closed_by_mistake(
    served: Served, page: Page
) -> None:
    # given
    await open_setup(served, page, "tokens")
    shown = await make_token(page, "Sam")
    # when
    await page.keyboard.press("Escape")
    # then
    await expect(shown).to_contain_text("You haven’t copied it yet")
    await press(page, "Close without copying")
    await expect(shown).to_have_count(0)


async def test_a_token_can_be_copied_by_hand_if_the_page_may_not_copy_it(
    served: Served, page: Page
) -> None:
    # given
    await open_setup(served, page, "tokens")
    await page.evaluate("delete Navigator.prototype.clipboard")
    shown = await make_token(page, "Sam")
    # when
    await press(page, "Copy")
    # then
    await expect(shown.get_by_role("status").first).to_contain_text("press Ctrl+C")
    assert SECRET.fullmatch(await page.evaluate("getSelection().toString()"))


@pytest.mark.both
async def test_a_token_is_revoked_after_a_confirmation(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "tokens")
    # when
    await press(page, "Revoke the token for Receptionist…")
    # then
    asked = page.get_by_role("alertdialog", name="Revoke the token for Receptionist?")
    await expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    await expect(asked).not_to_contain_text("It has your name")
    assert await violations(page) == []
    # when
    await press(page, "Revoke")
    # then
    await expect(
        card(page, "Receptionist").get_by_text("Revoked", exact=True).first
    ).to_be_visible()
    await expect(card(page, "Receptionist")).to_contain_text("by Admin")
    await expect(page.get_by_role("heading", name="Receptionist")).to_be_focused()
    [token] = [one for one in await tokens(served) if one["name"] == "Receptionist"]
    assert token["revokedBy"] == "Admin"


async def test_revoking_ones_own_token_signs_out(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("status of 401")
    await open_setup(served, page, "tokens")
    await press(page, "Revoke the token for Admin…")
    asked = page.get_by_role("alertdialog", name="Revoke the token for Admin?")
    await expect(asked).to_contain_text("you’ll be signed out")
    # when
    await press(page, "Revoke")
    # then
    await expect(page.get_by_role("alertdialog", name="You’ve been signed out")).to_be_visible()


@pytest.mark.both
async def test_people_who_signed_in_are_shown(idp: Provider, signing: Served, page: Page) -> None:
    # given
    await signing.query(OPERATIONS["viewer"], token=idp.token())
    # when
    await open_setup(signing, page, "people")
    # then
    row = page.get_by_role("row", name="Priya Nair")
    await expect(row).to_contain_text("Receptionist")
    await expect(row).not_to_contain_text("Revoked")
    await expect(row).to_contain_text("from 127.0.0.1")
    assert await violations(page) == []


async def test_a_person_is_kept_out_and_let_in_again(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    await signing.query(OPERATIONS["viewer"], token=idp.token())
    await open_setup(signing, page, "people")
    row = page.get_by_role("row", name="Priya Nair")
    # when
    await press(page, "Revoke access for Priya Nair…")
    # then
    await expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    assert await violations(page) == []
    # when
    await press(page, "Revoke")
    # then
    await expect(row).to_contain_text("Revoked")
    await expect(row).to_contain_text("by Admin")
    await expect(page.get_by_role("button", name="Restore access for Priya Nair")).to_be_focused()
    assert await violations(page) == []
    await opens_nothing(signing, idp.token())
    # when
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_text("Priya Nair can sign in again.")).to_be_visible()
    await expect(row).not_to_contain_text("Revoked")
    await signing.query(OPERATIONS["viewer"], token=idp.token())


@pytest.mark.both
async def test_ones_own_sessions_are_shown_and_ended(served: Served, page: Page) -> None:
    # given
    other = await page.context.new_page()
    await open_portal(other, served)
    secret = await kept(other)
    await other.goto("about:blank")
    await open_portal(page, served)
    # when
    await page.get_by_role("link", name="Your sessions").click()
    # then
    rows = page.get_by_role("row").filter(has_text="from 127.0.0.1")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="This one")).to_have_count(1)
    await expect(page).to_have_title(re.compile("^Your sessions – "))
    assert await violations(page) == []
    # when
    await page.get_by_role("button", name="End the session").click()
    # then
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("This one")
    await opens_nothing(served, secret)
    # when
    await rows.get_by_role("button", name="Sign out").click()
    # then
    await expect(page.get_by_label("Access token")).to_be_visible()


async def test_people_who_came_through_the_provider_have_no_sessions_of_ours(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    await page.goto(f"{signing.url}/sessions")
    # when
    await page.get_by_role("button", name="Sign in", exact=True).click()
    # then
    await expect(page.get_by_text("You use your organisation’s sign-in")).to_be_visible()
    await expect(page).to_have_url(f"{signing.url}/sessions")
    assert idp.exchanged == 1
