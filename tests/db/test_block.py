"""Tests of blocking: the blocklist, its history, and that nothing is handed over afterwards."""

import asyncio
import time

import asyncpg
import pytest

from core.identity import Actor
from db.blocklist import (
    Entry,
    block_mobile,
    count_blocked,
    get_blocked,
    history_of,
    list_blocked,
    remove_blocked,
    set_blocked_recalls,
)
from db.delivery import Settlement, claim_messages, settle_messages
from db.types import Row
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice


async def entry_of(practice: Practice) -> Row:
    page = await list_blocked(practice.pool, practice.id, search=None, first=10, after=None)
    [entry] = page
    return entry


async def put(practice: Practice, *, blocked: bool, note: str | None = None) -> Entry:
    return await block_mobile(
        practice.pool, practice.id, MOBILE, blocked=blocked, note=note, actor=Actor("Reception")
    )


async def test_listing_alone_blocks_nothing(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    entry = await put(practice, blocked=False)

    # then
    assert not entry["blocked_recalls"]
    assert (await practice.see(recall))["sms_reason"] is None


async def test_listing_again_without_the_tick_leaves_it_ticked(practice: Practice) -> None:
    # given
    await put(practice, blocked=True, note="Asked us to stop")

    # when
    entry = await put(practice, blocked=False)

    # then
    assert (entry["blocked_recalls"], entry["note"]) == (True, "Asked us to stop")


async def test_ticking_a_number_that_is_not_listed_does_nothing(practice: Practice) -> None:
    # when
    entry = await set_blocked_recalls(
        practice.pool, practice.id, MOBILE, blocked=True, actor=Actor("Reception")
    )

    # then
    assert entry is None
    assert await count_blocked(practice.pool, practice.id, search=None) == 0
    assert await history_of(practice.pool, practice.id, [MOBILE]) == []


async def test_taking_a_number_off_the_list_keeps_its_history(practice: Practice) -> None:
    # given
    await put(practice, blocked=False)
    await set_blocked_recalls(
        practice.pool, practice.id, MOBILE, blocked=True, actor=Actor("Dr Lee")
    )

    # when
    removed = await remove_blocked(practice.pool, practice.id, MOBILE, actor=Actor("Reception"))
    again = await remove_blocked(practice.pool, practice.id, MOBILE, actor=Actor("Reception"))

    # then
    assert (removed, again) == (True, False)
    events = await history_of(practice.pool, practice.id, [MOBILE])
    assert [(e["listed"], e["blocked_recalls"], e["actor"]) for e in events] == [
        (False, False, "Reception"),
        (True, True, "Dr Lee"),
        (True, False, "Reception"),
    ]


async def test_blocking_again_writes_no_event(practice: Practice) -> None:
    # given
    await put(practice, blocked=True)

    # when
    await put(practice, blocked=True)

    # then
    assert len(await history_of(practice.pool, practice.id, [MOBILE])) == 1


async def test_a_new_note_is_an_event_even_if_the_tick_stays(practice: Practice) -> None:
    # given
    await put(practice, blocked=True)

    # when
    await put(practice, blocked=True, note="Called again")

    # then
    events = await history_of(practice.pool, practice.id, [MOBILE])
    assert [event["note"] for event in events] == ["Called again", None]


@pytest.mark.parametrize(
    "statement",
    [
        "update block_events set note = 'x'",
        "delete from block_events",
        "delete from block_events where false",
        "truncate block_events",
    ],
)
async def test_the_history_is_append_only(practice: Practice, statement: str) -> None:
    # given
    await put(practice, blocked=True)

    # when / then
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await practice.pool.execute(statement)


async def test_listing_a_number_concurrently_makes_one_entry(practice: Practice) -> None:
    # when
    entries = await asyncio.gather(*(put(practice, blocked=True) for _ in range(6)))

    # then
    assert len({entry["id"] for entry in entries}) == 1
    assert len(await history_of(practice.pool, practice.id, [MOBILE])) == 1


async def test_another_practices_entry_is_not_returned(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    entry = await put(neighbour, blocked=True)

    # when
    found = await get_blocked(practice.pool, practice.id, [entry["id"]])

    # then
    assert found == []
    assert await count_blocked(practice.pool, practice.id, search=None) == 0


async def test_the_list_is_paged_newest_first_without_repeats(practice: Practice) -> None:
    # given
    numbers = [a_mobile() for _ in range(5)]
    for number in numbers:
        await practice.block(number)

    # when
    seen: list[str] = []
    after = None
    more = True
    while more:
        page = await list_blocked(practice.pool, practice.id, search=None, first=2, after=after)
        more = len(page) > 2
        page = page[:2]
        seen += [row["mobile"] for row in page]
        after = page[-1]["id"]

    # then
    assert seen == numbers[::-1]


@pytest.mark.parametrize(
    ("search", "count"), [("ann", 1), ("0491 570 006", 1), ("smith 0491", 1), ("bob", 0), ("02", 0)]
)
async def test_the_list_is_searched_by_number_and_by_the_patients_it_reaches(
    practice: Practice, search: str, count: int
) -> None:
    # given
    await practice.patient()
    await put(practice, blocked=True)

    # when / then
    assert await count_blocked(practice.reader, practice.id, search=search) == count


async def test_a_number_that_reaches_nobody_is_found_by_its_digits(practice: Practice) -> None:
    # given
    await put(practice, blocked=True)

    # when / then
    assert await count_blocked(practice.pool, practice.id, search="0491") == 1
    assert await count_blocked(practice.pool, practice.id, search="ann") == 0


async def test_blocking_waits_until_a_live_claim_has_settled(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=30)
    assert claim is not None

    # when
    blocking = asyncio.create_task(practice.block())
    await until_listed(practice)
    done, _ = await asyncio.wait([blocking], timeout=0.15)
    waited = not done
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)
    await asyncio.wait_for(blocking, timeout=5)

    # then
    assert waited
    assert (await entry_of(practice))["already_handed_over"] == 1


async def test_blocking_waits_for_a_frozen_worker_no_longer_than_its_deadline(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())
    started = time.monotonic()
    await claim_messages(practice.pool, lease=0.4)

    # when
    await practice.block()
    took = time.monotonic() - started

    # then
    assert 0.39 < took < 5
    assert (await entry_of(practice))["already_handed_over"] == 1


async def test_a_block_that_is_removed_while_it_waits_is_answered_as_it_was(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=30)
    assert claim is not None
    blocking = asyncio.create_task(put(practice, blocked=True, note="Asked us to stop"))
    await until_listed(practice)

    # when
    await remove_blocked(practice.pool, practice.id, MOBILE, actor=Actor("Reception"))
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)
    entry = await asyncio.wait_for(blocking, timeout=5)

    # then
    assert (entry["blocked_recalls"], entry["note"]) == (True, "Asked us to stop")
    assert entry["already_handed_over"] == 1
    assert await count_blocked(practice.pool, practice.id, search=None) == 0


