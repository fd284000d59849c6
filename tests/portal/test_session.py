"""Tests of being signed in to the portal, and that nothing typed is lost when that ends."""

import asyncio
import json

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from core.identity import Role
from db.tokens import create_token
from dev.screens import row
from tests.support.browser import Browser
from tests.support.identity_provider import Provider
from tests.support.portal import open_portal, violations
from tests.support.served import Served
from tests.support.simulated import until

REFUSED = "status of 401"


@pytest.fixture
async def recall(served: Served) -> int:
    """A recall of Ann Smith."""
    return await served.practice.recall()


async def begin_a_note(page: Page) -> None:
    await row(page, "Ann Smith").focus()
    await page.keyboard.press("c")
    await page.get_by_label("Note").fill("Spoke to the daughter")


async def test_a_link_signs_in_and_its_token_is_in_no_address_afterwards(
    served: Served, page: Page
) -> None:
    # when
    await open_portal(page, served)
    # then
    await expect(page.get_by_text("Receptionist", exact=False).first).to_be_visible()
    assert page.url == f"{served.url}/recalls"
    # when: the tab is reloaded
    await page.reload()
    # then
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_visible()
    # when
    await page.get_by_role("button", name="Sign out").click()
    # then
    await expect(page.get_by_label("Access token")).to_be_visible()
    assert await page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})") == "{}"


@pytest.mark.both
async def test_a_token_is_typed_and_one_that_is_no_good_is_reported(
    served: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await page.goto(served.url)
    # when
    await page.get_by_role("button", name="Sign in with an access token").click()
    # then
    await expect(page.get_by_text("Paste the access token")).to_be_visible()
    # when
    await page.get_by_label("Access token").fill("recalls_1_made_up")
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_text("That access token doesn’t work")).to_be_visible()
    assert await violations(page) == []
    # when
    await page.get_by_label("Access token").fill(served.tokens[Role.RECEPTIONIST])
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_role("heading", name="Recalls", level=1)).to_be_visible()


async def end_the_sessions(served: Served) -> None:
    """End every session, as if from another computer: no page knows of it yet."""
    await served.practice.pool.execute("delete from sessions")


