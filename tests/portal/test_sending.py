"""Tests of sending from the portal, in a real browser on the real API and a real worker."""

import re
from typing import Any

import pytest
from playwright.async_api import APIResponse, Page, Request, Route, expect

from core.identity import Actor, Role
from db.blocklist import block_mobile
from db.tokens import create_token
from dev.screens import bar, preview_messages, row, runs_in_progress, select_all, sms_button
from tests.support.browser import Browser
from tests.support.portal import icon, open_portal, select, violations
from tests.support.practice import Practice, a_mobile, a_practice
from tests.support.served import Served

READ = (
    "Best Practice doesn't tell us who has agreed to SMS. Check the patient's file before you send."
)
WITHHELD = "Does not wish to be contacted by SMS"


async def a_recall_of(practice: Practice, last_name: str, **facts: Any) -> int:
    patient = await practice.patient(last_name=last_name, **({"mobile": a_mobile()} | facts))
    return await practice.recall(patient)


async def a_blocked_recall(practice: Practice, last_name: str) -> int:
    mobile = a_mobile()
    await block_mobile(
        practice.pool, practice.id, mobile, blocked=True, note=None, actor=Actor("Kim")
    )
    return await a_recall_of(practice, last_name, mobile=mobile)


async def nothing_was_tried(practice: Practice, *recalls: int) -> None:
    assert await practice.pool.fetchval("select count(*) from runs") == 0
    for recall in recalls:
        assert await practice.attempts(recall) == []


async def test_sms_is_greyed_out_for_a_blocked_recall_and_says_why(
    served: Served, page: Page
) -> None:
    # given
    recall = await a_blocked_recall(served.practice, "Blocked")
    await open_portal(page, served, "/recalls/all")
    sends: list[str] = []

    def note(request: Request) -> None:
        if "holdSeconds" in (request.post_data or ""):
            sends.append(request.url)

    page.on("request", note)
    # when
    await select(page, "Blocked")
    # then
    button = sms_button(page)
    await expect(button).to_be_disabled()
    await expect(button).to_have_accessible_description(
        re.compile("No SMS can be sent: Mobile number blocked in your blocked communication list")
    )
    # when: it is tried by every means
    await button.click(force=True)
    await button.dblclick(force=True)
    await button.dispatch_event("click")
    await button.evaluate("button => button.click()")
    await button.evaluate("button => { button.removeAttribute('aria-disabled'); button.click(); }")
    await button.focus()
    for key in ("Enter", "Space"):
        await page.keyboard.press(key)
    await row(page, "Blocked").focus()
    await page.keyboard.press("s")
    # then
    await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await expect(bar(page)).to_contain_text("No SMS can be sent")
    assert sends == []
    await nothing_was_tried(served.practice, recall)


async def test_a_block_by_somebody_else_greys_sms_out_at_once(served: Served, page: Page) -> None:
    # given
    mobile = a_mobile()
    recall = await a_recall_of(served.practice, "Nair", mobile=mobile)
    await open_portal(page, served, "/recalls/all")
    await select(page, "Nair")
    await expect(sms_button(page)).to_be_enabled()
    # when
    await block_mobile(
        served.practice.pool,
        served.practice.id,
        mobile,
        blocked=True,
        note=None,
        actor=Actor("Kim"),
    )
    # then
    await expect(sms_button(page)).to_be_disabled(timeout=5000)
    await expect(icon(page, "Nair")).to_have_class(re.compile("sms-icon-blocked"))
    await nothing_was_tried(served.practice, recall)


async def test_the_bar_says_what_will_be_sent_and_what_cant_before_anything_happens(
    served: Served, page: Page
) -> None:
    # given
    practice = served.practice
    await a_recall_of(practice, "Clear")
    await a_recall_of(practice, "Alright")
    await a_blocked_recall(practice, "Blocked")
    await a_recall_of(practice, "Missing", mobile=None)
    await open_portal(page, served, "/recalls/all")
    # when
    await select(page, "Clear", "Alright", "Blocked", "Missing")
    # then
    await expect(bar(page)).to_contain_text(
        "4 selected – 2 SMS. 2 can’t get SMS: 1 blocked, 1 no mobile."
    )
    await expect(sms_button(page)).to_have_text("Send 2 SMS")
    await nothing_was_tried(practice)


