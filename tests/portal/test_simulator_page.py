"""The simulator's page in a real browser: a person reads a patient's phone and replies on it."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Browser, axe
from tests.support.operations import OPERATIONS
from tests.support.practice import MOBILE
from tests.support.served import Served
from tests.support.simulated import FORM, TO, Inbox, inbox, post, simulator

NOT_TAKEN = "status of 502"

# Tests ask for these before the page, so that the page never calls them when they are gone.


@pytest.fixture
async def replies() -> AsyncIterator[Inbox]:
    """The endpoint that takes replies."""
    async with inbox() as received:
        yield received


@pytest.fixture
async def client(replies: Inbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A simulator whose patients can reply."""
    async with simulator(replies_url=replies.url) as client:
        yield client


@pytest.fixture
async def silent() -> AsyncIterator[aiohttp.ClientSession]:
    """A simulator without an endpoint for replies."""
    async with simulator() as client:
        yield client


async def test_a_person_replies_stop_with_one_press_and_the_block_comes_back(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.patient()
    await post(served.gateway, To=MOBILE)
    await page.goto(f"{served.gateway._base_url}?number={MOBILE}")
    # when
    await page.get_by_role("button", name="Reply STOP").click()
    # then
    await expect(page.locator("#outcome")).to_have_text("Recalls took the reply.")
    await expect(page.locator("#bubbles .reply .text")).to_have_text("STOP")
    [entry] = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    assert (entry["mobile"], entry["blockedRecalls"]) == (MOBILE, True)
    await page.reload()
    await expect(page.locator("#bubbles .reply .text")).to_have_text("STOP")


async def test_typed_text_stays_until_it_was_taken(
    replies: Inbox, client: aiohttp.ClientSession, browser: Browser, page: Page
) -> None:
    # given an endpoint that takes replies the second time
    browser.expects(NOT_TAKEN)
    replies.failures = 1
    await post(client)
    await page.goto(f"{client._base_url}?number={TO}")
    text = page.get_by_label("Reply as this patient")
    # when
    await text.fill("Thank you")
    await text.press("Enter")
    # then
    told = page.locator("#outcome")
    await expect(told).to_have_text("Recalls did not take it: it answered 500.")
    await expect(text).to_have_value("Thank you")
    await expect(page.locator("#bubbles .reply")).to_have_count(0)
    # when
    await page.get_by_role("button", name="Send").click()
    # then
    await expect(told).to_have_text("Recalls took the reply.")
    await expect(text).to_have_value("")
    await expect(page.locator("#bubbles .reply .text")).to_have_text("Thank you")


async def test_a_simulator_that_is_gone_is_reported_and_the_text_stays(
    client: aiohttp.ClientSession, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("ERR_INTERNET_DISCONNECTED")
    await post(client)
    await page.goto(f"{client._base_url}?number={TO}")
    text = page.get_by_label("Reply as this patient")
    await text.fill("Thank you")
    # when
    await page.context.set_offline(True)
    await text.press("Enter")
    # then
    await expect(page.locator("#outcome")).to_have_text("The simulator did not answer.")
    await expect(page.locator("#state")).to_contain_text("Trying again")
    await expect(text).to_have_value("Thank you")


async def test_each_phone_keeps_its_own_draft(client: aiohttp.ClientSession, page: Page) -> None:
    # given
    await post(client)
    await post(client, To=MOBILE)
    await page.goto(f"{client._base_url}?number={TO}")
    text = page.get_by_label("Reply as this patient")
    await text.fill("Thank you")
    # when
    await page.get_by_role("link", name="0491 570 006").click()
    # then
    await expect(text).to_have_value("")
    # when
    await page.go_back()
    # then
    await expect(text).to_have_value("Thank you")


async def test_a_message_and_its_outcome_arrive_by_themselves(
    silent: aiohttp.ClientSession, page: Page
) -> None:
    # given
    await page.goto(str(silent._base_url))
    await expect(page.locator("#count")).to_contain_text("No phone got a message yet")
    # when
    await post(silent)
    # then
    bubble = page.locator("#bubbles li")
    await expect(bubble.locator(".text")).to_have_text(FORM["Body"])
    await expect(bubble.locator(".meta")).to_contain_text("Delivered")
    await expect(page.get_by_role("link", name="0491 570 156")).to_have_attribute(
        "aria-current", "true"
    )
    await expect(page.get_by_label("Reply as this patient")).to_be_hidden()


async def test_a_phone_is_found_by_its_number_and_opened(
    client: aiohttp.ClientSession, page: Page
) -> None:
    # given
    await post(client, To=MOBILE)
    await post(client)
    await page.goto(str(client._base_url))
    # when
    await page.get_by_label("Find a number").fill("0491 570 006")
    await page.get_by_role("link").filter(has_text="0491 570 006").click()
    # then
    await expect(page.get_by_role("link", name="0491 570 156")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Phone 0491 570 006")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"\?number=%2B61491570006$"))


async def test_text_from_outside_stays_text(client: aiohttp.ClientSession, page: Page) -> None:
    # given
    body = "<img src=x onerror=\"document.title='broken in'\"><b>due</b>"
    await post(client, Body=body)
    # when
    await page.goto(f"{client._base_url}?number={TO}")
    # then
    await expect(page.locator("#bubbles .text")).to_have_text(body)
    assert await page.title() == "0491 570 156 – Patients’ phones"


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        pytest.param(1200, "light", marks=pytest.mark.slow),
        pytest.param(1200, "dark", marks=pytest.mark.slow),
        pytest.param(360, "light", marks=pytest.mark.slow),
        (360, "dark"),
    ],
)
async def test_it_is_easy_to_use(
    width: int, scheme: str, client: aiohttp.ClientSession, page: Page
) -> None:
    # given
    await post(client, Body="x" * 1600)
    await post(client, To=MOBILE)
    await page.set_viewport_size({"width": width, "height": 740})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(str(client._base_url))
    await expect(page.locator("#phones li")).to_have_count(2)
    # when, then
    assert await axe(page) == []
    # when the phone is opened by keyboard, and a reply is sent from it
    await page.get_by_role("link", name="0491 570 156").press("Enter")
    await page.get_by_role("button", name="Reply STOP").press("Enter")
    await expect(page.locator("#bubbles .reply")).to_have_count(1)
    # then
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_on_a_small_screen_the_way_back_leads_to_the_list(
    client: aiohttp.ClientSession, page: Page
) -> None:
    # given
    await post(client)
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(str(client._base_url))
    await page.get_by_role("link", name="0491 570 156").click()
    await expect(page.get_by_role("heading", name="Phone 0491 570 156")).to_be_focused()
    # when
    await page.get_by_role("link", name="All phones").press("Enter")
    # then
    await expect(page.get_by_role("link", name="0491 570 156")).to_be_focused()


async def test_updates_can_be_paused(client: aiohttp.ClientSession, page: Page) -> None:
    # given
    await page.clock.install()
    await page.goto(str(client._base_url))
    await expect(page.locator("#count")).to_contain_text("No phone got a message yet")
    await page.get_by_role("button", name="Pause updates").click()
    await expect(page.locator("#state")).to_have_text("Updates are paused.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # when
    await page.clock.run_for(10_000)
    # then
    assert asked == []
