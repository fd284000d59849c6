"""Tests that concurrent changes to the facts behind denormalised columns see each other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from core.identity import Actor
from db.categories import CategoryDraft, save_category
from db.recalls import mark_no_further_action
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls, upsert_recalls
from db.types import Pool
from tests.db.test_denormalised_columns import STALE, copies
from tests.support.practice import MOBILE, Practice
from tests.support.tiers import length

WAITS = """
  select exists (select from pg_locks where locktype = 'advisory' and not granted and pid = $1)
"""
HELD = """
  select locktype, coalesce(relation::regclass::text, '') as relation, mode from pg_locks
  where pid = $1 and granted and (locktype = 'advisory' or mode = 'RowExclusiveLock')
"""


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    """Two separate connections."""
    one, other = [await asyncpg.connect(database_url) for _ in range(2)]
    yield one, other
    await one.close()
    await other.close()


async def until_waiting(
    pool: Pool, connection: asyncpg.Connection, task: asyncio.Task[Any]
) -> None:
    """Return once the connection waits for the practice's lock, or the task has ended anyway."""
    async with asyncio.timeout(10):
        while not task.done() and not await pool.fetchval(WAITS, connection.get_server_pid()):
            await asyncio.sleep(0.005)


NUMBER = "update patients set mobile = '+61491570006', mobile_typed = '0491 570 006'"
BLOCK = (
    "insert into blocked_communications (practice_id, mobile, blocked_recalls)"
    " select id, '+61491570006', true from practices"
)
LINK = (
    "insert into category_links (practice_id, category_id, kind, value, position)"
    " select practice_id, id, 'REASON', 'Mole', 9 from categories"
)
RECALL = (
    "insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)"
    " select practice_id, 'r', id, 'Mole', current_date, false from patients"
)
DEATH = "update patients set status = 'DECEASED'"


@pytest.mark.parametrize(
    ("one", "other", "stored"),
    [
        (NUMBER, BLOCK, ("BLOCKED_COMMUNICATION", None)),
        (BLOCK, NUMBER, ("BLOCKED_COMMUNICATION", None)),
        (LINK, RECALL, (None, "Skin checks")),
        (RECALL, LINK, (None, "Skin checks")),
        (DEATH, RECALL, ("PATIENT_DECEASED", None)),
        (RECALL, DEATH, ("PATIENT_DECEASED", None)),
    ],
)
async def test_the_second_of_two_changes_sees_the_first(
    practice: Practice,
    two: tuple[asyncpg.Connection, asyncpg.Connection],
    one: str,
    other: str,
    stored: tuple[str | None, str | None],
) -> None:
    # given
    first, second = two
    await practice.patient("p", mobile="0491 570 156" if NUMBER in (one, other) else MOBILE)
    if RECALL not in (one, other):
        await practice.recall("p", pms_id="r", reason="Mole")
    transaction = first.transaction()
    await transaction.start()
    await first.execute(one)

    # when
    task = asyncio.ensure_future(second.execute(other))
    await until_waiting(practice.pool, second, task)
    await transaction.commit()
    await task

    # then
    assert await copies(practice.pool) == stored
    assert await practice.pool.fetch(STALE) == []


Change = Callable[[asyncpg.Connection, int], Awaitable[object]]


async def _block(connection: asyncpg.Connection, practice: int) -> None:
    await connection.fetchval(
        "select logic.set_block($1, $2, $3, $4, $5, $6, $7, $8)",
        practice,
        MOBILE,
        True,
        True,
        None,
        "Reception",
        "STAFF",
        False,
    )


async def _patients(connection: asyncpg.Connection, practice: int) -> None:
    await sync_patients(connection, practice, [PatientRow("p", "Ann", "Smith", status="DECEASED")])


async def _recalls(connection: asyncpg.Connection, practice: int) -> None:
    due = await connection.fetchval("select current_date")
    await sync_recalls(connection, practice, [RecallRow("r", "p", "Mole", due)])


