"""Test that a claim reads its own messages only, however much the tables have grown."""

from collections.abc import AsyncIterator

import pytest

from db.delivery import claim_messages
from db.pool import open_owner_pool
from db.types import Pool
from tests.support.practice import Practice, a_mobile

GROWN = 1500


@pytest.fixture
async def one_connection(database_url: str) -> AsyncIterator[Pool]:
    """A worker's pool in which each statement finds the plans of earlier ones."""
    pool = await open_owner_pool(database_url, name="test", connections=1)
    yield pool
    await pool.close()


async def rows_read_one_by_one(pool: Pool) -> int:
    """Return how many rows of messages and of their recalls were read by scanning a whole table."""
    await pool.execute("select pg_stat_force_next_flush()")
    return int(
        await pool.fetchval(
            "select sum(seq_tup_read) from pg_stat_user_tables"
            " where relname in ('attempt_recalls', 'contact_attempts')"
        )
    )


@pytest.mark.fresh_database  # whose tables were never analyzed
async def test_a_claim_keeps_no_plan_from_when_the_tables_were_small(
    practice: Practice, one_connection: Pool
) -> None:
    # given a worker that has claimed a few single messages
    worker = Practice(one_connection, practice.id)
    for turn in range(8):
        recall = await worker.recall(await worker.patient(mobile=a_mobile()))
        await worker.send(recall, key=f"single {turn}")
        await worker.deliver()
    # and then a far larger run
    await practice.many(GROWN)
    await practice.automate()
    before = await rows_read_one_by_one(one_connection)
    # when
    claim = await claim_messages(one_connection, lease=10)
    # then
    assert claim is not None
    assert len(claim.messages) == 500
    # A third of the table is wanted: one or two scans of it will do, but not one for each message.
    assert await rows_read_one_by_one(one_connection) - before < 10 * GROWN
