"""Tests of links that sign people in: anybody already signed in is asked first."""

import pytest
from playwright.async_api import Locator, Page, expect

from core.identity import Role
from db.tokens import create_token
from dev.screens import row
from tests.support.browser import Browser
from tests.support.identity_provider import Provider
from tests.support.portal import kept, open_portal, opens_nothing, violations
from tests.support.practice import a_practice
from tests.support.served import Served

REFUSED = "status of 401"


@pytest.fixture
async def elsewhere(served: Served) -> str:
    """Tama's token, at another practice."""
    other = await a_practice(served.practice.pool, name="Wattle Grove")
    return await create_token(served.practice.pool, other.id, "Tama", Role.RECEPTIONIST)


def question(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name="Sign in with this link?")


@pytest.mark.both
async def test_a_link_doesnt_replace_the_person_signed_in_without_asking(
    served: Served, elsewhere: str, page: Page
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served)
    # when
    await page.goto(f"{served.url}/blocked#token={elsewhere}")
    # then
    await expect(question(page)).to_contain_text("You’re signed in as Receptionist at")
    assert page.url == f"{served.url}/blocked"
    assert elsewhere not in await page.evaluate("JSON.stringify({...sessionStorage})")
    assert await violations(page) == []
    # when: the person just presses Enter
    await expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    await page.keyboard.press("Enter")
    # then
    await expect(question(page)).to_have_count(0)
    await page.goto(f"{served.url}/recalls")
    await expect(row(page, "Ann Smith")).to_be_visible()


async def test_ones_own_link_asks_nothing(served: Served, page: Page) -> None:
    # given
    await open_portal(page, served)
    # when
    await open_portal(page, served, "/blocked")
    await page.evaluate(f"location.hash = 'token={served.tokens[Role.RECEPTIONIST]}'")
    # then
    await expect(page).to_have_url(f"{served.url}/blocked")
    await page.get_by_role("link", name="Recalls", exact=True).click()
    await expect(question(page)).to_have_count(0)


async def test_a_link_signs_in_if_the_previous_sign_in_has_ended(
    served: Served, elsewhere: str, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await open_portal(page, served)
    secret = await kept(page)
    await page.goto("about:blank")
    await served.practice.pool.execute("delete from sessions")
    await opens_nothing(served, secret)
    # when
    await page.goto(f"{served.url}/recalls#token={elsewhere}")
    # then
    await expect(page.get_by_text("Wattle Grove")).to_be_visible()


async def test_typed_text_is_still_there_when_a_link_is_not_taken(
    served: Served, elsewhere: str, page: Page
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served)
    await row(page, "Ann Smith").focus()
    await page.keyboard.press("c")
    await page.get_by_label("Note").fill("Spoke to the daughter")
    # when: a link that changes only the fragment
    await page.evaluate(f"location.hash = 'token={elsewhere}'")
    await expect(question(page)).to_be_visible()
    assert page.url == f"{served.url}/recalls"
    await page.keyboard.press("Escape")
    # then
    await expect(question(page)).to_have_count(0)
    await expect(page.get_by_label("Note")).to_have_value("Spoke to the daughter")


async def test_a_link_that_is_taken_ends_the_previous_sign_in(
    served: Served, elsewhere: str, page: Page
) -> None:
    # given
    await served.practice.recall()
    await open_portal(page, served)
    before = await kept(page)
    await page.goto(f"{served.url}/recalls#token={elsewhere}")
    # when
    await page.get_by_role("button", name="Sign in with the link").click()
    # then
    await expect(page.get_by_text("Wattle Grove")).to_be_visible()
    await expect(page.get_by_text("Tama")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_have_count(0)
    await opens_nothing(served, before)


async def test_a_link_that_is_no_good_changes_nothing(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await open_portal(page, served)
    await page.goto(f"{served.url}/recalls#token=recalls_1_made_up")
    # when
    await page.get_by_role("button", name="Sign in with the link").click()
    # then
    await expect(question(page)).to_contain_text("That link doesn’t work.")
    await page.get_by_role("button", name="Stay signed in").click()
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_visible()
    # when: nobody is signed in
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Access token")).to_be_visible()
    await page.goto(f"{served.url}/#token=recalls_1_made_up")
    # then
    await expect(page.get_by_role("alert").first).to_contain_text("That link doesn’t work")


async def test_people_who_came_through_the_provider_are_asked_before_they_go_there_again(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    await signing.practice.recall()
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(row(page, "Ann Smith")).to_be_visible()
    # when
    await page.goto(f"{signing.url}/blocked#token={signing.admin}")
    # then
    await expect(question(page)).to_contain_text("You’re signed in already.")
    assert idp.exchanged == 1
    # when
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_text("Priya Nair")).to_be_visible()
    # when
    await page.goto(f"{signing.url}/recalls#token={signing.admin}")
    await page.get_by_role("button", name="Sign in with the link").click()
    # then
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()


async def test_links_sign_nobody_in_in_production(production: Served, page: Page) -> None:
    # when
    await page.goto(f"{production.url}/recalls#token={production.admin}")
    # then
    await expect(page.get_by_role("alert").first).to_contain_text(
        "You can’t sign in with a link here"
    )
    assert page.url == f"{production.url}/recalls"
    # when
    await page.get_by_label("Access token").fill(production.admin)
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_visible()
    # when
    await page.goto(f"{production.url}/recalls#token={production.tokens[Role.RECEPTIONIST]}")
    # then
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()
    await expect(question(page)).to_have_count(0)
    assert page.url == f"{production.url}/recalls"
