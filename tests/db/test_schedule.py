"""Tests of the schedule: hours across daylight saving, and runs that begin once, within them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.identity import Actor
from db.delivery import claim_messages, what_waits
from db.practices import save_preferences
from db.types import Pool
from tests.support.practice import MOBILE, SYDNEY, Practice, a_mobile


async def next_opening(pool: Pool, moment: str, send_from: str) -> str:
    """Return the next opening in Sydney after an ISO moment, in UTC."""
    opening: datetime = await pool.fetchval(
        "select logic.next_opening($1, $2, $3::text::time)",
        datetime.fromisoformat(moment),
        SYDNEY,
        send_from,
    )
    return opening.astimezone(UTC).isoformat(timespec="minutes")


async def hours(practice: Practice, *, now_open: bool) -> None:
    """Set hours that include the present moment, or don't."""
    await practice.pool.execute(
        """
        update practices set send_from = h.send_from, send_until = h.send_until
        from (values (true, 0, time '00:00', time '23:59:59.999999'),
                     (false, 0, '22:00', '23:00'), (false, 1, '01:00', '02:00'))
          as h (now_open, afternoon, send_from, send_until)
        where h.now_open = $1 and (h.now_open or h.afternoon =
          floor(extract(hour from clock_timestamp() at time zone time_zone) / 12))
        """,
        now_open,
    )


async def fall_due(practice: Practice) -> None:
    """Make the practice's automated run due a minute ago."""
    await practice.pool.execute("update practices set next_run_at = now() - interval '1 minute'")


@pytest.mark.parametrize(
    ("moment", "send_from", "opens"),
    [
        # Standard time is UTC+10, daylight time UTC+11.
        ("2026-07-01T08:00+10:00", "09:00", "2026-06-30T23:00+00:00"),
        ("2026-07-01T09:00+10:00", "09:00", "2026-07-01T23:00+00:00"),
        ("2026-07-01T15:00+10:00", "09:00", "2026-07-01T23:00+00:00"),
        # The clocks go forward on 4 October 2026 at 02:00, and back on 5 April 2026 at 03:00.
        ("2026-10-03T10:00+10:00", "09:00", "2026-10-03T22:00+00:00"),
        ("2026-10-04T10:00+11:00", "09:00", "2026-10-04T22:00+00:00"),
        ("2026-04-04T10:00+11:00", "09:00", "2026-04-04T23:00+00:00"),
        # 02:30 is skipped: an hour later by the clock.
        ("2026-10-03T10:00+10:00", "02:30", "2026-10-03T16:30+00:00"),
        ("2026-10-03T16:30+00:00", "02:30", "2026-10-04T15:30+00:00"),
        # 02:30 comes twice: the second counts.
        ("2026-04-04T10:00+11:00", "02:30", "2026-04-04T16:30+00:00"),
        ("2026-04-04T16:30+00:00", "02:30", "2026-04-05T16:30+00:00"),
    ],
)
async def test_the_next_opening_goes_by_the_local_clock(
    pool: Pool, moment: str, send_from: str, opens: str
) -> None:
    # when / then
    assert await next_opening(pool, moment, send_from) == opens


async def test_a_year_of_openings_has_one_on_each_local_day(pool: Pool) -> None:
    # given
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    openings = []

    # when
    for _ in range(365):
        moment = await pool.fetchval("select logic.next_opening($1, $2, '02:30')", moment, SYDNEY)
        openings.append(moment)

    # then
    days = await pool.fetchval(
        "select count(distinct (o at time zone $2)::date) from unnest($1::timestamptz[]) o",
        openings,
        SYDNEY,
    )
    assert days == 365
    assert openings[-1] - openings[0] < timedelta(days=366)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-07-01T08:59:59+10:00", False),
        ("2026-07-01T09:00:00+10:00", True),
        ("2026-07-01T15:59:59+10:00", True),
        ("2026-07-01T16:00:00+10:00", False),
        ("2026-10-04T08:59:59+11:00", False),
        ("2026-10-04T09:00:00+11:00", True),
        ("2026-04-05T09:00:00+10:00", True),
        ("2026-04-05T15:59:59+10:00", True),
    ],
)
async def test_the_hours_include_their_first_second_but_not_their_end(
    pool: Pool, moment: str, is_open: bool
) -> None:
    # when
    answer = await pool.fetchval(
        "select logic.in_send_window($1, $2, '09:00', '16:00')",
        datetime.fromisoformat(moment),
        SYDNEY,
    )

    # then
    assert answer == is_open


async def test_a_run_begins_when_its_time_has_come_within_the_hours(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)

    # when
    begun = await practice.begin_scheduled_runs()
    again = await practice.begin_scheduled_runs()

    # then
    assert (len(begun), again) == (1, [])
    await practice.plan()
    assert await practice.deliver() == [MOBILE]


async def test_nothing_begins_before_its_time(practice: Practice) -> None:
    # given
    await practice.recall()

    # when
    begun = await practice.begin_scheduled_runs()

    # then
    assert begun == []


async def test_a_run_whose_time_passed_outside_the_hours_is_skipped(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=False)
    await fall_due(practice)

    # when
    begun = await practice.begin_scheduled_runs()

    # then
    assert begun == []
    assert await practice.pool.fetchval("select next_run_at > now() from practices")


async def test_a_day_with_nothing_due_leaves_no_run(practice: Practice) -> None:
    # given
    await hours(practice, now_open=True)
    await fall_due(practice)

    # when
    await practice.begin_scheduled_runs()
    await practice.plan()

    # then
    assert await practice.pool.fetchval("select count(*) from runs") == 0
    assert not await practice.pool.fetchval(
        "select exists (select from audit_events where actor = 'Schedule')"
    )
    assert await practice.pool.fetchval("select next_run_at > now() from practices")


