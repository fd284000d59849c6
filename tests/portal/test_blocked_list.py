"""Tests of the list on Blocked Communications, in a real browser on the real API."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from core.identity import Actor, Role
from db.blocklist import block_mobile
from db.tokens import create_token
from tests.support.portal import violations
from tests.support.portal_blocked import (
    NUMBER,
    blocked_for,
    box,
    entries,
    entry,
    field,
    open_blocked,
    told,
)
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice
from tests.support.served import Served
from tests.support.simulated import until

PERTH = "Australia/Perth"


async def a_blocked_recall(practice: Practice) -> int:
    """Create a patient whose number is blocked; return their recall's id."""
    recall = await practice.recall(await practice.patient(first_name="Priya", last_name="Nair"))
    await practice.block()
    return recall


async def test_unticking_opts_back_in_and_can_be_undone(served: Served, page: Page) -> None:
    # given
    recall = await a_blocked_recall(served.practice)
    await open_blocked(served, page)
    # when
    await box(page).press("Space")
    # then
    status = entry(page).get_by_role("status")
    await expect(status).to_contain_text(f"{NUMBER} can get recall SMS again.")
    await expect(box(page)).not_to_be_checked()
    assert await blocked_for(served.practice, recall) is None
    # when
    await entry(page).get_by_role("button", name="Undo").press("Enter")
    # then
    await expect(status).to_have_text(f"{NUMBER} is blocked – no more recall SMS.")
    await expect(box(page)).to_be_checked()
    await expect(box(page)).to_be_focused()
    assert await blocked_for(served.practice, recall) == "BLOCKED_COMMUNICATION"


async def test_a_patients_stop_is_on_the_list_at_once_and_in_its_history(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.recall(await served.practice.patient(first_name="Priya"))
    await open_blocked(served, page)
    await expect(page.get_by_text("No numbers yet")).to_be_visible()
    # when
    assert await served.reply(MOBILE, "Stop!") == 200
    # then
    await expect(box(page)).to_be_checked()
    # when
    await entry(page).get_by_role("button", name="History").click()
    # then
    event = entry(page).locator(".block-history li")
    await expect(event).to_contain_text("Blocked")
    await expect(event).to_contain_text("patient replied STOP")


async def test_the_history_says_who_what_and_when_in_the_practices_time_zone(
    served: Served, page: Page
) -> None:
    # given a practice in Perth, and a browser in Sydney
    perth = await a_practice(served.practice.pool, time_zone=PERTH)
    served.tokens[Role.RECEPTIONIST] = await create_token(
        perth.pool, perth.id, "Kim", Role.RECEPTIONIST
    )
    await block_mobile(
        perth.pool, perth.id, MOBILE, blocked=False, note="Partner's", actor=Actor("Ash")
    )
    await block_mobile(
        perth.pool, perth.id, MOBILE, blocked=False, note="Sister's", actor=Actor("Ash")
    )
    await perth.pool.execute("alter table block_events disable trigger all")
    await perth.pool.execute(
        "update block_events set at = $1", datetime(2026, 3, 4, 9, 5, tzinfo=ZoneInfo(PERTH))
    )
    await open_blocked(served, page)
    await entry(page).get_by_role("button", name="History").click()
    history = entry(page).locator(".block-history li")
    await expect(history).to_have_count(2)
    # when
    await box(page).click()
    await expect(history).to_have_count(3)
    await box(page).click()
    # then: the open history keeps up
    await expect(history).to_have_count(4)
    shown = [text.split("\n") for text in await history.all_inner_texts()]
    assert [lines[0] for lines in shown] == [
        "Unblocked",
        "Blocked",
        "Note changed",
        "Listed, not blocked",
    ]
    assert shown[0][1].startswith("Kim (token 4) · ")
    assert shown[3][1:] == ["Partner's", "Ash · 4 Mar, 9:05 am"]


async def test_the_list_is_searched_by_number_and_by_the_people_it_reaches(
    served: Served, page: Page
) -> None:
    # given
    await a_blocked_recall(served.practice)
    await served.practice.block("+61491570156")
    await open_blocked(served, page)
    await expect(entries(page)).to_have_count(2)
    search = page.get_by_label("Search")
    for typed, found in (("nair pri", NUMBER), ("0491 570 1", "0491 570 156")):
        # when
        await search.fill(typed)
        # then
        await expect(entries(page)).to_have_count(1)
        await expect(entry(page, found)).to_be_visible()
        await expect(page.get_by_text("1 number found")).to_be_visible()
    # when
    await search.fill("Nobody")
    # then
    await expect(entries(page)).to_have_count(0)
    await expect(page.get_by_text("No matches")).to_be_visible()
    # then: a name is never in an address
    assert page.url.endswith("/blocked")


async def test_a_number_is_taken_off_the_list_and_its_history_stays(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.block("+61491570156")
    recall = await a_blocked_recall(served.practice)
    await open_blocked(served, page)
    remove = entry(page).get_by_role("button", name="Remove from list")
    sheet = page.get_by_role("alertdialog")
    # when
    await remove.click()
    await expect(sheet).to_contain_text("Its history is kept")
    await sheet.get_by_role("button", name="Keep blocked").click()
    # then
    await expect(sheet).to_have_count(0)
    await expect(remove).to_be_focused()
    assert await blocked_for(served.practice, recall) == "BLOCKED_COMMUNICATION"
    # when
    await remove.click()
    await sheet.get_by_role("button", name="Remove from list").click()
    # then
    await expect(told(page)).to_contain_text(f"Removed {NUMBER}.")
    await expect(entry(page)).to_have_count(0)
    await expect(page.get_by_role("heading", name="0491 570 156")).to_be_focused()
    assert await blocked_for(served.practice, recall) is None
    # when
    await field(page).fill(MOBILE)
    await page.keyboard.press("Enter")
    await entry(page).get_by_role("button", name="History").click()
    # then
    history = entry(page).locator(".block-history strong")
    await expect(history).to_have_count(3)
    assert (await history.all_inner_texts())[1] == "Removed"


async def test_a_long_list_is_shown_bit_by_bit_and_kept_up_to_date(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    for _ in range(51):
        await practice.block(a_mobile())
    await open_blocked(served, page)
    await expect(entries(page)).to_have_count(50)
    await expect(page.get_by_text("Showing 50 of 51 numbers")).to_be_visible()
    # when
    await page.get_by_role("button", name="Show more").press("Enter")
    # then
    await expect(entries(page)).to_have_count(51)
    await expect(page.get_by_text("All numbers shown")).to_be_focused()
    # when somebody else blocks another
    await practice.block()
    # then
    await expect(entries(page)).to_have_count(52)
    await expect(entries(page).first).to_contain_text(NUMBER)


@pytest.mark.both
async def test_the_list_is_easy_to_use(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    recall = await a_blocked_recall(practice)
    await practice.block("+61491570156")
    await practice.unblock("+61491570156")
    await open_blocked(served, page)
    await entry(page).get_by_role("button", name="History").click()
    await box(page).click()

    async def unblocked() -> bool:
        return await blocked_for(practice, recall) is None

    await until(unblocked)
    await expect(entry(page).get_by_role("button", name="Undo")).to_be_visible()
    # when, then
    assert await violations(page) == []
    # when
    await entry(page).get_by_role("button", name="Remove from list").click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    # then
    assert await violations(page) == []
