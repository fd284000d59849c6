"""Tests that the portal loses no news, whenever it comes, and asks no more than it has to."""

import asyncio

from playwright.async_api import Page, Request, Route, expect

from tests.support.portal import bar, open_portal, row, select, under_way
from tests.support.practice import Practice, a_mobile
from tests.support.served import Served


async def a_recall_of(practice: Practice, last_name: str, days: int = 0) -> int:
    patient = await practice.patient(last_name=last_name, mobile=a_mobile())
    return await practice.recall(patient, due_date=practice.due(days))


async def late(page: Page, words: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Keep back the first answer to what has these words: when it is made, and when it may go."""
    made, go = asyncio.Event(), asyncio.Event()

    async def take(route: Route) -> None:
        if made.is_set() or words not in (route.request.post_data or ""):
            await route.continue_()
            return
        answer = await route.fetch()
        made.set()
        await go.wait()
        await route.fulfill(response=answer)

    await page.route("**/graphql", take)
    return made, go


async def test_what_changes_while_a_page_of_the_list_is_read_is_seen(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "First")
    second = await a_recall_of(practice, "Second")
    third = await a_recall_of(practice, "Third")
    await open_portal(page, served)
    await expect(row(page, "Third")).to_be_visible()
    made, go = await late(page, '"first":100')
    await practice.contact(second, "PHONE")
    await made.wait()
    # when
    await practice.contact(third, "PHONE")
    await expect(page.get_by_role("link", name="To Action")).to_have_text("To Action 1")
    go.set()
    # then
    await expect(row(page, "Second")).to_have_count(0)
    await expect(row(page, "Third")).to_have_count(0)
    await expect(row(page, "First")).to_be_visible()


async def test_what_changes_while_the_counts_are_read_is_counted(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "First")
    second = await a_recall_of(practice, "Second")
    third = await a_recall_of(practice, "Third")
    await open_portal(page, served)
    tab = page.get_by_role("link", name="To Action")
    await expect(tab).to_have_text("To Action 3")
    cut: list[Request] = []

    def note(request: Request) -> None:
        cut.append(request)

    page.on("requestfailed", note)
    made, go = await late(page, '{"filter":{}}')
    await practice.contact(second, "PHONE")
    await made.wait()
    # when
    await practice.contact(third, "PHONE")
    await expect(row(page, "Third")).to_have_count(0)
    go.set()
    # then: nor does news that keeps coming cut a slow answer off again and again
    assert cut == []
    await expect(tab).to_have_text("To Action 1")


async def test_what_changes_while_the_preview_is_read_is_told(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    recalls = [await a_recall_of(practice, name) for name in ("First", "Second", "Third")]
    await open_portal(page, served)
    await select(page, "First", "Second", "Third")
    await expect(bar(page)).to_contain_text("3 messages will be sent")
    made, go = await late(page, "recallIds")
    await practice.contact(recalls[0], "PHONE")
    await made.wait()
    # when
    await practice.close(recalls[1])
    await practice.close(recalls[2])
    await expect(page.locator("[data-index]")).to_have_count(0)
    go.set()
    # then
    await expect(bar(page)).to_contain_text("1 message will be sent")


async def test_only_what_is_in_view_is_read_anew_though_the_keyboard_is_elsewhere(
    served: Served, page: Page
) -> None:
    # given: four pages, the keyboard at the first row and the end in view
    practice = served.practice
    for number in range(350):
        last = await a_recall_of(practice, f"Many{number}", days=-400 + number)
    await open_portal(page, served)
    await row(page, "Many0").first.get_by_role("checkbox").click()
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(row(page, "Many349")).to_be_visible()
    asked: list[str] = []

    def note(request: Request) -> None:
        if '"first":100' in (request.post_data or ""):
            asked.append(request.post_data or "")

    page.on("request", note)
    # when
    await practice.contact(last, "PHONE")
    # then
    await expect(row(page, "Many349")).to_have_count(0)
    assert len(asked) <= 2, f"{len(asked)} pages were read"


async def test_the_focus_goes_on_in_the_list_when_what_had_it_has_gone(
    served: Served, page: Page
) -> None:
    # given
    for number in range(4):
        await a_recall_of(served.practice, f"Number{number}")
    await open_portal(page, served)
    focused = page.locator("[data-index]:focus")
    # when: the bar goes with the last of the selected
    await row(page, "Number0").focus()
    await page.keyboard.press("x")
    await bar(page).get_by_role("button", name="Called").press("Enter")
    await page.get_by_role("button", name="Record the call").press("Enter")
    # then
    await expect(bar(page)).to_have_count(0)
    await expect(focused).to_have_count(1)
    # when: the button that undoes goes once it has
    await page.keyboard.press("x")
    await page.keyboard.press("s")
    await under_way(page).get_by_role("button", name="Undo").press("Enter")
    # then
    await expect(under_way(page)).to_contain_text("Nothing was sent")
    await expect(focused).to_have_count(1)