@pytest.mark.both
async def test_typed_text_survives_the_end_of_a_sign_in(
    served: Served, recall: int, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await open_portal(page, served)
    await begin_a_note(page)
    await end_the_sessions(served)
    # when
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then
    dialog = page.get_by_role("alertdialog", name="You’ve been signed out")
    await expect(dialog).to_be_visible()
    assert await violations(page) == []
    # when
    await dialog.get_by_label("Access token").fill(served.tokens[Role.RECEPTIONIST])
    await page.keyboard.press("Enter")
    # then: the unfinished action has been done, once
    await expect(dialog).to_have_count(0)
    await expect(row(page, "Ann Smith")).to_have_count(0)
    [attempt] = await served.practice.attempts(recall)
    assert attempt["note"] == "Spoke to the daughter"


async def test_one_persons_unfinished_action_is_not_done_in_the_name_of_the_next(
    served: Served, recall: int, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await open_portal(page, served)
    await page.get_by_label("Name, mobile or date of birth").fill("Smith")
    await begin_a_note(page)
    await end_the_sessions(served)
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # when
    dialog = page.get_by_role("alertdialog", name="You’ve been signed out")
    await dialog.get_by_label("Access token").fill(served.admin)
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_text("finished was not done, and hasn’t been kept")).to_be_visible()
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_be_visible()
    await expect(page.get_by_label("Name, mobile or date of birth")).to_have_value("")
    assert "daughter" not in await page.content()
    assert await served.practice.attempts(recall) == []
    # when
    await page.get_by_role("button", name="Close", exact=True).click()
    # then
    await expect(page.get_by_text("finished was not done, and hasn’t been kept")).to_have_count(0)


async def test_another_token_with_the_same_name_is_somebody_else(
    served: Served, recall: int, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    practice = served.practice
    await open_portal(page, served)
    await begin_a_note(page)
    await end_the_sessions(served)
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # when
    other = await create_token(practice.pool, practice.id, "Receptionist", Role.RECEPTIONIST)
    dialog = page.get_by_role("alertdialog", name="You’ve been signed out")
    await dialog.get_by_label("Access token").fill(other)
    await page.keyboard.press("Enter")
    # then
    await expect(page.get_by_text("finished was not done, and hasn’t been kept")).to_be_visible()
    assert await practice.attempts(recall) == []


async def test_somebody_elses_sign_in_at_the_provider_drops_the_unfinished_action(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    recall = await signing.practice.recall()
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await begin_a_note(page)
    await signing.practice.pool.execute("update people set revoked_at = now()")
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    dialog = page.get_by_role("alertdialog", name="You’ve been signed out")
    await expect(dialog).to_be_visible()
    # when
    idp.user = {"sub": "s-2", "name": "Sam Lee"}
    async with page.expect_popup():
        await dialog.get_by_role("button", name="Sign in (opens a new window)").click()
    # then
    await expect(page.get_by_text("You are signed in as Sam Lee.")).to_be_visible()
    await expect(row(page, "Ann Smith")).to_be_visible()
    assert await signing.practice.attempts(recall) == []


async def test_nothing_of_the_practice_is_seen_once_a_sign_in_has_ended(
    served: Served, recall: int, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    await open_portal(page, served)
    await begin_a_note(page)
    await end_the_sessions(served)
    # when
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then: the cover under the dialog lets nothing through
    await expect(page.get_by_role("alertdialog")).to_be_visible()
    cover = "getComputedStyle(document.querySelector('.overlay-cover')).backgroundColor"
    assert (await page.evaluate(cover)).startswith("rgb(")
    # when
    await page.get_by_role("alertdialog").get_by_role("button", name="Sign out").click()
    # then
    await expect(page.get_by_label("Access token")).to_be_visible()
    assert await page.evaluate("JSON.stringify({...sessionStorage})") == "{}"
    assert await served.practice.attempts(recall) == []


async def test_being_offline_is_reported_and_typed_text_stays(
    served: Served, recall: int, browser: Browser, page: Page
) -> None:
    # given
    browser.expects("ERR_INTERNET_DISCONNECTED")
    await open_portal(page, served)
    await begin_a_note(page)
    # when
    await page.context.set_offline(True)
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then
    await expect(page.get_by_role("dialog")).to_contain_text("We can’t reach the server")
    await expect(page.get_by_label("Note")).to_have_value("Spoke to the daughter")
    assert await served.practice.attempts(recall) == []
    # when
    await page.context.set_offline(False)
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    # then
    await expect(row(page, "Ann Smith")).to_have_count(0)
    assert len(await served.practice.attempts(recall)) == 1


async def test_changes_made_while_the_line_was_cut_are_seen_once_it_is_back(
    served: Served, recall: int, page: Page
) -> None:
    # given
    sockets: list[WebSocketRoute] = []
    back = asyncio.Event()

    async def through(socket: WebSocketRoute) -> None:
        if sockets and not back.is_set():
            await socket.close(code=1013)
            return
        socket.connect_to_server()
        sockets.append(socket)

    await page.route_web_socket("**/graphql", through)
    await open_portal(page, served)
    await expect(row(page, "Ann Smith")).to_be_visible()
    # when
    await sockets[0].close(code=1012)
    # then
    await expect(page.get_by_text("We can’t reach the server")).to_be_visible()
    # when
    await served.practice.contact(recall, "PHONE")
    back.set()
    # then
    await expect(row(page, "Ann Smith")).to_have_count(0)
    await expect(page.get_by_text("We can’t reach the server")).to_have_count(0)


async def test_news_that_the_api_couldnt_hear_is_asked_for_again(
    served: Served, recall: int, page: Page
) -> None:
    # given: the first stream of changes ends with an error, as if PostgreSQL were down
    failed: list[str] = []

    async def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def from_server(message: str | bytes) -> None:
            said = json.loads(message)
            if said["type"] == "next" and not failed:
                failed.append(said["id"])
                error = {"message": "Something went wrong."}
                socket.send(json.dumps({"type": "error", "id": said["id"], "payload": [error]}))
            elif said.get("id") not in failed:
                socket.send(message)

        server.on_message(from_server)

    await page.route_web_socket("**/graphql", through)
    await page.clock.install()
    await open_portal(page, served)
    await expect(row(page, "Ann Smith")).to_be_visible()

    async def has_failed() -> bool:
        return failed != []

    await until(has_failed)
    # when
    await served.practice.contact(recall, "PHONE")
    await page.clock.fast_forward(3000)
    # then
    await expect(row(page, "Ann Smith")).to_have_count(0)


async def test_people_sign_in_at_the_portal_through_the_provider_and_again_after_a_reload(
    idp: Provider, signing: Served, page: Page
) -> None:
    # given
    await signing.practice.recall()
    await page.goto(f"{signing.url}/recalls/all")
    # when
    await page.get_by_role("button", name="Sign in", exact=True).click()
    # then: the person is where they wanted to go
    await expect(row(page, "Ann Smith")).to_be_visible()
    await expect(page).to_have_url(f"{signing.url}/recalls/all")
    kept = await page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert idp.token().split(".")[0] not in kept
    # when
    await page.reload()
    # then: the provider still knows the person
    await expect(row(page, "Ann Smith")).to_be_visible()


@pytest.mark.takes_long("waits until a sign-in has ended")
async def test_an_ended_sign_in_is_renewed_in_another_window_and_nothing_typed_is_lost(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    recall = await signing.practice.recall()
    idp.seconds = 4
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await begin_a_note(page)
    dialog = page.get_by_role("alertdialog", name="You’ve been signed out")
    await expect(dialog).to_be_visible()
    idp.seconds = None
    # when
    async with page.expect_popup():
        await dialog.get_by_role("button", name="Sign in (opens a new window)").click()
    # then
    await expect(dialog).to_have_count(0)
    await page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
    await expect(row(page, "Ann Smith")).to_have_count(0)
    [attempt] = await signing.practice.attempts(recall)
    assert attempt["note"] == "Spoke to the daughter"


@pytest.mark.takes_long("waits until a sign-in has ended")
async def test_a_provider_that_gives_refresh_tokens_is_asked_without_the_person(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    idp.refreshes = True
    idp.seconds = 4
    recall = await signing.practice.recall()
    await page.goto(f"{signing.url}/recalls")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(row(page, "Ann Smith")).to_be_visible()
    idp.seconds = None
    # when: the first token has expired

    async def ended() -> bool:
        return idp.exchanged == 2

    await until(ended, 20)
    await signing.practice.contact(recall, "PHONE")
    # then
    await expect(row(page, "Ann Smith")).to_have_count(0)
    await expect(page.get_by_role("alertdialog")).to_have_count(0)


async def test_a_provider_that_keeps_giving_tokens_that_open_nothing_is_not_asked_forever(
    idp: Provider, signing: Served, browser: Browser, page: Page
) -> None:
    # given
    browser.expects(REFUSED)
    idp.refreshes = True
    idp.user = {"recalls_practice": 99}
    await page.goto(f"{signing.url}/recalls")
    # when
    await page.get_by_role("button", name="Sign in", exact=True).click()
    # then
    await expect(page.get_by_text("Sign in again, or ask")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert idp.exchanged == 2


async def test_a_code_that_this_page_didnt_ask_for_is_not_taken(
    idp: Provider, signing: Served, page: Page
) -> None:
    # when
    await page.goto(f"{signing.url}/?code=made-up&state=made-up")
    # then
    await expect(page.get_by_role("alert")).to_contain_text("We couldn’t sign you in")
    await expect(page).to_have_url(f"{signing.url}/")
    assert idp.exchanged == 0


async def test_the_portal_works_if_only_trusted_documents_may_be_run(
    served: Served, page: Page
) -> None:
    # given
    recall = await served.practice.recall()
    async with served.again(OTHER_DOCUMENTS="refuse") as strict:
        await open_portal(page, strict)
        # when
        await begin_a_note(page)
        await (
            page.get_by_role("dialog").get_by_role("button", name="Record call", exact=True).click()
        )
        # then: reading, changing and the news over the socket all work
        await expect(row(page, "Ann Smith")).to_have_count(0)
        assert len(await served.practice.attempts(recall)) == 1
        await page.goto("about:blank")
