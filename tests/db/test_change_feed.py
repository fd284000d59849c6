"""Tests of the change feed: watchers see a run's progress, subscribers a practice's changes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeAlias

import asyncpg
import pytest

from core.identity import Actor
from db.change_feed import KINDS, ChangeFeed
from db.practices import save_preferences
from db.sync import PatientRow, RecallRow, upsert_patients, upsert_recalls
from db.tenancy import in_practice
from tests.db.test_runs import a_run, receipt
from tests.db.test_schedule import fall_due, hours
from tests.support.practice import Practice, a_practice

Act: TypeAlias = Callable[[Practice, int], Awaitable[object]]
CUT = """
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name = 'recalls change feed'
"""


@pytest.fixture
async def change_feed(database_url: str) -> AsyncIterator[ChangeFeed]:
    """A feed whose watchers poll so rarely that only a change wakes them."""
    change_feed = ChangeFeed(database_url, patience=60)
    yield change_feed
    await change_feed.close()


async def test_a_watcher_hears_of_each_change_and_of_the_end(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    run_id = await a_run(practice)
    states = []

    # when
    async with (
        asyncio.timeout(10),
        aclosing(change_feed.watch(practice.pool, practice.id, run_id)) as run,
    ):
        async for row in run:
            states.append((row["state"], row["sent"]))
            if len(states) == 1:
                await practice.deliver()

    # then
    assert states[0] == ("SENDING", 0)
    assert states[-1] == ("FINISHED", 1)


async def test_several_watchers_hear_the_same(practice: Practice, change_feed: ChangeFeed) -> None:
    # given
    run_id = await a_run(practice)
    begun = asyncio.Semaphore(0)

    async def watch() -> str:
        state = ""
        async for row in change_feed.watch(practice.pool, practice.id, run_id):
            state = row["state"]
            begun.release()
        return state

    watchers = [asyncio.create_task(watch()) for _ in range(3)]
    async with asyncio.timeout(10):
        for _ in watchers:
            await begun.acquire()

        # when
        await practice.deliver()

        # then
        assert await asyncio.gather(*watchers) == ["FINISHED"] * 3


async def test_a_finished_run_is_reported_once(practice: Practice, change_feed: ChangeFeed) -> None:
    # given
    run_id = await a_run(practice)
    await practice.deliver()

    # when
    rows = [row async for row in change_feed.watch(practice.pool, practice.id, run_id)]

    # then
    assert [row["state"] for row in rows] == ["FINISHED"]


async def test_another_practices_run_is_not_reported(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    run_id = await a_run(practice)

    # when
    rows = [row async for row in change_feed.watch(neighbour.pool, neighbour.id, run_id)]

    # then
    assert rows == []


async def test_a_watcher_recovers_notifications_lost_with_its_connection(
    practice: Practice, database_url: str
) -> None:
    # given
    change_feed = ChangeFeed(database_url, patience=0.05)
    run_id = await a_run(practice)
    states = []

    # when
    async with (
        asyncio.timeout(10),
        aclosing(change_feed.watch(practice.pool, practice.id, run_id)) as run,
    ):
        async for row in run:
            states.append(row["state"])
            if len(states) == 1:
                await practice.pool.execute(CUT)
                await practice.deliver()
    await change_feed.close()

    # then
    assert states[-1] == "FINISHED"


@asynccontextmanager
async def following(
    change_feed: ChangeFeed, practice: Practice
) -> AsyncIterator[AsyncIterator[frozenset[str]]]:
    """Hold a subscription to the practice whose first notification, of every kind, was consumed."""
    async with asyncio.timeout(10), aclosing(change_feed.subscribe(practice.id)) as changes:
        assert await anext(changes) == KINDS
        yield changes


async def prefer(practice: Practice) -> None:
    await save_preferences(
        practice.pool, practice.id, {"sms_repeat_days": 9}, actor=Actor("Manager")
    )


async def sync_patient(practice: Practice) -> None:
    await upsert_patients(practice.pool, practice.id, [PatientRow("new", "Ben", "Smith")])


async def sync_recall(practice: Practice) -> None:
    row = RecallRow("new", "known", "Skin check", practice.today)
    await upsert_recalls(practice.pool, practice.id, [row])


ACTS: dict[str, tuple[Act, set[str]]] = {
    "a number is blocked": (lambda p, _: p.block(), {"BLOCKS", "RECALLS"}),
    "a call is recorded": (lambda p, recall: p.contact(recall, "PHONE"), {"RECALLS"}),
    "a recall is closed": (lambda p, recall: p.close(recall), {"RECALLS"}),
    "a patient is synced": (lambda p, _: sync_patient(p), {"RECALLS"}),
    "a recall is synced": (lambda p, _: sync_recall(p), {"RECALLS"}),
    "a category is saved": (
        lambda p, _: p.category(name="Bloods", reasons=["Blood test"]),
        {"SETUP", "RECALLS"},
    ),
    "preferences are saved": (lambda p, _: prefer(p), {"SETUP"}),
    "a send is accepted": (lambda p, recall: p.send(recall), {"RUNS", "RECALLS"}),
    "an automated run is planned": (lambda p, _: p.automate(), {"RUNS", "RECALLS"}),
}
"""What is done to a practice that has a recall, and the kinds of change that follow."""


@pytest.mark.parametrize("name", ACTS)
async def test_a_subscriber_hears_what_kind_of_thing_changed(
    practice: Practice, change_feed: ChangeFeed, name: str
) -> None:
    # given
    act, kinds = ACTS[name]
    recall = await practice.recall(await practice.patient("known"))
    async with following(change_feed, practice) as changes:
        # when
        await act(practice, recall)
        # then
        assert await anext(changes) == kinds


async def test_a_subscriber_hears_of_a_run_that_the_schedule_begins(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)
    async with following(change_feed, practice) as changes:
        # when
        await practice.begin_scheduled_runs()
        # then
        assert "RUNS" in await anext(changes)


@pytest.mark.parametrize(
    ("state", "reported"), [("SENT", "UNDELIVERED"), ("UNKNOWN", "SENT"), ("QUEUED", "DELIVERED")]
)
async def test_a_subscriber_hears_what_becomes_of_messages(
    practice: Practice, change_feed: ChangeFeed, state: str, reported: str
) -> None:
    # given
    await a_run(practice)
    async with following(change_feed, practice) as changes:
        # when
        await practice.deliver(state)
        settled = await anext(changes)
        await receipt(practice, reported)
        then = await anext(changes)
        # then
        assert settled == then == {"RUNS", "RECALLS"}


async def test_a_subscriber_hears_of_a_stopped_run(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    run_id = await a_run(practice)
    async with following(change_feed, practice) as changes:
        # when
        await practice.stop(run_id)
        # then
        assert "RUNS" in await anext(changes)


async def test_changes_within_a_short_time_are_reported_together(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    recall = await practice.recall()
    async with following(change_feed, practice) as changes:
        # when
        await practice.contact(recall, "PHONE")
        await practice.category(name="Bloods", reasons=["Blood test"])
        await practice.block()
        # then
        assert await anext(changes) == {"RECALLS", "SETUP", "BLOCKS"}


async def test_changes_that_are_not_committed_are_not_reported(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    recall = await practice.recall()
    async with following(change_feed, practice) as changes:
        # when
        with suppress(asyncpg.DataError):
            async with in_practice(practice.pool, practice.id) as connection:
                await connection.execute("update categories set name = 'Gone again'")
                await connection.execute("select 1 / 0")
        await practice.contact(recall, "PHONE")
        # then
        assert await anext(changes) == {"RECALLS"}


async def test_another_practices_changes_are_not_reported(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    async with following(change_feed, neighbour) as changes:
        # when
        await practice.block()
        await practice.deliver()
        await prefer(neighbour)
        # then
        assert await anext(changes) == {"SETUP"}


async def test_several_subscribers_hear_the_same(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    async with (
        following(change_feed, practice) as one,
        following(change_feed, practice) as two,
    ):
        # when
        await prefer(practice)
        # then
        assert [await anext(one), await anext(two)] == [{"SETUP"}] * 2


async def test_a_subscriber_hears_every_kind_if_notifications_may_be_lost(
    practice: Practice, database_url: str
) -> None:
    # given
    change_feed = ChangeFeed(database_url, patience=0.05)
    async with following(change_feed, practice) as changes:
        # when
        await practice.pool.execute(CUT)
        # then
        assert await anext(changes) == KINDS
        await prefer(practice)
        assert await anext(changes) == {"SETUP"}
    await change_feed.close()


async def test_a_subscriber_hears_every_kind_if_the_connection_is_dead_but_not_cut(
    practice: Practice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a connection whose other end doesn't answer
    monkeypatch.setattr("db.change_feed.ANSWER_SECONDS", 0.2)
    change_feed = ChangeFeed(database_url, patience=0.05)
    async with following(change_feed, practice) as changes:
        pid = await practice.pool.fetchval(
            "select pid from pg_stat_activity"
            " where datname = current_database() and application_name = 'recalls change feed'"
        )
        os.kill(pid, signal.SIGSTOP)
        try:
            # when
            await prefer(practice)
            # then
            assert await anext(changes) == KINDS
        finally:
            os.kill(pid, signal.SIGCONT)
    await change_feed.close()


async def test_a_subscriber_that_leaves_while_the_connection_opens_leaves_no_other_deaf(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # given
    first = asyncio.create_task(anext(change_feed.subscribe(practice.id)))
    while change_feed._connection is None and not first.done():
        await asyncio.sleep(0)
    # when
    first.cancel()
    await asyncio.wait([first])
    # then
    async with following(change_feed, practice) as changes:
        await prefer(practice)
        assert await anext(changes) == {"SETUP"}


async def test_nothing_is_kept_of_a_subscriber_that_left(
    practice: Practice, change_feed: ChangeFeed
) -> None:
    # when
    async with following(change_feed, practice), following(change_feed, practice):
        followers = sum(map(len, change_feed._subscribers.values()))
    # then
    assert (followers, change_feed._subscribers) == (2, {})
