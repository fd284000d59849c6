"""Tests of how the recall list fills the window, and of what a press in it does."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from dev.screens import bar, choose, row, select_all
from tests.support.portal import icon, open_portal
from tests.support.practice import Practice, a_mobile
from tests.support.served import Served

LONG = "Featherstonehaugh-Cholmondeley"
CROSSED = """
  grid => {
    const crossed = [];
    for (const row of grid.querySelectorAll("[data-index]")) {
      const boxes = [...row.querySelectorAll("[role=gridcell] *")]
        .filter((one) => !one.children.length && one.textContent.trim() && one.offsetWidth > 1)
        .map((one) => [one.textContent, one.getBoundingClientRect()]);
      for (const [text, a] of boxes)
        for (const [other, b] of boxes) {
          const beside = a.top < b.bottom - 2 && b.top < a.bottom - 2;
          if (beside && a.left < b.left && a.right > b.left + 1) crossed.push(`${text} / ${other}`);
        }
    }
    return crossed;
  }
"""
"""Returns the texts of a row that lie on each other."""


async def a_recall_of(practice: Practice, last_name: str, **facts: Any) -> int:
    """Sync a recall of a patient with a number of their own; return its id."""
    about = {"due_date": facts.pop("due_date", practice.today), "reason": "Skin check"}
    about |= {key: facts.pop(key) for key in ("reason", "urgency") if key in facts}
    person = {"last_name": last_name, "mobile": a_mobile()} | facts
    return await practice.recall(await practice.patient(**person), **about)


async def test_only_the_list_scrolls_and_its_column_names_stay(served: Served, page: Page) -> None:
    # given
    await page.set_viewport_size(ViewportSize(width=1366, height=650))
    await served.practice.many(60)
    await open_portal(page, served)
    await expect(row(page, "Many0").first).to_be_visible()
    # when
    await page.get_by_role("grid").hover()
    await page.mouse.wheel(0, 1500)
    # then
    await expect(row(page, "Many40")).to_be_in_viewport()
    await expect(page.get_by_role("columnheader", name="Mobile")).to_be_in_viewport(ratio=1)
    await expect(select_all(page)).to_be_in_viewport(ratio=1)
    page_height, bottom = await page.evaluate(
        "[document.documentElement.scrollHeight,"
        " document.querySelector('[role=grid]').getBoundingClientRect().bottom]"
    )
    assert (page_height, bottom) == (650, 650)


async def test_the_list_is_where_it_was_after_another_page(served: Served, page: Page) -> None:
    # given
    await served.practice.many(90)
    await open_portal(page, served)
    grid = page.get_by_role("grid")
    await expect(row(page, "Many0").first).to_be_visible()
    await grid.evaluate("grid => grid.scrollTo(0, 1500)")
    await expect(row(page, "Many40")).to_be_in_viewport()
    # when
    await page.get_by_role("link", name="Blocked Communications").click()
    await expect(grid).to_have_count(0)
    await page.go_back()
    # then
    await expect(row(page, "Many40")).to_be_in_viewport()


@pytest.mark.parametrize("width", [320, 480, 699, 700, 769, 900, 1024, 1100, 1280, 1440])
async def test_no_text_of_a_row_lies_on_another_and_all_rows_are_as_high(
    served: Served, page: Page, width: int
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, LONG, reason="Chronic obstructive airways review", urgency="Urgent")
    await practice.contact(await a_recall_of(practice, "Called"), "PHONE")
    await a_recall_of(practice, "Invalid", mobile="(02) 5550 0199", due_date=practice.due(-400))
    await page.set_viewport_size(ViewportSize(width=width, height=700))
    # when
    await open_portal(page, served, "/recalls/all")
    await expect(page.locator("[data-index]")).to_have_count(3)
    # then
    grid = page.get_by_role("grid")
    assert await grid.evaluate(CROSSED) == []
    heights = await page.locator("[data-index]").evaluate_all(
        "rows => rows.map((r) => r.offsetHeight)"
    )
    assert set(heights) == {84 if width < 700 else 46}
    assert await grid.evaluate("grid => grid.scrollWidth <= grid.clientWidth")


async def test_at_four_hundred_percent_the_focused_row_can_be_seen(
    served: Served, page: Page
) -> None:
    # given
    await page.set_viewport_size(ViewportSize(width=320, height=256))
    await served.practice.many(20)
    await open_portal(page, served)
    await row(page, "Many0").first.focus()
    await page.keyboard.press("x")
    await expect(bar(page)).to_be_attached()
    # when
    for _ in range(6):
        await page.keyboard.press("j")
    # then: nothing lies on it
    focused = page.locator("[data-index]:focus")
    await expect(focused).to_be_in_viewport(ratio=0.95)
    box = await focused.bounding_box()
    assert box
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert await focused.evaluate(
        "(row, [x, y]) => row.contains(document.elementFromPoint(x, y))", middle
    )


async def test_a_press_on_a_row_opens_it_and_with_ctrl_or_shift_selects(
    served: Served, page: Page
) -> None:
    # given
    for number in range(4):
        await a_recall_of(served.practice, f"Number{number}", due_date=served.practice.due(number))
    await open_portal(page, served, "/recalls/all")
    due = [row(page, f"Number{number}").locator(".cell-due") for number in range(4)]
    # when
    await due[0].click()
    # then
    sheet = page.get_by_role("dialog", name="Ann Number0")
    await expect(sheet).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    # when
    await due[1].click(modifiers=["Control"])
    await due[3].click(modifiers=["Shift"])
    # then
    await expect(bar(page)).to_contain_text("3 selected")
    await expect(sheet).to_have_count(0)


async def test_closing_a_recall_leaves_no_press_of_back_that_does_nothing(
    served: Served, page: Page
) -> None:
    # given
    await a_recall_of(served.practice, "Nair")
    await open_portal(page, served, "/blocked")
    await page.get_by_role("link", name="Recalls", exact=True).click()
    for _ in range(2):
        await row(page, "Nair").get_by_role("button", name="Ann Nair", exact=True).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    # when
    await page.go_back()
    # then
    await expect(page).to_have_url(re.compile("/blocked$"))


async def test_rows_stay_where_they_are_under_a_pressed_pointer(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    first = await a_recall_of(practice, "First", due_date=practice.due(-9))
    await a_recall_of(practice, "Second", due_date=practice.due(-8))
    await a_recall_of(practice, "Third", due_date=practice.due(-7))
    await open_portal(page, served)
    await row(page, "Second").get_by_role("checkbox").hover()
    await page.mouse.down()
    # when: a colleague's call takes the first away, and the page has read that
    async with page.expect_response(
        lambda answer: '"first":100' in (answer.request.post_data or "")
    ):
        await practice.contact(first, "PHONE")
    await expect(page.get_by_role("link", name="To Action 2")).to_be_visible()
    await expect(row(page, "First")).to_be_visible()
    await page.mouse.up()
    # then
    await expect(row(page, "First")).to_have_count(0)
    await expect(row(page, "Second")).to_have_attribute("aria-selected", "true")
    await expect(bar(page)).to_contain_text("1 selected")


async def test_a_closed_or_waiting_recall_looks_neither_due_nor_ready_to_send(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    closed = await a_recall_of(practice, "Closed", due_date=practice.due(-90), urgency="Urgent")
    waiting = await a_recall_of(practice, "Waiting", due_date=practice.due(-90))
    await practice.close(closed)
    await practice.contact(waiting, "PHONE")
    # when
    await open_portal(page, served, "/recalls/all")
    # then
    await expect(row(page, "Closed")).to_contain_text("No further action")
    await expect(row(page, "Waiting")).to_contain_text("Waiting")
    await expect(icon(page, "Closed")).to_have_count(0)
    quiet = (
        await row(page, "Waiting")
        .locator(".second")
        .first.evaluate("one => getComputedStyle(one).color")
    )
    await expect(icon(page, "Waiting")).to_have_css("color", quiet)
    for name in ("Closed", "Waiting"):
        await expect(row(page, name).locator(".overdue, .tag-urgent")).to_have_count(0)
    await expect(row(page, "Closed").get_by_role("button", name="Record")).to_have_count(0)


async def test_a_row_is_named_by_what_it_is_about(served: Served, page: Page) -> None:
    # given
    await a_recall_of(
        served.practice, "Nair", birth_date=served.practice.today.replace(year=1980, day=1)
    )
    # when
    await open_portal(page, served)
    # then
    name = re.compile(
        r"Ann Nair.*born.*1980.*Skin check.*04.*SMS can be sent.*today", re.IGNORECASE
    )
    await expect(page.get_by_role("row", name=name)).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Due")).to_have_attribute(
        "aria-sort", "ascending"
    )


async def test_filters_are_kept_for_the_return_to_the_list(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Nair")
    await a_recall_of(practice, "Withheld", sms_consent=False)
    await open_portal(page, served)
    await choose(page, "Can we text them?", "Yes")
    await expect(page.locator("[data-index]")).to_have_count(1)
    # when
    await page.get_by_role("link", name="Blocked Communications").click()
    await page.get_by_role("link", name="Recalls", exact=True).click()
    # then
    await expect(page.get_by_role("button", name="Can we text them? Yes")).to_be_visible()
    await expect(page.locator("[data-index]")).to_have_count(1)
    # when
    await page.get_by_role("button", name="Clear Can we text them?").click()
    # then
    await expect(page.locator("[data-index]")).to_have_count(2)


async def test_an_empty_list_says_why_and_where_there_is_a_match(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await open_portal(page, served)
    await expect(page.get_by_text("No recalls have arrived from your practice")).to_be_visible()
    recall = await a_recall_of(practice, "Nair")
    await page.reload()
    await expect(row(page, "Nair")).to_be_visible()
    await practice.close(recall)
    await expect(page.get_by_text("All done – nothing is due.")).to_be_visible()
    # when
    await page.get_by_label("Name, mobile or date of birth").fill("nair")
    await page.get_by_role("link", name="1 match in All").click()
    # then
    await expect(row(page, "Nair")).to_be_visible()


async def test_a_list_is_printed_on_as_few_pages_as_it_needs(served: Served, page: Page) -> None:
    # given
    await page.add_init_script("window.print = () => { window.printed = true }")
    await served.practice.many(130)
    await open_portal(page, served)
    await expect(row(page, "Many0").first).to_be_visible()
    # when
    await page.get_by_role("button", name="Print").click()
    # then
    paper = page.locator(".print-sheet")
    await expect(paper.locator("tbody tr")).to_have_count(130)
    await expect(paper).to_contain_text(re.compile(r"To Action · \d+ \w+ \d+ · 130 recalls"))
    assert await page.evaluate("window.printed")
    printed = await page.pdf()
    assert len(re.findall(rb"/Type */Page[^s]", printed)) < 10
