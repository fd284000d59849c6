"""Runs: what was planned, what became of it, and the news of their progress."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import asyncpg

from db.rows import Executor, Page, Pool, RefusalCount, Row, page

COUNTING_REST = 4
"""A watcher rests so many times as long as it took to count."""
RUNS = """
  select r.id, r.trigger, r.state, r.started_at, r.finished_at, r.actor, r.skipped, n.*
  from runs r
  cross join lateral (
    select count(*)::integer as planned,
           (count(*) filter (where a.state in ('QUEUED', 'SENDING')))::integer as queued,
           (count(*) filter (where a.state in ('SENT', 'DELIVERED')))::integer as sent,
           (count(*) filter (where a.state = 'REFUSED'))::integer as refused,
           (count(*) filter (where a.state in ('FAILED', 'UNDELIVERED')))::integer as failed,
           (count(*) filter (where a.state = 'UNKNOWN'))::integer as unknown,
           (count(*) filter (where a.state = 'CANCELLED'))::integer as cancelled
    from contact_attempts a
    where a.practice_id = r.practice_id and a.run_id = r.id
  ) n
  where r.practice_id = $1
"""


async def list_runs(pool: Pool, practice_id: int, *, first: int, after: int | None) -> Page:
    """Give a page of the practice's runs, newest first."""
    before = "" if after is None else " and r.id < $2"
    statement = f"{RUNS}{before} order by r.id desc limit {first + 1:d}"
    arguments = [] if after is None else [after]
    return page(await pool.fetch(statement, practice_id, *arguments), first)


async def count_runs(pool: Pool, practice_id: int) -> int:
    """Count what ``list_runs`` pages through."""
    return int(await pool.fetchval("select count(*) from runs where practice_id = $1", practice_id))


async def count_attempts(pool: Pool, practice_id: int, run_id: int) -> int:
    """Count a run's attempts."""
    return int(
        await pool.fetchval(
            "select count(*) from contact_attempts where practice_id = $1 and run_id = $2",
            practice_id,
            run_id,
        )
    )


async def get_runs(pool: Pool, practice_id: int, ids: Sequence[int]) -> list[Row]:
    """Give those of ``ids`` that are the practice's, newest first."""
    return list(await pool.fetch(RUNS + " and r.id = any($2) order by r.id desc", practice_id, ids))


async def refusals_of_runs(
    pool: Executor, practice_id: int, run_ids: Sequence[int]
) -> dict[int, list[RefusalCount]]:
    """Count the runs' refusals by reason, most first; a run without any is left out."""
    rows = await pool.fetch(
        """
        select run_id, refusal_reason as reason, count(*) as count from contact_attempts
        where practice_id = $1 and run_id = any($2) and state = 'REFUSED'
        group by run_id, refusal_reason order by run_id, count(*) desc, refusal_reason
        """,
        practice_id,
        run_ids,
    )
    refusals: dict[int, list[RefusalCount]] = {}
    for row in rows:
        count = RefusalCount(row["reason"], row["count"])
        refusals.setdefault(row["run_id"], []).append(count)
    return refusals


class RunNews:
    """Tells who watches a run that it may have changed, through one listening connection.

    News that is lost with a cut connection is made up for: a watcher looks by itself every
    ``patience`` seconds.
    """

    def __init__(self, database_url: str, *, patience: float = 2.0) -> None:
        self._database_url = database_url
        self._patience = patience
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._connection: asyncpg.Connection | None = None
        self._opening = asyncio.Lock()

    async def watch(self, pool: Pool, practice_id: int, run_id: int) -> AsyncGenerator[Row, None]:
        """Give the run as it is now, then on every change, and end when it has finished.

        Gives nothing where the practice has no such run.
        """
        key = f"{practice_id}:{run_id}"
        changed = asyncio.Event()
        self._watchers.setdefault(key, set()).add(changed)
        try:
            last: Row | None = None
            while True:
                changed.clear()
                await self._listen()
                began = time.monotonic()
                rows = await get_runs(pool, practice_id, [run_id])
                took = time.monotonic() - began
                if not rows:
                    return
                if rows[0] != last:
                    last = rows[0]
                    yield last
                if last["state"] == "FINISHED":
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self._patience)
                # Counting a run of a million takes long, and it changes ten times a second.
                await asyncio.sleep(COUNTING_REST * took)
        finally:
            self._watchers[key].discard(changed)
            if not self._watchers[key]:
                del self._watchers[key]

    async def _listen(self) -> None:
        async with self._opening:
            if self._connection is not None and not self._connection.is_closed():
                return
            self._connection = await asyncpg.connect(
                self._database_url, server_settings={"application_name": "recalls news"}
            )
            await self._connection.add_listener("run_progress", self._heard)

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        for changed in self._watchers.get(str(payload), ()):
            changed.set()

    async def close(self) -> None:
        """Close the listening connection."""
        if self._connection is not None:
            await self._connection.close()
