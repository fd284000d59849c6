"""Tests of the audit buffer: when it is written to the database, and how much of it."""

import asyncio
from typing import Any

import pytest

from core.identity import Actor, ActorKind, Role, Viewer
from db import audit_buffer as notes
from db.audit_buffer import ALIKE_SECONDS, MAX_ALIKE, AuditBuffer
from db.types import Pool
from tests.support.practice import Practice
from tests.support.simulated import until

LEE = Actor("Lee", "ADMIN", "192.0.2.7", ActorKind.TOKEN, 7)
EVENTS = """
  select actor, subject, origin, coalesce((details ->> 'times')::integer, 1) as times
  from audit_events where practice_id = $1 and action = 'AUDIT_VIEWED' order by id
"""
SHOWN = """
  select actor_kind, actor_id, people, lists, searches from people_shown
  where practice_id = $1 order by actor_kind, actor_id
"""


def viewer(practice: Practice, key: int = 7, kept_in: str = "access_tokens") -> Viewer:
    return Viewer(practice.id, "Lee", Role.ADMIN, kept_in, key)


async def written(practice: Practice, statement: str = EVENTS) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await practice.pool.fetch(statement, practice.id)]


@pytest.fixture
def noting(practice: Practice) -> AuditBuffer:
    """An audit buffer that is written only when a test says so."""
    return AuditBuffer(practice.pool)


async def test_equal_events_are_written_once_and_counted_when_the_hour_is_over(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given
    told = []
    for now, times in ((1.0, 3), (2.0, 5), (2 + ALIKE_SECONDS, 0), (3 + 2 * ALIKE_SECONDS, 1)):
        for _ in range(times):
            noting.event(practice.id, LEE, "AUDIT_VIEWED")
        # when
        await noting._write(now)
        told.append([times for *_, times in await written(practice)])
    # then
    assert told == [[3], [3], [3, 5], [3, 5, 1]]


async def test_events_are_forgotten_once_their_hour_is_over(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given
    for number in range(2 * MAX_ALIKE):
        noting.event(practice.id, LEE, "AUDIT_VIEWED", subject=str(number))
    # when
    await noting._write(1.0)
    await noting._write(2 + ALIKE_SECONDS)
    # then
    assert (noting._events, noting._alike) == ({}, {})


async def test_events_are_told_apart_by_subject_up_to_a_limit(
    practice: Practice, noting: AuditBuffer
) -> None:
    # when
    for number in range(MAX_ALIKE + 4):
        noting.event(practice.id, LEE, "AUDIT_VIEWED", subject=f"filter {number}")
    noting.event(practice.id, LEE, "AUDIT_VIEWED", subject="filter 0")
    await noting._write(1.0)
    # then
    assert await written(practice) == [
        ("Lee", "filter 0", "192.0.2.7", 2),
        *(("Lee", f"filter {n}", "192.0.2.7", 1) for n in range(1, MAX_ALIKE)),
        ("Lee", None, None, 4),
    ]


async def test_one_actors_events_leave_room_for_all_others(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given
    for number in range(10 * MAX_ALIKE):
        noting.event(practice.id, LEE, "AUDIT_VIEWED", subject=f"filter {number}")
    # when
    other = Actor("Kim", "ADMIN", None, ActorKind.PERSON, 7)
    noting.event(practice.id, other, "AUDIT_VIEWED", subject="mine")
    await noting._write(1.0)
    # then
    assert ("Kim", "mine", None, 1) in await written(practice)


async def test_people_and_lists_shown_are_added_up_for_each_viewer(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given
    other = AuditBuffer(practice.pool)
    for process in (noting, other):
        process.shown(viewer(practice), people=20, lists=1)
        process.shown(viewer(practice), people=5, lists=1, searches=1)
        process.shown(viewer(practice, 7, "people"), people=1)
    # when
    await asyncio.gather(noting._write(1.0), other._write(1.0))
    # then
    assert await written(practice, SHOWN) == [("PERSON", 7, 2, 0, 0), ("TOKEN", 7, 50, 4, 2)]


async def test_each_hour_has_its_own_count(practice: Practice, noting: AuditBuffer) -> None:
    # given
    noting.shown(viewer(practice), people=20, lists=1)
    await noting._write(1.0)
    await practice.pool.execute("update people_shown set hour = hour - interval '1 hour'")
    # when
    noting.shown(viewer(practice), people=3, lists=1)
    await noting._write(2.0)
    # then
    people = "select people from people_shown where practice_id = $1 order by hour"
    assert await written(practice, people) == [(20,), (3,)]


async def test_an_hour_begins_by_the_practices_clock(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given a time zone half an hour off most others
    await practice.pool.execute("update practices set time_zone = 'Australia/Adelaide'")
    # when
    noting.shown(viewer(practice), people=1)
    await noting._write(1.0)
    # then
    minute = "select extract(minute from hour)::integer from people_shown where practice_id = $1"
    assert await written(practice, minute) == [(30,)]


async def test_events_that_cant_be_written_are_kept(
    practice: Practice, noting: AuditBuffer
) -> None:
    # given
    noting.shown(viewer(practice), people=20, lists=1)
    noting.event(practice.id, LEE, "AUDIT_VIEWED")
    await practice.pool.execute("alter table people_shown rename to away")
    with pytest.raises(Exception, match="people_shown"):
        await noting._write(1.0)
    await practice.pool.execute("alter table away rename to people_shown")
    noting.shown(viewer(practice), people=1)
    # when
    await noting._write(2.0)
    # then
    assert await written(practice, SHOWN) == [("TOKEN", 7, 21, 1, 0)]
    assert len(await written(practice)) == 1


async def test_events_that_can_never_be_written_hold_up_no_others(
    practice: Practice, noting: AuditBuffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    lost: list[str] = []
    monkeypatch.setattr(notes.logger, "error", lambda text, *_: lost.append(text))
    noting.event(practice.id, LEE, "NO SUCH ACTION")
    noting.event(practice.id, LEE, "AUDIT_VIEWED", details={"actor": "\x00"})
    noting.event(practice.id, LEE, "AUDIT_VIEWED", subject="mine")
    # when
    await noting._write(1.0)
    await noting._write(2.0)
    # then
    assert await written(practice) == [("Lee", "mine", "192.0.2.7", 1)]
    assert lost == ["an audit event is lost: %s"] * 2


async def test_writing_goes_on_after_a_failure(
    practice: Practice, noting: AuditBuffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(notes, "WRITE_SECONDS", 0.01)
    warned: list[str] = []
    monkeypatch.setattr(notes.logger, "warning", lambda text, *_: warned.append(text))
    await practice.pool.execute("alter table people_shown rename to away")
    noting.start()
    noting.shown(viewer(practice), people=20, lists=1)

    async def told() -> bool:
        return bool(warned)

    await until(told)
    # when
    await practice.pool.execute("alter table away rename to people_shown")

    # then
    async def kept() -> bool:
        return await written(practice, SHOWN) == [("TOKEN", 7, 20, 1, 0)]

    await until(kept)
    await noting.close()


async def test_closing_gives_up_the_last_write_within_seconds(
    practice: Practice, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(notes, "LAST_SECONDS", 0.05)
    lost: list[str] = []
    monkeypatch.setattr(notes.logger, "error", lambda text, *_: lost.append(text))
    noting = AuditBuffer(pool)
    noting.shown(viewer(practice), people=20, lists=1)
    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table people_shown in exclusive mode")
        # when
        async with asyncio.timeout(10):
            await noting.close()
    # then
    assert lost == ["the last of the audit buffer is lost: %s"]
