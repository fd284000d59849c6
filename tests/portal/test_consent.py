"""Tests of the consent question, in a real browser on the real API, worker and gateway."""

import pytest
from playwright.async_api import Page, expect

from core.identity import Role
from db.tokens import create_token
from dev.screens import bar, runs_in_progress, select_all, sms_button
from tests.portal.test_sending import a_recall_of, nothing_was_tried
from tests.support.portal import icon, open_portal, select, violations
from tests.support.practice import a_mobile, a_practice
from tests.support.served import Served

READ = (
    "Best Practice doesn't tell us who has agreed to SMS. Check the patient's file before you send."
)
WITHHELD = "Does not wish to be contacted by SMS"


async def asked(served: Served, page: Page) -> tuple[int, int]:
    withheld = await a_recall_of(served.practice, "Withheld", sms_consent=False)
    clear = await a_recall_of(served.practice, "Clear")
    await open_portal(page, served, "/recalls/all")
    await select(page, "Withheld", "Clear")
    await expect(bar(page)).to_contain_text("2 SMS, 1 to check first.")
    await sms_button(page).click()
    dialog = page.get_by_role("alertdialog", name="Check consent before you send")
    await expect(dialog).to_contain_text(WITHHELD)
    await expect(dialog.get_by_role("listitem")).to_contain_text(["Ann Withheld"])
    return withheld, clear


async def test_by_default_nothing_is_sent(served: Served, page: Page) -> None:
    # given
    recalls = await asked(served, page)
    dialog = page.get_by_role("alertdialog")
    for close in (page.keyboard.press("Escape"), dialog.get_by_text("Don’t send").click()):
        await expect(dialog).to_be_visible()
        # when: Enter does nothing
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_visible()
        await close
        # then: the selection is still there
        await expect(page.get_by_role("alertdialog")).to_have_count(0)
        await expect(bar(page)).to_contain_text("2 selected")
        await nothing_was_tried(served.practice, *recalls)
        await sms_button(page).click()


@pytest.mark.parametrize(("width", "height"), [(1366, 650), (320, 568)])
async def test_the_question_opens_with_its_title_and_its_buttons_in_view(
    served: Served, page: Page, width: int, height: int
) -> None:
    # given: many to decide about
    await page.set_viewport_size({"width": width, "height": height})
    for number in range(25):
        await a_recall_of(served.practice, f"Withheld{number}", sms_consent=False)
    await a_recall_of(served.practice, "Clear")
    await open_portal(page, served, "/recalls/all")
    await select_all(page).click()
    await expect(bar(page)).to_contain_text("26 SMS")
    # when
    await sms_button(page).click()
    # then
    dialog = page.get_by_role("alertdialog")
    await expect(dialog.get_by_role("heading", level=2)).to_be_in_viewport(ratio=1)
    await dialog.get_by_role("checkbox").last.check()
    for name in ("Don’t send", "Send to 2 (1 you ticked)"):
        button = dialog.get_by_role("button", name=name, exact=True)
        await expect(button).to_be_in_viewport(ratio=1)
    scrolling = "all => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length"
    assert await page.locator(".sheet, .sheet *").evaluate_all(scrolling) == 1


@pytest.mark.both
async def test_axe_finds_nothing_in_the_question(served: Served, page: Page) -> None:
    # given
    await asked(served, page)
    # when / then
    assert await violations(page) == []


async def test_at_best_practice_everybody_is_asked_about(served: Served, page: Page) -> None:
    # given
    practice = await a_practice(served.practice.pool, pms_product="BEST_PRACTICE")
    mobile = a_mobile()
    recall = await a_recall_of(practice, "Nair", mobile=mobile, sms_consent=True)
    token = await create_token(practice.pool, practice.id, "Kim", Role.RECEPTIONIST)
    await page.goto(f"{served.url}/recalls#token={token}")
    await icon(page, "Nair").hover()
    await expect(page.get_by_role("tooltip")).to_have_text(READ)
    # when
    await select(page, "Nair")
    await sms_button(page).click()
    # then
    await expect(page.get_by_role("alertdialog")).to_contain_text(READ)
    await nothing_was_tried(practice, recall)
    # when
    await page.get_by_role("checkbox", name="Ann Nair").last.check()
    await page.get_by_role("button", name="Send to the one you ticked").click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    await served.holds_run_out()
    await served.work()
    # then
    assert len(await served.got(mobile)) == 1
    await expect(runs_in_progress(page)).to_contain_text("Finished: 1 sent")
    # then: it is remembered who looked it up, and nobody is asked about the patient again
    again = await practice.see(recall)
    assert (again["sms_reason"], again["patient_consent_checked_by"]) == (None, "Kim")


async def test_recalls_asked_about_are_left_out(served: Served, page: Page) -> None:
    # given
    withheld, clear = await asked(served, page)
    # when
    await page.get_by_role("button", name="Send to the other").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    assert await served.practice.attempt_states(clear) == ["QUEUED"]
    assert await served.practice.attempts(withheld) == []


async def test_staff_proceed_and_the_override_is_kept(served: Served, page: Page) -> None:
    # given
    withheld, clear = await asked(served, page)
    # when
    await page.get_by_role("alertdialog").get_by_role("checkbox").check()
    await page.get_by_role("button", name="Send to 2 (1 you ticked)").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Sending 2 SMS")
    [attempt] = await served.practice.attempts(withheld)
    assert attempt["overridden_reason"] == "PMS_CONSENT_WITHHELD"
    assert await served.practice.attempt_states(clear) == ["QUEUED"]


async def test_a_send_in_several_runs_sends_nothing_before_staff_were_asked(
    served: Served, page: Page
) -> None:
    # given: the recall that staff are asked about comes last, so that it is in the second run
    practice = served.practice
    await practice.many(1001)
    withheld = await a_recall_of(practice, "Withheld", sms_consent=False)
    await open_portal(page, served, "/recalls/all")
    await select_all(page).click()
    await expect(bar(page)).to_contain_text("1,002 SMS, 1 to check first", timeout=30_000)
    # when
    await sms_button(page).click()
    # then
    await expect(page.get_by_role("alertdialog")).to_contain_text("Ann Withheld")
    assert await practice.pool.fetchval("select count(*) from runs") == 0
    # when
    await page.get_by_role("button", name="Send to the 1,001 others").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Sending 1,001 SMS")
    assert await practice.pool.fetchval("select count(*) from runs") == 2
    assert await practice.attempts(withheld) == []


async def test_a_patient_who_said_no_is_blocked_from_the_question(
    served: Served, page: Page
) -> None:
    # given
    withheld, clear = await asked(served, page)
    dialog = page.get_by_role("alertdialog", name="Check consent before you send")
    # when
    await dialog.get_by_role("button", name="They said no: block Ann Withheld").click()
    await (
        page.get_by_role("alertdialog", name="Block")
        .get_by_role("button", name="Block", exact=True)
        .click()
    )
    # then
    await expect(dialog.get_by_role("listitem")).to_have_count(0)
    assert (await served.practice.see(withheld))["sms_reason"] == "BLOCKED_COMMUNICATION"
    # when
    await dialog.get_by_role("button", name="Send to the other").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    assert await served.practice.attempt_states(clear) == ["QUEUED"]
    assert await served.practice.attempt_states(withheld) == ["REFUSED"]
