"""Tests of the runs' screens, in a real browser on the real API, worker and simulated gateway."""

import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from db.sending import RunAccepted, SendOutcome
from tests.support.portal import open_portal, violations
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice
from tests.support.served import Served

UNKNOWN_TO_DO = (
    "We can’t tell whether this arrived. Call before you text again – we won’t resend it."
)


def run_of(outcome: SendOutcome) -> int:
    assert isinstance(outcome, RunAccepted)
    return outcome.run_id


async def a_recall_of(practice: Practice, first_name: str, **facts: Any) -> int:
    known: dict[str, Any] = {"first_name": first_name, "last_name": "Nair", "mobile": a_mobile()}
    return await practice.recall(await practice.patient(**known | facts))


async def open_run(served: Served, page: Page, run_id: int) -> None:
    await open_portal(page, served, f"/runs/Run:{run_id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Sent "))


def group(page: Page, name: str) -> Locator:
    """Return the group of the run's messages with that outcome."""
    return page.get_by_role("region", name=re.compile(f"^{name} "))


def rows(page: Page, name: str) -> Locator:
    """Return the rows of the group's messages."""
    return group(page, name).locator("tbody").get_by_role("row")


async def stop(page: Page) -> None:
    """Press the button that stops the run, and confirm."""
    await page.get_by_role("button", name="Stop sending…").click()
    sheet = page.get_by_role("alertdialog")
    await expect(sheet).to_contain_text("SMS already sent can’t be taken back")
    await sheet.get_by_role("button", name="Stop sending").click()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the worker wait only a fifth of a second for an answer, with no look-up."""
    monkeypatch.setenv("RECALLS_GATEWAY_TIMEOUT", "0.2")
    monkeypatch.setenv("RECALLS_GATEWAY_LOOKUP", "false")


async def test_the_runs_are_listed_newest_first(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    refused = await a_recall_of(practice, "Ann", mobile=None)
    await practice.send(refused, await a_recall_of(practice, "Tom"))
    await practice.deliver()
    await a_recall_of(practice, "Priya")
    await practice.automate()
    await (await a_practice(practice.pool)).automate()
    # when
    await open_portal(page, served, "/runs")
    # then
    listed = page.locator("tbody").get_by_role("row")
    await expect(listed).to_have_count(2)
    cells = [await row.get_by_role("cell").all_inner_texts() for row in await listed.all()]
    assert cells == [
        ["Reception", "Automated", "Sending – 1 to go", "2", "0", "0", "0", "1", "0"],
        ["Reception", "By hand", "Finished", "2", "1", "0", "0", "1", "0"],
    ]
    # when the newest run finishes
    await practice.deliver()
    # then
    await expect(listed.first).to_contain_text("Finished")


async def test_a_run_is_followed_to_its_end(served: Served, page: Page) -> None:
    # given
    recall = await a_recall_of(served.practice, "Priya")
    run_id = run_of(await served.practice.send(recall, hold=60))
    await open_run(served, page, run_id)
    await expect(page.get_by_role("progressbar", name="Progress", exact=True)).to_be_visible()
    await expect(group(page, "Waiting")).to_contain_text("Waiting to go.")
    # when
    await served.holds_run_out()
    await served.work()
    await served.until_states(recall, "DELIVERED")
    # then
    await expect(page.get_by_text("Finished")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop sending…")).to_have_count(0)
    # when: a receipt isn't announced, so if it came last, the page still shows the message as sent
    await page.reload()
    # then
    await expect(group(page, "Delivered")).to_contain_text("These SMS arrived.")
    # when
    await page.get_by_role("button", name="Show the SMS: Delivered").click()
    # then
    await expect(rows(page, "Delivered")).to_contain_text("Priya Nair")


@pytest.mark.usefixtures("impatient")
async def test_an_unknown_message_says_what_to_do(served: Served, page: Page) -> None:
    # given a gateway that takes the message and never says so
    recall = await a_recall_of(served.practice, "Priya")
    run_id = run_of(await served.practice.send(recall))
    await served.misbehave(accept_then_hang=1.0, drop_receipts=1.0)
    await served.work()
    # when
    await open_run(served, page, run_id)
    # then
    await expect(group(page, "Not confirmed")).to_contain_text(UNKNOWN_TO_DO)
    await expect(rows(page, "Not confirmed")).to_contain_text("Priya Nair")
    # when
    await rows(page, "Not confirmed").get_by_role("link", name="Skin check of Priya Nair").click()
    # then a call can be recorded there
    await expect(page).to_have_url(re.compile(rf"/recalls/all\?recall=Recall:{recall}$"))
    panel = page.get_by_role("dialog", name="Priya Nair")
    await expect(panel.get_by_role("button", name="call")).to_be_visible()


async def test_refused_messages_are_counted_by_reason_and_explained_word_for_word(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await practice.block()
    blocked = [await a_recall_of(practice, name, mobile=MOBILE) for name in ("Priya", "Tom")]
    died = await a_recall_of(practice, "Ann", status="DECEASED")
    await a_recall_of(practice, "Sam")
    run_id = run_of(await practice.automate())
    # when
    await open_run(served, page, run_id)
    # then
    refused = group(page, "Not sent – blocked")
    await expect(refused).to_contain_text("Call or write, unless the reason says not to.")
    assert await refused.locator(".reasons li").all_inner_texts() == [
        "2: Blocked Recalls",
        "1: Patient deceased",
    ]
    for recall in (*blocked, died):
        row = rows(page, "Not sent – blocked").filter(
            has=page.locator(f'a[href="/recalls/all?recall=Recall:{recall}"]')
        )
        message = (await practice.attempts(recall))[0]["refusal_message"]
        await expect(row.get_by_role("cell", name=message, exact=True)).to_be_visible()


async def test_a_run_is_stopped(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    mobile = a_mobile()
    gone = await a_recall_of(practice, "Tom")
    recall = await a_recall_of(practice, "Priya", mobile=mobile)
    run_id = run_of(await practice.send(recall, hold=60))
    await practice.send(gone)
    await open_run(served, page, run_id)
    # when the person thinks better of it
    await page.get_by_role("button", name="Stop sending…").click()
    await page.get_by_role("button", name="Keep sending").click()
    # then
    await expect(page.get_by_role("button", name="Stop sending…")).to_be_focused()
    # when
    await stop(page)
    # then
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_text(re.compile(r"^Stopped \d"))).to_be_visible()
    await served.work()
    await expect(page.get_by_text("what hadn’t gone yet was cancelled")).to_be_visible()
    await expect(group(page, "Cancelled")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop sending…")).to_have_count(0)
    await served.until_states(recall, "CANCELLED")
    await served.until_states(gone, "DELIVERED")
    assert await served.got(mobile) == []


@pytest.mark.takes_long("axe looks at three screens")
@pytest.mark.both
@pytest.mark.usefixtures("impatient")
async def test_the_runs_are_easy_to_use(served: Served, page: Page) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Ann", mobile=None)
    await practice.send(await a_recall_of(practice, "Priya"))
    await served.misbehave(accept_then_hang=1.0, drop_receipts=1.0)
    await served.work()
    await a_recall_of(practice, "Tom")
    run_id = run_of(await practice.automate())
    await open_portal(page, served, "/runs")
    await expect(page.locator("tbody").get_by_role("row")).to_have_count(2)
    # when, then
    assert await violations(page) == []
    # when
    await page.locator("tbody").get_by_role("link").last.click()
    await expect(rows(page, "Not confirmed")).to_have_count(1)
    # then
    assert await violations(page) == []
    # when
    await open_run(served, page, run_id)
    await expect(rows(page, "Not sent – blocked")).to_have_count(1)
    await page.get_by_role("button", name="Show the SMS: Waiting").click()
    await page.get_by_role("button", name="Stop sending…").click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    # then
    assert await violations(page) == []
