"""Tests of the Today page: what it counts, where it leads, and what a new practice sees."""

import pytest
from playwright.async_api import Page, expect

from core.identity import Role
from dev.screens import row
from tests.support.portal import open_portal, violations
from tests.support.practice import a_mobile
from tests.support.served import Served


async def test_the_day_begins_with_today(served: Served, page: Page) -> None:
    # when
    await open_portal(page, served, "/")
    # then
    await expect(page).to_have_url(f"{served.url}/today")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Good")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Receptionist")


async def test_what_is_due_is_counted_and_can_be_opened(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    await practice.recall(await practice.patient(last_name="Can", mobile=a_mobile()))
    patient = await practice.patient(last_name="Cannot", mobile=None)
    await practice.recall(patient, reason="Travel vaccination")
    # when
    await open_portal(page, served, "/today")
    # then
    card = page.get_by_role("region", name="To action by SMS")
    await expect(card).to_contain_text("2To action by SMS1 can be sent, 1 can’t get an SMS")
    await expect(page.get_by_role("region", name="Calls to make")).to_contain_text(
        "0Calls to makeNo calls are due"
    )
    # when
    await card.get_by_role("link", name="Open To Action").click()
    # then
    await expect(row(page, "Cannot")).to_be_visible()


async def test_the_counts_follow_what_happens(served: Served, page: Page) -> None:
    # given
    recall = await served.practice.recall()
    await open_portal(page, served, "/today")
    card = page.get_by_role("region", name="To action by SMS")
    await expect(card).to_contain_text("1 can be sent")
    # when
    await served.practice.contact(recall, "PHONE")
    # then
    await expect(card).to_contain_text("Nothing is due")


async def test_a_count_of_what_to_fix_agrees_with_the_list_that_it_links_to(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    for name in ("Nair", "Lee"):
        await practice.recall(await practice.patient(last_name=name, mobile=None))
    await practice.recall()
    await open_portal(page, served, "/today")
    # when
    fix = page.get_by_role("region", name="Fix in your practice software")
    await (
        fix.get_by_role("listitem")
        .filter(has_text="No mobile number")
        .get_by_role("link", name="2 in Letters")
        .click()
    )
    # then
    await expect(page).to_have_url(f"{served.url}/recalls/letters?reason=MOBILE_MISSING")
    await expect(page.locator("[data-index]")).to_have_count(2)


async def test_an_admin_of_a_new_practice_sees_what_to_set_up(served: Served, page: Page) -> None:
    # when
    await open_portal(page, served, "/today", Role.ADMIN)
    # then
    steps = page.get_by_role("region", name="Set up Recalls").get_by_role("listitem")
    await expect(steps).to_have_count(5)
    await expect(steps.first).to_contain_text("Connect your practice software – to do")
    # when
    await served.practice.recall()
    await page.reload()
    # then
    await expect(steps.first).to_contain_text("Connect your practice software – done")


async def test_a_receptionist_of_a_new_practice_is_told_who_sets_it_up(
    served: Served, page: Page
) -> None:
    # when
    await open_portal(page, served, "/today")
    # then
    await expect(page.get_by_role("main")).to_contain_text(
        "No recalls have arrived from your practice software yet."
    )
    await expect(page.get_by_role("region", name="Set up Recalls")).to_have_count(0)


@pytest.mark.both
@pytest.mark.parametrize("role", [Role.ADMIN, Role.RECEPTIONIST])
async def test_today_can_be_used_by_everybody(served: Served, page: Page, role: Role) -> None:
    # given
    practice = served.practice
    await practice.recall(await practice.patient(mobile=None))
    # when
    await open_portal(page, served, "/today", role)
    await expect(page.get_by_role("region", name="Fix in your practice software")).to_be_visible()
    # then
    assert await violations(page) == []
