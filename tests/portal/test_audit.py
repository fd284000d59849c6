"""Tests of the portal's audit trail: shown in words, filtered, followed by links and exported."""

import csv
import io

from playwright.async_api import Page, expect

from core.identity import Role
from db.tokens import create_token
from tests.support.operations import BLOCK, NODE, OPERATIONS, RECALLS
from tests.support.portal_setup import open_setup, press
from tests.support.practice import MOBILE, Practice, a_mobile
from tests.support.served import Served
from tests.support.simulated import until


async def test_events_are_shown_in_words(served: Served, page: Page) -> None:
    # given
    await served.call(OPERATIONS["savePreferences"], smsRepeatDays=5)
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True, note="Asked for a call")
    # when
    await open_setup(served, page, "audit")
    # then
    events = page.locator(".audit-event")
    blocked = events.filter(has_text="Changed Blocked Communications")
    await expect(blocked).to_contain_text("0491 570 006")
    await expect(blocked).to_contain_text("Admin · token 1 · Admin · from 127.0.0.1")
    await expect(blocked).to_contain_text("Note: Asked for a call")
    await expect(blocked).to_contain_text("Blocked Recalls: yes")
    changed = events.filter(has_text="preferences")
    await expect(changed).to_contain_text("Changed settings")
    await expect(changed).to_contain_text("Wait after an SMS (days): 3 → 5")
    await expect(events.filter(has_text="Created an access token: Receptionist")).to_contain_text(
        "Host · not signed in"
    )


async def test_the_trail_is_filtered_and_exported_as_it_is_shown(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    await practice.block()
    await practice.unblock()
    await served.call(OPERATIONS["savePreferences"], smsRepeatDays=5)
    await open_setup(served, page, "audit")
    events = page.locator(".audit-event")
    await expect(events.filter(has_text="Changed settings")).to_have_count(2)
    # when
    await page.get_by_label("Who", exact=True).fill("Reception")
    await page.get_by_text("Activity: all").click()
    await page.get_by_label("Changed Blocked Communications").check()
    await page.get_by_label("From", exact=True).fill(practice.today.isoformat())
    await page.get_by_label("To", exact=True).fill(practice.today.isoformat())
    await press(page, "Apply")
    # then
    await expect(page.get_by_text("2 events", exact=True)).to_be_visible()
    await expect(events).to_have_count(2)
    # when
    async with page.expect_download() as downloading:
        await press(page, "Export CSV")
    # then
    download = await downloading.value
    rows = list(csv.DictReader(io.StringIO((await download.path()).read_text())))
    assert [row["action"] for row in rows] == ["BLOCK_CHANGED", "BLOCK_CHANGED"]
    assert {row["actor"] for row in rows} == {"Reception"}
    assert download.suggested_filename.startswith("audit-")
    # when
    await page.get_by_label("From", exact=True).fill(practice.due(1).isoformat())
    await page.get_by_label("To", exact=True).fill("")
    await press(page, "Apply")
    # then
    await expect(page.get_by_text("No events match")).to_be_visible()
    # when
    await press(page, "Clear")
    # then
    await expect(events.filter(has_text="Exported the audit trail")).to_have_count(1)


async def test_a_link_shows_what_was_done_with_one_patients_data(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    for name in ("Ann", "Bob"):
        recall = await practice.recall(await practice.patient(first_name=name))
        await served.query(NODE, {"id": f"Recall:{recall}"})
    await open_setup(served, page, "audit")
    # when
    await page.get_by_role("link", name="Ann Smith").click()
    # then
    await expect(page.get_by_text("Only activity about Ann Smith")).to_be_visible()
    events = page.locator(".audit-event")
    await expect(events).to_have_count(1)
    await expect(events).to_contain_text("Viewed a patient: Ann Smith")
    # when
    await page.get_by_role("link", name="Show all patients").click()
    # then
    await expect(page.get_by_role("link", name="Bob Smith")).to_be_visible()


async def test_two_actors_with_one_name_are_told_apart_and_each_can_be_followed_by_a_link(
    served: Served, practice: Practice, page: Page
) -> None:
    # given
    for _ in range(2):
        token = await create_token(practice.pool, practice.id, "Priya", Role.RECEPTIONIST)
        await served.call(BLOCK, token=token, mobile=a_mobile())
    await open_setup(served, page, "audit")
    events = page.locator(".audit-event")
    blocked = events.filter(has_text="Changed Blocked Communications")
    await expect(blocked.nth(0)).to_contain_text("Priya · token 5 · Receptionist")
    await expect(blocked.nth(1)).to_contain_text("Priya · token 4 · Receptionist")
    # when
    await blocked.nth(0).get_by_role("link", name="token 5").click()
    # then
    await expect(page.get_by_text("Only activity by Priya, token 5.")).to_be_visible()
    await expect(page.get_by_text("2 events", exact=True)).to_be_visible()  # with the sign-in
    # when
    await page.get_by_role("link", name="Show everyone").click()
    # then
    await expect(events.filter(has_text="token 4").first).to_be_visible()


async def test_the_trail_says_how_many_people_each_actor_was_shown(
    noting: Served, practice: Practice, page: Page
) -> None:
    # given
    await practice.many(7)
    await noting.query(RECALLS, token=noting.tokens[Role.RECEPTIONIST])

    async def counted() -> bool:
        return bool(await practice.pool.fetchval("select people from people_shown"))

    await until(counted)
    await open_setup(noting, page, "audit")
    # when
    await page.get_by_text("Patients shown in lists, hour by hour").click()
    # then
    row = page.get_by_role("row").filter(has_text="Receptionist")
    await expect(row).to_contain_text("token 2")
    await expect(row.get_by_role("cell", name="7", exact=True)).to_be_visible()
