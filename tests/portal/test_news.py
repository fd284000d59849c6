"""Tests that the portal misses no change, whenever it comes, and reads no more than it must."""

from playwright.async_api import Page, Request, expect

from dev.screens import bar, row, runs_in_progress
from tests.support.portal import open_portal
from tests.support.practice import a_mobile
from tests.support.served import Served


async def test_only_rows_in_view_are_read_anew_though_the_keyboard_is_elsewhere(
    served: Served, page: Page
) -> None:
    # given: four pages, the keyboard focus on the first row and the end in view
    practice = served.practice
    await practice.many(349)
    last = await practice.recall(await practice.patient(last_name="Last", mobile=a_mobile()))
    await open_portal(page, served)
    await row(page, "Many0").first.get_by_role("checkbox").click()
    await page.get_by_role("grid").evaluate("grid => grid.scrollTo(0, grid.scrollHeight)")
    await expect(row(page, "Last")).to_be_visible()
    asked: list[str] = []

    def note(request: Request) -> None:
        if '"first":100' in (request.post_data or ""):
            asked.append(request.post_data or "")

    page.on("request", note)
    # when
    await practice.contact(last, "PHONE")
    # then
    await expect(row(page, "Last")).to_have_count(0)
    assert len(asked) <= 2, f"{len(asked)} pages were read"


async def test_the_focus_moves_on_in_the_list_when_the_focused_element_has_gone(
    served: Served, page: Page
) -> None:
    # given
    for number in range(4):
        await served.practice.recall(
            await served.practice.patient(last_name=f"Number{number}", mobile=a_mobile())
        )
    await open_portal(page, served)
    focused = page.locator("[data-index]:focus")
    # when: the bar disappears with the last selected recall
    await row(page, "Number0").focus()
    await page.keyboard.press("x")
    await bar(page).get_by_role("button", name="Record call").press("Enter")
    await (
        page.get_by_role("dialog")
        .get_by_role("button", name="Record call", exact=True)
        .press("Enter")
    )
    # then
    await expect(bar(page)).to_have_count(0)
    await expect(row(page, "Number0")).to_have_count(0)
    await expect(focused).to_have_count(1)
    # when: the Undo button disappears once it is used
    await page.keyboard.press("x")
    await page.keyboard.press("s")
    sending = runs_in_progress(page).get_by_role("article").filter(has_text="Sending 1 SMS")
    await sending.get_by_role("button", name="Undo").press("Enter")
    # then
    await expect(runs_in_progress(page)).to_contain_text("nothing was sent")
    await expect(focused).to_have_count(1)
