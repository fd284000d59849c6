"""Tests of the portal's automated runs: what the next one would do, and starting it now."""

from typing import Any

import pytest
from playwright.async_api import APIResponse, Page, Route, expect

from tests.support.browser import Browser
from tests.support.operations import BLOCK, OPERATIONS
from tests.support.portal import violations
from tests.support.portal_setup import open_setup, press
from tests.support.practice import Practice, a_mobile
from tests.support.served import Served

COUNTED = ["3 messages", "4 recalls in them", "3 segments"]


async def some_recalls(practice: Practice) -> str:
    """Make three messages' recalls, one against consent, and a refused one.

    Gives the number that two recalls go to.
    """
    mobile = a_mobile()
    twice = await practice.patient(mobile=mobile)
    await practice.recall(twice)
    await practice.recall(twice)
    await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=False))
    await practice.recall(await practice.patient(mobile=None))
    return mobile


async def test_the_next_run_is_previewed_and_kept_up_to_date(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    mobile = await some_recalls(practice)
    # when
    await open_setup(served, page, "automation")
    # then
    numbers = page.locator(".run-numbers").get_by_role("listitem")
    refusals = page.locator(".refusals").get_by_role("listitem")
    await expect(numbers).to_have_text(COUNTED)
    await expect(page.get_by_text("1 of the messages goes although SMS consent")).to_be_visible()
    await expect(refusals).to_have_text(["1 No mobile number"])
    await expect(page.get_by_text("9:00 am")).to_be_visible()
    await expect(page.get_by_text("Australia/Sydney time")).to_be_visible()
    # when
    await served.call(BLOCK, mobile=mobile, blockedRecalls=True)
    # then
    await expect(numbers).to_have_text(["2 messages", "2 recalls in them", "2 segments"])
    await expect(refusals).to_have_text(["2 Blocked Recalls", "1 No mobile number"])


async def test_a_refusal_leads_to_its_recalls(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    await some_recalls(practice)
    await open_setup(served, page, "automation")
    # when
    await page.get_by_role("link", name="No mobile number").click()
    # then
    await expect(page).to_have_url(f"{served.url}/recalls/all?reason=MOBILE_MISSING")


@pytest.mark.both
async def test_a_run_is_started_when_it_was_asked_about(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    await some_recalls(practice)
    await open_setup(served, page, "automation")
    # when
    await press(page, "Start a run now…")
    # then
    asked = page.get_by_role("alertdialog", name="Start a run now?")
    await expect(asked).to_contain_text("3 messages for 4 recalls, in 3 segments")
    await expect(asked).to_contain_text("1 recall can’t go by SMS.")
    await expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert await violations(page) == []
    # when
    await press(page, "Start the run")
    # then
    link = page.get_by_role("link", name="See how it goes")
    await expect(link).to_be_visible()
    runs: Any = await served.query(OPERATIONS["runs"])
    [run] = runs["nodes"]
    assert await link.get_attribute("href") == f"/runs/{run['id']}"
    assert run["trigger"] == "AUTOMATED"


async def test_a_run_whose_answer_was_lost_is_not_started_twice(
    served: Served, practice: Practice, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("ERR_FAILED")
    await some_recalls(practice)
    await open_setup(served, page, "automation")
    await press(page, "Start a run now…")
    lost: list[APIResponse] = []

    async def lose(route: Route) -> None:
        if "idempotencyKey" not in (route.request.post_data or "") or lost:
            await route.continue_()
        else:
            lost.append(await route.fetch())
            await route.abort()

    await page.route("**/graphql", lose)
    # when
    await press(page, "Start the run")
    await expect(page.get_by_role("alert").filter(has_text="can’t be reached")).to_be_visible()
    await press(page, "Start the run")
    # then
    await expect(page.get_by_role("link", name="See how it goes")).to_be_visible()
    assert len(lost) == 1
    assert (await served.query(OPERATIONS["runs"]))["totalCount"] == 1


async def test_that_there_is_nothing_to_send_is_said(served: Served, page: Page) -> None:
    # given
    await open_setup(served, page, "automation")
    await press(page, "Start a run now…")
    # when
    await press(page, "Start the run")
    # then
    await expect(page.get_by_role("alertdialog").get_by_role("alert")).to_have_text(
        "Nothing was sent: no recall is due."
    )


async def test_without_an_automated_category_there_is_no_next_run(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    await practice.pool.execute("update categories set automated = false")
    # when
    await open_setup(served, page, "automation")
    # then
    await expect(
        page.get_by_text("No category is automated, so there is no next run.")
    ).to_be_visible()
    await expect(page.get_by_role("button", name="Start a run now")).to_have_count(0)