async def test_schedulers_at_the_same_moment_begin_one_run(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)

    # when
    begun = await asyncio.gather(*(practice.begin_scheduled_runs() for _ in range(8)))
    await asyncio.gather(*(practice.plan() for _ in range(4)))

    # then
    assert sum(map(len, begun)) == 1
    assert await practice.deliver() == [MOBILE]


async def test_a_run_begun_already_for_a_time_is_not_begun_again(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)
    due_at = await practice.pool.fetchval("select next_run_at from practices")
    await practice.begin_scheduled_runs()

    # when
    await practice.pool.execute("update practices set next_run_at = $1", due_at)
    begun = await practice.begin_scheduled_runs()

    # then
    assert begun == []


async def test_a_scheduled_chunk_waits_for_the_hours(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)
    await practice.begin_scheduled_runs()
    await practice.plan()
    await hours(practice, now_open=False)

    # when
    outside = await practice.deliver()
    ready = (await what_waits(practice.pool)).ready
    await hours(practice, now_open=True)
    await practice.retry_now()

    # then
    assert (outside, ready) == ([], False)
    assert await practice.deliver() == [MOBILE]


async def test_a_scheduled_chunk_waits_until_the_next_opening(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)
    await practice.begin_scheduled_runs()
    await practice.plan()
    await hours(practice, now_open=False)

    # when
    await claim_messages(practice.pool, lease=10)

    # then
    assert await practice.pool.fetchval(
        "select c.not_before = logic.next_opening(now(), p.time_zone, p.send_from)"
        " from chunks c, practices p"
    )


async def test_a_send_by_hand_goes_outside_the_hours_too(practice: Practice) -> None:
    # given
    await hours(practice, now_open=False)
    recall = await practice.recall()

    # when
    await practice.send(recall)

    # then
    assert await practice.deliver() == [MOBILE]


async def test_a_send_by_hand_from_an_hour_ago_waits_for_the_hours(practice: Practice) -> None:
    # given a send by hand and an automated run, made when no worker ran
    await practice.send(await practice.recall())
    other = a_mobile()
    await practice.recall(await practice.patient(mobile=other))
    await practice.automate()
    await practice.pool.execute("update runs set started_at = started_at - interval '61 minutes'")
    await hours(practice, now_open=False)

    # when
    outside = await practice.deliver()
    await hours(practice, now_open=True)
    await practice.retry_now()

    # then
    assert outside == []
    assert sorted(await practice.deliver()) == sorted([MOBILE, other])


async def test_an_automated_run_that_a_person_starts_goes_outside_the_hours_too(
    practice: Practice,
) -> None:
    # given
    await hours(practice, now_open=False)
    await practice.recall()

    # when
    await practice.automate()

    # then
    assert await practice.deliver() == [MOBILE]


async def test_a_message_that_a_person_waits_for_goes_before_others(
    practice: Practice,
) -> None:
    # given
    await practice.recall()
    await practice.automate()
    by_hand = await practice.recall(await practice.patient(mobile="0491 570 156"))
    await practice.send(by_hand)

    # when
    claim = await claim_messages(practice.pool, lease=10)

    # then
    assert claim is not None
    assert [message.mobile for message in claim.messages] == ["+61491570156"]


async def next_run_with(practice: Practice, send_from: str, send_until: str) -> datetime:
    """Set the hours as the manager, and return when the practice's next run is due."""
    changes: dict[str, int | str] = {"send_from": send_from, "send_until": send_until}
    row = await save_preferences(practice.pool, practice.id, changes, actor=Actor("Manager"))
    next_run_at: datetime = row["next_run_at"]
    return next_run_at


async def test_new_hours_move_the_next_run(practice: Practice) -> None:
    # when
    next_run_at = await next_run_with(practice, "10:30", "12:00")

    # then
    assert next_run_at == await practice.pool.fetchval(
        "select logic.next_opening(now(), $1, '10:30')", SYDNEY
    )


async def test_earlier_hours_dont_skip_a_run_that_is_due(practice: Practice) -> None:
    # given a run that no worker has begun yet
    await hours(practice, now_open=True)
    await practice.pool.execute("update practices set send_from = '00:00:01'")
    await fall_due(practice)

    # when
    next_run_at = await next_run_with(practice, "00:00", "23:59")

    # then
    assert next_run_at <= datetime.now(UTC)


async def test_earlier_hours_dont_skip_todays_run(practice: Practice) -> None:
    # given hours and a run that are yet to come today
    await hours(practice, now_open=True)
    await practice.pool.execute(
        "update practices set send_from = '23:59:59.5', send_until = '23:59:59.9',"
        " next_run_at = (logic.today(time_zone) + time '23:59:59.5') at time zone time_zone"
    )

    # when
    next_run_at = await next_run_with(practice, "00:00", "23:59")

    # then
    assert next_run_at <= datetime.now(UTC)


async def test_no_write_waits_for_a_run_that_begins(practice: Practice) -> None:
    # given
    await practice.recall()
    await hours(practice, now_open=True)
    await fall_due(practice)
    async with practice.pool.acquire() as scheduler, scheduler.transaction():
        await scheduler.execute("select logic.begin_scheduled_run($1)", practice.id)

        # when / then: rows that refer to the practice are written at once
        async with asyncio.timeout(5):
            await practice.block()
