"""Tests of recording calls and letters from the list, and of the selection it is done for."""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from dev.screens import bar, row, runs_in_progress, select_all
from tests.portal.test_recall_list import a_recall_of
from tests.support.portal import open_portal, select
from tests.support.practice import a_mobile
from tests.support.served import Served

SEARCH = "Name, mobile or date of birth"


async def calls(served: Served, recalls: list[int]) -> list[int]:
    """Return how many calls were recorded for each recall."""
    return [len(await served.practice.attempts(recall)) for recall in recalls]


async def test_two_quick_calls_are_recorded_for_two_patients(served: Served, page: Page) -> None:
    # given: reading the list takes a while
    practice = served.practice
    recalls = [
        await a_recall_of(practice, f"Number{n}", due_date=practice.due(n)) for n in range(3)
    ]
    await open_portal(page, served)
    await expect(row(page, "Number2")).to_be_visible()

    async def late(route: Route) -> None:
        if '"first":100' in (route.request.post_data or ""):
            await asyncio.sleep(1)
        await route.continue_()

    await page.route("**/graphql", late)
    await row(page, "Number0").focus()
    for number in range(2):
        # when
        await page.keyboard.press("c")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        # then: the row is gone at once, and the focus is on the next
        await expect(page.get_by_role("dialog")).to_have_count(0)
        assert await row(page, f"Number{number}").count() == 0
        await expect(row(page, f"Number{number + 1}")).to_be_focused()
    assert await calls(served, recalls) == [1, 1, 0]


async def test_closing_the_dialog_stops_a_recording_of_many(served: Served, page: Page) -> None:
    # given: each request takes a while
    practice = served.practice
    await practice.many(250)
    await open_portal(page, served)

    async def late(route: Route) -> None:
        if "idempotencyKey" in (route.request.post_data or ""):
            await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/graphql", late)
    await select_all(page).click()
    await expect(bar(page)).to_contain_text("250 selected")
    await bar(page).get_by_role("button", name="Record 250 calls").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Record 250 calls").click()
    await expect(dialog).to_contain_text("Recorded 100 of 250")
    # when
    await page.keyboard.press("Escape")
    # then: the request under way is finished, and the others are still selected
    await expect(dialog).to_have_count(0)
    await expect(bar(page)).to_contain_text(re.compile("^50 selected"))
    recorded = "select count(*) from contact_attempts where kind = 'PHONE'"
    assert await practice.pool.fetchval(recorded) == 200


async def test_a_call_for_a_recall_that_a_colleague_has_called_about_is_not_recorded(
    served: Served, page: Page
) -> None:
    # given: the page hears nothing of the colleague's call
    practice = served.practice
    await practice.category(
        name="Moles", reasons=["Mole"], automated=False, steps=["PHONE", "PHONE", "LETTER"]
    )
    recall = await a_recall_of(practice, "Nair", reason="Mole")
    await open_portal(page, served, "/recalls/calls")
    await row(page, "Nair").get_by_role("button", name="Record call").click()
    await practice.contact(recall, "PHONE")
    # when
    await page.get_by_role("dialog").get_by_role("button", name="Record call").click()
    # then
    told = runs_in_progress(page)
    await expect(told).to_contain_text("Not recorded: someone else has dealt with it")
    assert len(await practice.attempts(recall)) == 1


async def test_a_call_can_be_undone(served: Served, page: Page) -> None:
    # given
    recall = await a_recall_of(served.practice, "Nair")
    await open_portal(page, served)
    await row(page, "Nair").get_by_role("button", name="Record call").click()
    await page.get_by_role("dialog").get_by_role("button", name="Record call").click()
    await expect(runs_in_progress(page)).to_contain_text("Call recorded for Ann Nair")
    await expect(row(page, "Nair")).to_have_count(0)
    # when
    await page.get_by_role("button", name="Undo").click()
    # then
    await expect(row(page, "Nair")).to_be_visible()
    assert await served.practice.attempt_states(recall) == ["CANCELLED"]


