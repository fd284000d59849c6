"""Test that a block reads its number's recalls only, whatever size the planner expects."""

import pytest

from db.types import Pool
from tests.support.practice import Practice, a_mobile

MANY = 500


async def rows_read(pool: Pool) -> int:
    """Return how many rows of patients and of recalls were read, in whatever way."""
    await pool.execute("select pg_stat_force_next_flush()")
    return int(
        await pool.fetchval(
            "select sum(seq_tup_read + idx_tup_fetch) from pg_stat_user_tables"
            " where relname in ('patients', 'recalls')"
        )
    )


@pytest.mark.fresh_database
async def test_a_block_reads_little_even_if_the_tables_are_believed_empty(
    practice: Practice,
) -> None:
    # given tables that the planner believes empty, as if they were analyzed before they filled
    await practice.many(MANY)
    for table in ("patients", "recalls"):
        await practice.pool.execute(
            "select pg_restore_relation_stats('schemaname', 'public', 'relname', $1::text,"
            " 'relpages', 100, 'reltuples', 0::real)",
            table,
        )
    mobile = a_mobile()
    recall = await practice.recall(await practice.patient(mobile=mobile))
    before = await rows_read(practice.pool)
    # when
    await practice.block(mobile)
    # then it may have read all rows once, but not once for each row
    assert await rows_read(practice.pool) - before < 10 * MANY
    assert (await practice.see(recall))["sms_reason"] == "BLOCKED_COMMUNICATION"
