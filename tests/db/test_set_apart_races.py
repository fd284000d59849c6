"""Tests of a claim that drops a recall from its message during a call about it or another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from db.delivery import claim_messages
from db.pool import open_pool
from db.types import Pool
from dev.servers.running import as_application
from tests.support.practice import Practice
from tests.support.simulated import until

PAUSES = """
  create function pause() returns trigger language plpgsql as $$
  begin
    if current_setting('application_name') = 'recalls {who}' then
      perform pg_advisory_xact_lock(77);
    end if;
    return null;
  end $$;
  create trigger pause after insert or update on {table} for each row execute function pause();
"""
WAITING = """
  select count(*) from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'
"""


@asynccontextmanager
async def paused(practice: Practice, who: str, table: str) -> AsyncIterator[None]:
    """Have the process of that name wait in its transaction once it has written to the table."""
    await practice.pool.execute(PAUSES.format(who=who, table=table))
    async with practice.pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(77)")
        yield


async def until_waiting(pool: Pool, how_many: int) -> None:
    async def waiting() -> bool:
        return bool(await pool.fetchval(WAITING) >= how_many)

    await until(waiting)


@pytest.fixture
async def pool_of(database_url: str) -> AsyncIterator[Callable[[str], Pool]]:
    """The pools, by name, of a worker that claims and of an API that records calls."""
    url = as_application(database_url)
    async with (
        await open_pool(url, name="claimer", connections=1) as claimer,
        await open_pool(url, name="caller", connections=1) as caller,
    ):
        yield {"claimer": claimer, "caller": caller}.__getitem__


async def test_a_call_about_a_recall_that_a_claim_sets_apart_meets_no_deadlock(
    practice: Practice, pool_of: Callable[[str], Pool]
) -> None:
    # given a message about two recalls, one of which is another patient's by now
    patient, due = await practice.patient(), practice.due(-1)
    moved = await practice.recall(patient, pms_id="moved", due_date=due)
    await practice.send(moved, await practice.recall(patient))
    await practice.recall(await practice.patient(), pms_id="moved", due_date=due)
    caller = Practice(pool_of("caller"), practice.id)
    # when
    async with paused(practice, "claimer", "attempt_recalls"):
        claiming = asyncio.create_task(claim_messages(pool_of("claimer"), lease=10))
        await until_waiting(practice.pool, 1)
        calling = asyncio.create_task(caller.contact(moved, "PHONE"))
        await until_waiting(practice.pool, 2)
    claim, _ = await asyncio.gather(claiming, calling)
    # then
    assert claim is not None
    assert claim.problem is None


async def test_a_message_does_not_mention_a_recall_that_somebody_has_called_about(
    practice: Practice, pool_of: Callable[[str], Pool]
) -> None:
    # given a message about three recalls, one of which is done by now
    reasons = ["Biopsy", "Blood test", "Scan"]
    await practice.category(name="Results", reasons=reasons, sms_template="{reason}")
    patient = await practice.patient()
    done, called, stays = [
        await practice.recall(patient, pms_id=reason, reason=reason) for reason in reasons
    ]
    await practice.send(done, called, stays)
    await practice.recall(patient, pms_id="Biopsy", reason="Biopsy", completed=True)
    caller = Practice(pool_of("caller"), practice.id)
    # when
    async with paused(practice, "caller", "audit_events"):
        calling = asyncio.create_task(caller.contact(called, "PHONE"))
        await until_waiting(practice.pool, 1)
        claiming = asyncio.create_task(claim_messages(pool_of("claimer"), lease=10))
        await until_waiting(practice.pool, 2)
    claim, _ = await asyncio.gather(claiming, calling)
    # then
    assert claim is not None
    assert [message.body for message in claim.messages] == ["Scan"]