async def test_closing_a_recall_can_be_undone(served: Served, page: Page) -> None:
    # given
    recall = await a_recall_of(served.practice, "Nair")
    await open_portal(page, served)
    await row(page, "Nair").focus()
    await page.keyboard.press("n")
    await page.get_by_role("alertdialog").get_by_role("button", name="No further action").click()
    await expect(row(page, "Nair")).to_have_count(0)
    # when
    await page.get_by_role("button", name="Undo").click()
    # then
    await expect(row(page, "Nair")).to_be_visible()
    assert await served.practice.state_and_tab(recall) == ("TO_ACTION", "TO_ACTION")


async def test_a_recall_closed_long_ago_can_be_reopened(served: Served, page: Page) -> None:
    # given
    recall = await a_recall_of(served.practice, "Nair")
    await served.practice.close(recall)
    await open_portal(page, served, "/recalls/all")
    await row(page, "Nair").get_by_role("button", name="Ann Nair", exact=True).click()
    # when
    await page.get_by_role("dialog").get_by_role("button", name="Reopen").click()
    # then
    await expect(page.get_by_role("dialog")).to_contain_text("To action")
    assert await served.practice.state_and_tab(recall) == ("TO_ACTION", "TO_ACTION")


async def test_what_went_wrong_is_listed_until_somebody_has_seen_to_it(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    failed = await a_recall_of(practice, "Nair", mobile=a_mobile())
    await a_recall_of(practice, "Petrovic", mobile=a_mobile())
    await practice.send(failed)
    await practice.deliver("FAILED")
    await open_portal(page, served)
    # when
    await page.get_by_role("link", name="Needs attention 1").click()
    # then
    await expect(row(page, "Nair")).to_contain_text("SMS failed")
    await expect(row(page, "Petrovic")).to_have_count(0)
    # when
    await row(page, "Nair").get_by_role("button", name="Record call").click()
    await page.get_by_role("dialog").get_by_role("button", name="Record call").click()
    # then
    await expect(page.get_by_role("link", name="Needs attention 0")).to_be_visible()
    await expect(page.get_by_text("All done – no SMS failed or is in doubt.")).to_be_visible()


async def test_what_waits_says_until_when(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Nair", due_date=practice.due(50))
    await open_portal(page, served, "/recalls/waiting")
    # then
    back = practice.due(36)
    await expect(row(page, "Nair")).to_contain_text(f"Back {back.day} {back:%b %Y}")


async def test_calls_leave_out_who_has_died_and_say_so(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    alive = [await a_recall_of(practice, name) for name in ("Nair", "Petrovic")]
    died = await a_recall_of(practice, "Died", status="DECEASED")
    await open_portal(page, served, "/recalls/all")
    await expect(row(page, "Died").get_by_role("button", name="Record")).to_have_count(0)
    await select(page, "Nair", "Petrovic", "Died")
    # when
    await bar(page).get_by_role("button", name="Record 2 calls").click()
    # then
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 left out")
    await dialog.get_by_role("button", name="Record 2 calls").click()
    await expect(dialog).to_have_count(0)
    assert await calls(served, [*alive, died]) == [1, 1, 0]


async def test_a_selection_outlives_a_search_and_says_what_is_out_of_sight(
    served: Served, page: Page
) -> None:
    # given
    await a_recall_of(served.practice, "Nair")
    await a_recall_of(served.practice, "Petrovic")
    await open_portal(page, served)
    await select(page, "Nair")
    # when
    await page.get_by_label(SEARCH).fill("petrovic")
    await expect(row(page, "Nair")).to_have_count(0)
    # then
    await expect(bar(page)).to_contain_text("1 selected, 1 not in this list")
    # when
    await select(page, "Petrovic")
    await page.get_by_label(SEARCH).fill("")
    # then
    await expect(row(page, "Nair")).to_have_attribute("aria-selected", "true")
    await expect(bar(page)).to_contain_text("2 selected –")


async def test_a_selected_recall_that_a_colleague_deals_with_is_deselected_with_a_word(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    gone = await a_recall_of(practice, "Gone")
    await a_recall_of(practice, "Other")
    await open_portal(page, served)
    await select(page, "Gone", "Other")
    # when
    await practice.contact(gone, "PHONE")
    # then
    await expect(bar(page)).to_contain_text("1 selected")
    await expect(page.get_by_text("1 recall left the list")).to_be_visible()
