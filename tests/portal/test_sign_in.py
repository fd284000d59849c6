"""Tests of signing in on a page, in a real browser, at a real provider."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Browser
from tests.support.identity_provider import AUDIENCE, CLIENT, Provider
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


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": ["another-client", "a-third"], "azp": CLIENT},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
    ],
    ids=str,
)
async def test_an_id_token_that_isnt_for_this_page_signs_nobody_in(
    idp: Provider, signing: Served, page: Page, claims: dict[str, Any]
) -> None:
    # given
    idp.id_claims = claims
    await page.goto(signing.url)
    # when
    await page.get_by_role("button", name="Sign in", exact=True).click()
    # then
    await expect(page.get_by_text("We couldn’t sign you in")).to_be_visible()
    assert idp.exchanged == 1


async def test_an_id_token_for_several_clients_signs_in_if_it_was_made_for_this_page(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    idp.id_claims = {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    await page.goto(signing.url)
    # when
    await page.get_by_role("button", name="Sign in", exact=True).click()
    # then
    await expect(page.get_by_role("heading", name="Priya Nair", level=1)).to_be_visible()


async def test_the_provider_is_asked_for_what_the_settings_say(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    settings = {"ISSUER": idp.issuer, "AUDIENCE": AUDIENCE, "CLIENT_ID": CLIENT}
    scope = "openid profile api://recalls/use"
    given = {f"OIDC_{name}": value for name, value in settings.items()}
    async with signing.again(**given, OIDC_SCOPE=scope) as other:
        await page.goto(other.url)
        # when
        await page.get_by_role("button", name="Sign in", exact=True).click()
        # then
        await expect(page.get_by_text("Priya Nair")).to_be_visible()
        assert idp.scope == scope
        await page.goto("about:blank")


async def test_no_token_is_asked_for_if_people_only_come_through_the_provider(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    settings = {"ISSUER": idp.issuer, "AUDIENCE": AUDIENCE, "CLIENT_ID": CLIENT}
    given = {f"OIDC_{name}": value for name, value in settings.items()}
    async with signing.again(**given, STAFF_TOKENS="refuse") as other:
        # when
        await page.goto(other.url)
        # then
        await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        await expect(page.get_by_label("Access token")).to_have_count(0)
        await page.goto("about:blank")


async def test_without_a_provider_there_is_no_button(served: Served, page: Page) -> None:
    # when
    await page.goto(f"{served.url}/graphql#token={served.admin}")
    # then
    await expect(page.locator(".graphiql-logo")).to_be_visible()
    await expect(page.locator(BUTTON)).to_have_count(0)
