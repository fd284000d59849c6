"""Tests of signing out of the portal: on purpose, and after going away."""

import pytest
from playwright.async_api import Locator, Page, expect

from core.identity import Role
from dev.screens import row
from tests.support.browser import Browser
from tests.support.identity_provider import Provider
from tests.support.portal import kept, open_portal, opens_nothing, violations
from tests.support.portal_setup import open_setup
from tests.support.served import Served

REFUSED = "status of 401"
HOUR = 3600_000
"""Milliseconds: longer than the API's default lets anybody be idle."""


@pytest.fixture(autouse=True)
async def recall(served: Served) -> int:
    """A recall of Ann Smith."""
    return await served.practice.recall()


async def sign_in_page(page: Page, served: Served) -> None:
    """Check that nobody is signed in on the page, and nothing is kept there or for it."""
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_visible()
    await expect(page.get_by_label("Access token")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_have_count(0)
    await expect(page).to_have_url(f"{served.url}/")
    assert await page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})") == "{}"


def warning(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name="Are you still there?")


async def test_signing_out_ends_the_session_and_an_access_token_is_never_kept(
    served: Served, page: Page
) -> None:
    # given
    await open_portal(page, served)
    await expect(row(page, "Ann Smith")).to_be_visible()
    secret = await kept(page)
    assert secret not in served.tokens.values()
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await sign_in_page(page, served)
    await opens_nothing(served, secret)


async def test_back_shows_nothing_after_a_person_has_signed_out(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served)
    await page.get_by_role("link", name="Blocked Communications").click()
    await page.get_by_role("link", name="Recalls", exact=True).click()
    await expect(row(page, "Ann Smith")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await sign_in_page(page, served)
    # when
    await page.go_back()
    # then
    await expect(page.get_by_label("Access token")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_have_count(0)


async def test_the_persons_other_tabs_are_signed_out_and_nobody_elses(
    served: Served, page: Page
) -> None:
    # given
    await open_portal(page, served)
    mine, admins = await page.context.new_page(), await page.context.new_page()
    await open_portal(mine, served)
    await open_portal(admins, served, role=Role.ADMIN)
    secret = await kept(mine)
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await sign_in_page(mine, served)
    await opens_nothing(served, secret)
    await expect(row(admins, "Ann Smith")).to_be_visible()


async def test_signing_out_without_a_line_forgets_and_says_what_is_left(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("ERR_INTERNET_DISCONNECTED")
    await open_portal(page, served)
    await page.get_by_label("Name, mobile or date of birth").fill("Smith")
    await page.context.set_offline(True)
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await expect(page.get_by_text("will expire on its own")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_have_count(0)
    assert await page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})") == "{}"
    assert await violations(page) == []
    # when: somebody else signs in
    await page.context.set_offline(False)
    await page.get_by_label("Access token").fill(served.admin)
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()
    await expect(page.get_by_label("Name, mobile or date of birth")).to_have_value("")


async def test_people_who_came_through_the_provider_sign_out_there_too(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    idp.ends_sessions = True
    idp.refreshes = True
    used: list[str] = []
    page.on(
        "request",
        lambda one: used.append(one.headers.get("authorization", "").removeprefix("Bearer ")),
    )
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(row(page, "Ann Smith")).to_be_visible()
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await sign_in_page(page, signing)
    [asked] = idp.signed_out
    assert asked["post_logout_redirect_uri"] == f"{signing.url}/"
    assert asked["id_token_hint"].count(".") == 2
    assert idp.revoked == ["again"]
    [token] = {each for each in used if each}
    await opens_nothing(signing, token)


async def test_a_provider_that_cant_be_signed_out_of_may_still_know_the_person(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(row(page, "Ann Smith")).to_be_visible()
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await sign_in_page(page, signing)
    await expect(page.get_by_text("maybe not of your organisation’s sign-in")).to_be_visible()
    assert idp.signed_out == []


@pytest.mark.both
async def test_a_person_who_has_gone_away_is_warned_a_minute_before_and_may_stay(
    served: Served, page: Page
) -> None:
    # given
    await page.clock.install()
    await open_portal(page, served)
    await expect(row(page, "Ann Smith")).to_be_visible()
    # when
    await page.clock.fast_forward(HOUR - 170_000)
    # then
    await expect(warning(page)).to_contain_text("You’ll be signed out in 1 minute")
    await expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert await violations(page) == []
    # when
    await page.keyboard.press("Enter")
    # then
    await expect(warning(page)).to_have_count(0)
    await page.clock.fast_forward(60_000)
    await expect(row(page, "Ann Smith")).to_be_visible()


async def test_a_person_who_has_gone_away_is_signed_out_whatever_they_had_typed(
    served: Served, page: Page
) -> None:
    # given: unsaved changes make the page ask before it is left
    await page.clock.install()
    await open_setup(served, page, "preferences")
    await page.get_by_role("textbox").first.fill("3")
    await page.get_by_role("link", name="People").click()
    await expect(page.get_by_role("alertdialog", name="Discard your changes?")).to_be_visible()
    secret = await kept(page)
    # when: the computer slept, and no clock ticked meanwhile
    await page.clock.fast_forward(HOUR)
    # then
    await expect(page.get_by_text("nobody had used Recalls here")).to_be_visible()
    await sign_in_page(page, served)
    await opens_nothing(served, secret)


async def test_drafts_of_a_person_who_was_signed_out_are_not_shown_to_the_next_one(
    served: Served, page: Page
) -> None:
    # given
    await page.clock.install()
    await open_portal(page, served)
    await page.get_by_label("Name, mobile or date of birth").fill("Smith")
    await row(page, "Ann Smith").focus()
    await page.keyboard.press("c")
    await page.get_by_label("Note").fill("Spoke to the daughter")
    # when
    await page.clock.fast_forward(HOUR)
    await sign_in_page(page, served)
    await page.get_by_label("Access token").fill(served.admin)
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()
    await page.get_by_role("link", name="Recalls", exact=True).click()
    await expect(page.get_by_label("Name, mobile or date of birth")).to_have_value("")
    await expect(page.get_by_label("Note")).to_have_count(0)
    assert "daughter" not in await page.content()


async def test_work_in_another_tab_keeps_a_person_signed_in(served: Served, page: Page) -> None:
    # given
    await page.clock.install()
    await open_portal(page, served)
    other = await page.context.new_page()
    await open_portal(other, served)
    await page.clock.fast_forward(HOUR - 170_000)
    await expect(warning(page)).to_be_visible()
    # when
    await other.get_by_role("button", name="Stay signed in").click()
    # then
    await expect(warning(page)).to_have_count(0)
    await expect(row(page, "Ann Smith")).to_be_visible()
