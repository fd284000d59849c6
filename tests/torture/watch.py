"""Watches a run's attempts from outside: how many there are, and whether all is settled."""

import asyncio
from contextlib import suppress

from db.rows import Pool, Row, one
from tests.torture.practice import persistent

COUNTS = """
  select count(*) filter (where state <> 'REFUSED') as accepted,
         count(*) filter (where state = 'UNKNOWN') as unknown,
         count(*) filter (where state in ('QUEUED', 'SENDING', 'UNKNOWN')) as unsettled,
         (select count(*) from runs where state <> 'FINISHED')
         + (select count(*) from opt_outs where done_at is null) as unfinished
  from contact_attempts
"""
INTERVAL = 0.5


class Watch:
    """Looks twice a second."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.most_unknown = 0
        """Attempts that were seen UNKNOWN at the same time."""

    async def until_accepted(self, messages: int) -> None:
        """Wait until so many messages were accepted."""
        while (await self._look())["accepted"] < messages:
            await asyncio.sleep(INTERVAL)

    async def until_settled(self, seconds: float) -> None:
        """Wait until nothing is on its way, ``seconds`` at most; the checker says what still is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    seen = await self._look()
                    if seen["unsettled"] == seen["unfinished"] == 0:
                        return
                    await asyncio.sleep(INTERVAL)

    async def _look(self) -> Row:
        row = one(await persistent(lambda: self._pool.fetchrow(COUNTS)))
        self.most_unknown = max(self.most_unknown, row["unknown"])
        return row
