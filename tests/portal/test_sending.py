"""Tests of sending from the portal, in a real browser on the real API and a real worker."""

import re
from typing import Any

from playwright.async_api import APIResponse, Page, Request, Route, expect

from core.identity import Actor
from db.blocklist import block_mobile
from dev.screens import bar, preview_messages, row, runs_in_progress, sms_button
from tests.support.browser import Browser
from tests.support.portal import icon, open_portal, select
from tests.support.practice import Practice, a_mobile
from tests.support.served import Served


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
