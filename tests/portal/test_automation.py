"""Tests of the portal's automated runs: what the next one would do, and starting it now."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.operations import BLOCK, OPERATIONS
from tests.support.portal import violations
from tests.support.portal_setup import open_setup, press
from tests.support.practice import Practice, a_mobile
from tests.support.served import Served

COUNTED = "3 SMS for 4 recalls"


async def some_recalls(practice: Practice) -> str:
    """Create recalls for three messages, one of them against consent, and a refused recall.

    Return the number that two of the recalls go to.
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
    numbers = page.locator(".next-run").last
    refusals = page.locator(".refusals").get_by_role("listitem")
    await expect(numbers).to_have_text(COUNTED)
    await expect(
        page.get_by_text("1 of these SMS goes to a patient with “no SMS” on file")
    ).to_be_visible()
    await expect(refusals).to_have_text(["1 No mobile number"])
    await expect(page.get_by_text("9:00 am")).to_be_visible()
    await expect(page.get_by_text("Sydney time")).to_be_visible()
    # when
    await served.call(BLOCK, mobile=mobile, blockedRecalls=True)
    # then
    await expect(numbers).to_have_text("2 SMS for 2 recalls")
    await expect(refusals).to_have_text(["2 Blocked Recalls", "1 No mobile number"])


@pytest.mark.both
async def test_a_run_is_started_after_a_confirmation(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    await some_recalls(practice)
    await open_setup(served, page, "automation")
    # when
    await press(page, "Start a run now…")
    # then
    asked = page.get_by_role("alertdialog", name="Send 3 SMS now?")
    await expect(asked).to_contain_text("This is for 4 recalls. It’s ")
    await expect(asked).to_contain_text("1 recall can’t get an SMS.")
    await expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert await violations(page) == []
    # when
    await press(page, "Send now")
    # then
    link = page.get_by_role("link", name="Follow it in Sent messages")
    await expect(link).to_be_visible()
    runs: Any = await served.query(OPERATIONS["runs"])
    [run] = runs["nodes"]
    assert await link.get_attribute("href") == f"/runs/{run['id']}"
    assert run["trigger"] == "AUTOMATED"
