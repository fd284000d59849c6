"""Tests of signing in on a page, in a real browser, at a real provider."""

from typing import Any

from playwright.async_api import Page, expect

from tests.support.browser import Browser
from tests.support.identity_provider import Provider
from tests.support.operations import OPERATIONS
from tests.support.served import Served
from tests.support.simulated import until

BUTTON = ".sign-in"
UNKNOWN = "status of 401"
"""GraphiQL asks for the schema before anybody has signed in."""


async def test_a_person_signs_in_with_a_button_and_no_token_is_kept(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(UNKNOWN)
    await page.goto(f"{signing.url}/graphql")
    # when
    await page.locator(BUTTON).click()

    # then: the page itself asks for the schema with the token that it got
    async def known() -> bool:
        people: list[Any] = await signing.query(OPERATIONS["people"])
        return [person["name"] for person in people] == ["Priya Nair"]

    await until(known, 20)
    await expect(page).to_have_url(f"{signing.url}/graphql")
    kept = await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert idp.token().split(".")[0] not in kept


async def test_a_code_that_this_page_didnt_ask_for_is_not_taken(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(UNKNOWN)
    # when
    await page.goto(f"{signing.url}/graphql?code=made-up&state=made-up")
    # then
    await expect(page.locator(BUTTON)).to_contain_text("That didn't")
    await expect(page).to_have_url(f"{signing.url}/graphql")
    assert idp.exchanged == 0


async def test_without_a_provider_there_is_no_button(served: Served, page: Page) -> None:
    # when
    await page.goto(f"{served.url}/graphql#token={served.admin}")
    # then
    await expect(page.locator(".graphiql-logo")).to_be_visible()
    await expect(page.locator(BUTTON)).to_have_count(0)
