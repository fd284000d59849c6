"""Watching a run's attempts from outside: how many there are, and whether all are settled."""

import asyncio
import math
import time

from db.types import Pool, Row, one
from tests.torture.practice import persistent

COUNTS = """
  select count(*) filter (where state <> 'REFUSED') as accepted,
         count(*) filter (where state = 'UNKNOWN') as unknown,
         count(*) filter (where state in ('QUEUED', 'SENDING', 'UNKNOWN')) as unsettled,
         (select count(*) from runs where state <> 'FINISHED')
         + (select count(*) from opt_outs where done_at is null) as unfinished
  from contact_attempts
"""
INTERVAL = 2.0


class Watch:
    """A watch that looks only every two seconds, because each look reads all attempts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.most_unknown = 0
        """Most attempts seen UNKNOWN at the same time."""

    async def until_accepted(self, messages: int) -> None:
        """Wait until that many messages were accepted."""
        while (await self._look())["accepted"] < messages:
            await asyncio.sleep(INTERVAL)

    async def until_settled(self, stuck_after: float) -> None:
        """Wait until nothing is unsettled, or its number hasn't fallen for ``stuck_after`` seconds.

        The checker reports what is left.
        """
        least, since = math.inf, time.monotonic()
        while time.monotonic() < since + stuck_after:
            seen = await self._look()
            left = seen["unsettled"] + seen["unfinished"]
            if left == 0:
                return
            if left < least:
                least, since = left, time.monotonic()
            await asyncio.sleep(INTERVAL)

    async def _look(self) -> Row:
        row = one(await persistent(lambda: self._pool.fetchrow(COUNTS)))
        self.most_unknown = max(self.most_unknown, row["unknown"])
        return row
