"""The story behind this project, as a receptionist lives it in the portal."""

import re

from playwright.async_api import Page, expect

from dev.screens import bar, row, runs_in_progress, sms_button
from tests.support.browser import Browser
from tests.support.portal import icon, open_portal, select
from tests.support.practice import MOBILE
from tests.support.served import Served

WHY = "Mobile number blocked in your blocked communication list"


async def send(served: Served, page: Page) -> None:
    """Send to the selected recall, and have the message delivered."""
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    await served.holds_run_out()
    await served.work()


async def test_a_patient_who_says_stop_gets_no_recall_until_they_opt_back_in(
    served: Served, browser: Browser, page: Page
) -> None:
    # given: a recall goes out
    practice = served.practice
    recall = await practice.recall(await practice.patient(last_name="Nair"))
    await open_portal(page, served, "/recalls/all")
    await select(page, "Nair")
    await send(served, page)
    assert len(await served.got(MOBILE)) == 1
    await expect(icon(page, "Nair")).to_have_accessible_name("SMS: Ann Nair")

    # when: the patient answers STOP on their phone
    assert await served.reply(MOBILE, "STOP") == 200
    # then: the open page shows it, and says why
    await expect(icon(page, "Nair")).to_have_accessible_name("SMS blocked: Ann Nair")
    await icon(page, "Nair").hover()
    await expect(page.get_by_role("tooltip")).to_have_text(WHY)

    # when: somebody selects the recall anyway
    await select(page, "Nair")
    # then: SMS is greyed out
    await expect(sms_button(page)).to_be_disabled()
    await expect(bar(page)).to_contain_text(WHY)

    # when: a call is made instead
    await bar(page).get_by_role("button", name="Record call").click()
    await page.get_by_label("Note").fill("Booked for Tuesday")
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then
    await expect(row(page, "Nair")).to_contain_text("Called")
    assert (await practice.attempts(recall))[-1]["note"] == "Booked for Tuesday"

    # when: the patient asks for SMS again, and a colleague unticks the box
    colleague = await browser.page()
    await open_portal(colleague, served, "/blocked")
    box = colleague.get_by_role("checkbox", name=re.compile("Blocked Recalls.*0491 570 006"))
    await expect(box).to_be_checked()
    await box.click()
    await expect(box).not_to_be_checked()
    # then: the first page shows it within seconds, and a recall can go
    await expect(icon(page, "Nair")).to_have_accessible_name("SMS: Ann Nair", timeout=5000)
    for close in reversed(await runs_in_progress(page).get_by_role("button", name="Close").all()):
        await close.click()
    await select(page, "Nair")
    await send(served, page)
    assert len(await served.got(MOBILE)) == 2


async def test_a_family_that_shares_a_number_is_blocked_together(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    for name in ("Parent", "Child"):
        await practice.recall(await practice.patient(last_name=name))
    await open_portal(page, served, "/blocked")
    # when
    await page.get_by_label("Mobile number").fill("0491 570 006")
    # then
    await expect(page.get_by_text("Ann Child and Ann Parent")).to_be_visible()
    # when
    await page.get_by_role("button", name="Block", exact=True).click()
    await expect(page.get_by_role("checkbox", name=re.compile("0491 570 006"))).to_be_checked()
    await page.get_by_role("link", name="Recalls", exact=True).click()
    await page.get_by_role("link", name=re.compile("^All")).click()
    # then
    for name in ("Parent", "Child"):
        await expect(icon(page, name)).to_have_accessible_name(f"SMS blocked: Ann {name}")


async def test_a_number_is_blocked_from_the_recall_it_belongs_to(
    served: Served, page: Page
) -> None:
    # given
    await served.practice.recall(await served.practice.patient(last_name="Nair"))
    await open_portal(page, served, "/recalls/all")
    await row(page, "Nair").focus()
    await page.keyboard.press("Enter")
    # when
    await page.get_by_role("button", name="Block this number").click()
    question = page.get_by_role("alertdialog", name="Block 0491 570 006?")
    await expect(question).to_contain_text("Ann Nair won’t get recall SMS on this number any more")
    await question.get_by_role("button", name="Block", exact=True).click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("0491 570 006 is blocked")
    await expect(page.get_by_role("dialog")).to_contain_text("View block")
    # when
    await page.get_by_role("dialog").get_by_role("link", name="View block").click()
    # then
    assert page.url == f"{served.url}/blocked"
    box = page.get_by_role("checkbox", name=re.compile("0491 570 006"))
    await expect(box).to_be_checked()
    # then: a click unticks it at once
    await box.uncheck()
    await expect(page.get_by_text("0491 570 006 can get recall SMS again.")).to_be_visible()
