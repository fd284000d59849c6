"""Tests of signing in on a page, in a real browser, at a real provider."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.browser import CHROMIUM, Page, page
from tests.identity_provider import Provider
from tests.operations import OPERATIONS
from tests.served import Served
from tests.simulated import until
from tests.test_graphiql_build import DIST

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="SIGN-IN NOT SEEN IN A BROWSER: no Chromium here"),
    pytest.mark.skipif(not DIST.is_dir(), reason="run 'make portal/dist/graphiql.html'"),
]
BUTTON = "document.querySelector('.sign-in')"


@pytest.fixture
async def browser() -> AsyncIterator[Page]:
    async with page() as opened:
        yield opened


async def test_a_person_signs_in_with_a_button_and_no_token_is_kept(
    idp: Provider, signing: Served, browser: Page
) -> None:
    # given
    await browser.go(f"{signing.url}/graphql")
    await browser.until(BUTTON)
    # when
    await browser.value(f"{BUTTON}.click()")

    # then: the page itself asks for the schema with the token that it got
    async def known() -> bool:
        people: list[Any] = await signing.query(OPERATIONS["people"])
        return [person["name"] for person in people] == ["Priya Nair"]

    await until(known, 20)
    assert await browser.value("location.href") == f"{signing.url}/graphql"
    kept = await browser.value("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert idp.token().split(".")[0] not in kept


async def test_a_code_that_this_page_didnt_ask_for_is_not_taken(
    idp: Provider, signing: Served, browser: Page
) -> None:
    # when
    await browser.go(f"{signing.url}/graphql?code=made-up&state=made-up")
    # then
    await browser.until(f"{BUTTON}?.textContent.startsWith('That didn')")
    assert await browser.value("location.search") == ""
    assert idp.exchanged == 0


async def test_without_a_provider_there_is_no_button(served: Served, browser: Page) -> None:
    # when
    await browser.go(f"{served.url}/graphql#token={served.admin}")
    # then
    await browser.until("document.querySelector('.graphiql-logo')")
    assert await browser.value(f"{BUTTON} === null") is True
