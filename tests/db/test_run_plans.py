"""Tests that looking at all recalls reads each block at most once, whatever the planner expects."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from core.identity import Actor
from db.pool import open_pool
from db.previews import preview_automated_run, preview_send
from db.sending import RunAccepted, start_automated_run
from db.types import Pool
from dev.servers.running import as_application
from tests.support.practice import Practice

RECALLS, BLOCKS = 1_000, 1_000
NOT_THEIRS = """
  insert into blocked_communications (practice_id, mobile, blocked_recalls)
  select $1, '+6149157' || to_char(n, 'FM0000'), true from generate_series(1, $2) n
"""


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Pool]:
    """A connection like the API's."""
    pool = await open_pool(as_application(database_url), name="test", connections=1)
    yield pool
    await pool.close()


@pytest.fixture
async def full(practice: Practice) -> Practice:
    """A practice with many due recalls and many blocks, both known to the planner."""
    await practice.many(RECALLS)
    await practice.pool.execute(NOT_THEIRS, practice.id, BLOCKS)
    await practice.pool.execute("analyze patients, recalls, blocked_communications, categories")
    return practice


async def blocks_read(api: Pool, look: Callable[[], Awaitable[Any]]) -> tuple[int, Any]:
    """Return how many rows of the blocks' table were scanned, and what was found."""
    told = []
    for act in (None, look):
        found = await act() if act else None
        await api.execute("select pg_stat_force_next_flush()")
        told.append(
            await api.fetchval(
                "select seq_tup_read from pg_stat_user_tables"
                " where relname = 'blocked_communications'"
            )
        )
    return told[1] - told[0], found


@pytest.mark.fresh_database
async def test_a_runs_preview_reads_no_block_twice(full: Practice, api: Pool) -> None:
    # when
    read, preview = await blocks_read(api, lambda: preview_automated_run(api, full.id))
    # then
    assert preview.messages == RECALLS
    assert read <= BLOCKS


@pytest.mark.fresh_database
async def test_a_sends_preview_reads_no_block_twice(full: Practice, api: Pool) -> None:
    # given
    ids = [row["id"] for row in await full.pool.fetch("select id from recalls order by id")]
    # when
    read, preview = await blocks_read(api, lambda: preview_send(api, full.id, ids, first=1))
    # then
    assert preview.messages == RECALLS
    assert read <= BLOCKS


@pytest.mark.fresh_database
async def test_finding_nobody_to_send_to_reads_no_block_twice(full: Practice, api: Pool) -> None:
    # given
    await full.pool.execute("update patients set status = 'INACTIVE'")
    await full.pool.execute("analyze patients")
    # when
    read, outcome = await blocks_read(
        api,
        lambda: start_automated_run(
            api, full.id, None, idempotency_key="nobody", actor=Actor("Dr Lee")
        ),
    )
    # then
    assert isinstance(outcome, RunAccepted)
    assert read <= 2 * BLOCKS  # to find whether it is so, and to record it