async def test_the_preview_is_what_the_patient_gets(served: Served, page: Page) -> None:
    # given
    mobile = a_mobile()
    await a_recall_of(served.practice, "Nair", mobile=mobile, first_name="Zoë’s")
    await open_portal(page, served)
    await select(page, "Nair")
    # when
    await preview_messages(page)
    # then
    preview = page.get_by_role("group", name="Preview of the SMS")
    await expect(preview).to_contain_text("Zoë’s Nair")
    await expect(preview).to_contain_text("1 SMS")
    shown = await preview.locator(".bubble").inner_text()
    await page.keyboard.press("Escape")
    # when
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    await served.holds_run_out()
    await served.work()
    # then
    [message] = await served.got(mobile)
    assert message["body"] == shown


async def test_a_send_can_be_undone_for_ten_seconds(served: Served, page: Page) -> None:
    # given
    mobile = a_mobile()
    recall = await a_recall_of(served.practice, "Nair", mobile=mobile)
    await open_portal(page, served)
    await select(page, "Nair")
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text(re.compile("in (10|9|8) seconds"))
    await expect(bar(page)).to_have_count(0)
    # when
    await runs_in_progress(page).get_by_role("button", name="Undo").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Undone – nothing was sent")
    await served.holds_run_out()
    await served.work()
    await served.until_states(recall, "CANCELLED")
    assert await served.got(mobile) == []
    await expect(row(page, "Nair")).to_contain_text("SMS cancelled")


async def test_ones_own_send_can_still_be_undone_after_a_reload(served: Served, page: Page) -> None:
    # given
    recall = await a_recall_of(served.practice, "Nair")
    await open_portal(page, served)
    await select(page, "Nair")
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    # when
    await page.reload()
    await runs_in_progress(page).get_by_role("button", name="Undo").click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Undone – nothing was sent")
    await served.holds_run_out()
    await served.work()
    await served.until_states(recall, "CANCELLED")


async def test_a_runs_progress_is_shown_and_leads_to_advice(served: Served, page: Page) -> None:
    # given
    await page.clock.install()
    await served.misbehave(reject=1)
    await a_recall_of(served.practice, "Nair")
    await a_blocked_recall(served.practice, "Blocked")
    await open_portal(page, served, "/recalls/all")
    await select(page, "Nair", "Blocked")
    # when
    await sms_button(page).click()
    await expect(runs_in_progress(page).get_by_role("button", name="Undo")).to_be_visible()
    await served.holds_run_out()
    await page.clock.fast_forward(10_000)
    # then
    await expect(runs_in_progress(page).get_by_role("progressbar")).to_be_visible()
    # when
    await served.work()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Finished: 1 failed, 1 blocked")
    await expect(row(page, "Nair")).to_contain_text("SMS failed")
    # when
    await runs_in_progress(page).get_by_role("link", name="See what to do").click()
    # then
    await expect(page).to_have_url(re.compile(r"/runs/Run:\d+$"))


async def test_progress_goes_on_after_the_line_was_cut(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("ERR_INTERNET_DISCONNECTED")
    mobile = a_mobile()
    await a_recall_of(served.practice, "Nair", mobile=mobile)
    await open_portal(page, served)
    await select(page, "Nair")
    await sms_button(page).click()
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    # when
    await page.context.set_offline(True)
    await expect(page.get_by_text("can’t reach the server")).to_be_visible()
    await served.holds_run_out()
    await served.work()
    await page.context.set_offline(False)
    # then
    await expect(runs_in_progress(page)).to_contain_text("Finished: 1 sent")
    await expect(page.get_by_text("can’t reach the server")).to_have_count(0)
    assert len(await served.got(mobile)) == 1


async def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_sent_twice(
    served: Served, browser: Browser, page: Page
) -> None:
    # given: the API accepts the send, but the page never gets the answer
    browser.expects("ERR_CONNECTION_RESET", "ERR_FAILED")
    mobile = a_mobile()
    await a_recall_of(served.practice, "Nair", mobile=mobile)
    await open_portal(page, served, "/recalls/all")
    await select(page, "Nair")
    lost: list[APIResponse] = []

    async def lose(route: Route) -> None:
        if not lost and "holdSeconds" in (route.request.post_data or ""):
            lost.append(await route.fetch())
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/graphql", lose)
    # when
    await sms_button(page).click()
    # then
    await expect(runs_in_progress(page)).to_contain_text("Sending 1 SMS")
    assert lost
    await served.holds_run_out()
    await served.work()
    assert len(await served.got(mobile)) == 1


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