async def clock_jumped_ahead(practice: Practice) -> None:
    """Make the claims look as they do once the database's clock has jumped an hour ahead."""
    await practice.pool.execute(
        "update chunks set claim_deadline = claim_deadline - interval '1 hour';"
        " update contact_attempts set handed_over_at = handed_over_at - interval '1 hour'"
    )


async def test_blocking_waits_for_a_live_claim_even_if_the_clock_jumped_ahead(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=30)
    assert claim is not None
    await clock_jumped_ahead(practice)

    # when
    blocking = asyncio.create_task(practice.block())
    await until_listed(practice)
    done, _ = await asyncio.wait([blocking], timeout=0.15)
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)
    await asyncio.wait_for(blocking, timeout=5)

    # then
    assert not done


async def test_blocking_waits_no_longer_than_the_lease_even_if_the_clock_jumped_ahead(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())
    await claim_messages(practice.pool, lease=0.4)
    await clock_jumped_ahead(practice)
    started = time.monotonic()

    # when
    await practice.block()

    # then
    assert 0.39 < time.monotonic() - started < 5


async def test_blocking_does_not_wait_for_a_message_to_another_number(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall(await practice.patient(mobile=a_mobile())))
    await claim_messages(practice.pool, lease=30)

    # when
    await asyncio.wait_for(practice.block(), timeout=5)

    # then
    assert (await entry_of(practice))["already_handed_over"] == 0


async def test_listing_without_the_tick_waits_for_nobody(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())
    await claim_messages(practice.pool, lease=30)

    # when
    entry = await asyncio.wait_for(put(practice, blocked=False), timeout=5)

    # then
    assert entry["already_handed_over"] == 0


async def test_queued_messages_are_not_counted_as_handed_over(
    practice: Practice,
) -> None:
    # given
    await practice.send(await practice.recall())

    # when
    await practice.block()

    # then
    assert (await entry_of(practice))["already_handed_over"] == 0


async def test_a_message_from_the_day_before_yesterday_is_not_counted(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())
    await practice.deliver()
    await practice.days_pass(2)

    # when
    await practice.block()

    # then
    assert (await entry_of(practice))["already_handed_over"] == 0


async def until_listed(practice: Practice) -> None:
    async with asyncio.timeout(5):
        while await count_blocked(practice.pool, practice.id, search=None) == 0:
            await asyncio.sleep(0.005)
