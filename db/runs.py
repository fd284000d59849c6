"""Runs: what was planned, what became of it, and the news of their progress."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import asyncpg

from db.columns import RUN, Columns, Source
from db.rows import Pool, Reader, Row
from db.tenancy import in_practice

COUNTING_REST = 4
"""A watcher rests so many times as long as it took to count."""
_REFUSAL_COUNT = Source(
    {"run_id": "a.run_id", "reason": "a.refusal_reason", "count": "count(*)::integer"}
)


async def list_runs(
    reader: Reader, practice_id: int, *, first: int, after: int | None, columns: Columns = None
) -> list[Row]:
    """Give a page of the practice's runs, newest first.

    Where there are more than ``first``, one more.
    """
    selected = RUN.select(columns)
    before, arguments = ("", []) if after is None else (" and r.id < $2", [after])
    statement = f"""
        select {selected.list} from runs r {selected.joins}
        where r.practice_id = $1{before} order by r.id desc limit {first + 1:d}
    """
    return await reader.fetch(statement, practice_id, *arguments)


async def count_runs(reader: Reader, practice_id: int) -> int:
    """Count what ``list_runs`` pages through."""
    return int(
        await reader.fetchval("select count(*) from runs where practice_id = $1", practice_id)
    )


async def get_runs(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give those of ``ids`` that are the practice's, newest first."""
    selected = RUN.select(columns)
    statement = f"""
        select {selected.list} from runs r {selected.joins}
        where r.practice_id = $1 and r.id = any($2) order by r.id desc
    """
    return await reader.fetch(statement, practice_id, ids)


async def refusals_of_runs(
    reader: Reader, practice_id: int, run_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Count the runs' refusals by ``reason``, each with its ``run_id``, most first."""
    statement = f"""
        select {_REFUSAL_COUNT.select(columns).list} from contact_attempts a
        where a.practice_id = $1 and a.run_id = any($2) and a.state = 'REFUSED'
        group by a.run_id, a.refusal_reason order by a.run_id, count(*) desc, a.refusal_reason
    """
    return await reader.fetch(statement, practice_id, run_ids)


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
                async with in_practice(pool, practice_id) as connection:
                    rows = await get_runs(connection, practice_id, [run_id])
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