@pytest.mark.parametrize("change", [_block, _patients, _recalls])
async def test_a_change_that_waits_for_another_holds_nothing_others_wait_for(
    practice: Practice, two: tuple[asyncpg.Connection, asyncpg.Connection], change: Change
) -> None:
    # given
    first, second = two
    await practice.patient("p")
    await practice.recall("p", pms_id="r")
    held = first.transaction()
    await held.start()
    await first.execute("select logic.lock_denormalised($1)", practice.id)

    async def in_a_transaction() -> None:
        async with second.transaction():
            await change(second, practice.id)

    # when
    task = asyncio.ensure_future(in_a_transaction())
    await until_waiting(practice.pool, second, task)
    waits = not task.done()
    holds = await practice.pool.fetch(HELD, second.get_server_pid())
    await held.commit()
    await task

    # then
    assert (waits, holds) == (True, [])
    assert await practice.pool.fetch(STALE) == []


async def test_saving_a_category_waits_before_it_locks_anything(
    practice: Practice, database_url: str, two: tuple[asyncpg.Connection, asyncpg.Connection]
) -> None:
    # given
    first, _ = two
    [category] = await practice.pool.fetch("select id from categories")
    draft = CategoryDraft(category["id"], "Moles", ["Mole"], [], "Hi", True, ["SMS"])
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=1)
    async with pool.acquire() as connection:
        pid = connection.get_server_pid()
    held = first.transaction()
    await held.start()
    await first.execute("select logic.lock_denormalised($1)", practice.id)

    # when
    task = asyncio.ensure_future(save_category(pool, practice.id, draft, actor=Actor("Manager")))
    async with asyncio.timeout(10):
        while not task.done() and not await practice.pool.fetchval(WAITS, pid):
            await asyncio.sleep(0.005)
    waits = not task.done()
    holds = await practice.pool.fetch(HELD, pid)
    await held.commit()
    await task
    await pool.close()

    # then
    assert (waits, holds) == (True, [])


MANY = 400
OPEN_ALL = "update recalls set no_further_action_at = null, no_further_action_by = null"
BY_NAME_BACKWARDS = """
  insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)
    select practice_id, 'r' || 1000 - n, id, case when n > 200 then 'Mole' else 'Skin check' end,
           current_date, false
    from patients cross join generate_series(1, 400) n order by n
"""
"""A sync goes through the PMS's ids, whose order is the reverse of ours."""


async def _sync_all(practice: Practice, turn: int) -> None:
    rows = [
        RecallRow(f"r{number}", "p", f"Skin check {turn}", practice.today)
        for number in range(1000 - MANY, 1000)
    ]
    await upsert_recalls(practice.pool, practice.id, rows)


async def _link_the_other_half(practice: Practice, turn: int) -> None:
    """Change a category's links, which drops one half of the recalls and then adds the other."""
    [category] = await practice.pool.fetch("select id from categories")
    reasons = ["Skin check" if turn % 2 else "Mole"]
    await practice.category(category_id=category["id"], reasons=reasons)


@pytest.mark.parametrize("change", [_sync_all, _link_the_other_half])
async def test_closing_recalls_does_not_deadlock_with_changing_them(
    practice: Practice, change: Callable[[Practice, int], Coroutine[Any, Any, None]]
) -> None:
    # given
    await practice.patient("p")
    await practice.pool.execute(BY_NAME_BACKWARDS)
    ids = [row["id"] for row in await practice.pool.fetch("select id from recalls order by id")]

    for turn in range(length(3, 60)):
        await practice.pool.execute(OPEN_ALL)
        # when
        async with asyncio.TaskGroup() as group:
            group.create_task(change(practice, turn))
            group.create_task(
                mark_no_further_action(practice.pool, practice.id, ids, actor=Actor("Dr Lee"))
            )
        # then
        closed = "select count(no_further_action_at) from recalls"
        assert await practice.pool.fetchval(closed) == MANY


async def test_a_claim_does_not_wait_for_changes_to_facts(
    practice: Practice, two: tuple[asyncpg.Connection, asyncpg.Connection]
) -> None:
    # given
    first, _ = two
    await practice.send(await practice.recall())
    async with first.transaction():
        await first.execute("select logic.lock_denormalised($1)", practice.id)
        await first.execute("update patients set first_name = 'Anne'")

        # when
        async with asyncio.timeout(10):
            sent = await practice.deliver()

    # then
    assert sent == [MOBILE]
