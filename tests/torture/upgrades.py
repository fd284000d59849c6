"""Upgrades while messages go out: other functions are loaded, by the code of `db migrate`.

``python -m tests.torture.upgrades URL FOLDER`` loads those in a folder.
"""

import asyncio
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from db.migrate import migrate
from tests.support.releases import another_release
from tests.support.simulated import until
from tests.torture.practice import TROUBLE
from tests.torture.stage import Stage

PATIENCE = 20.0
"""Seconds within which an upgrade reaches what is in its way."""
LOCK_TIMEOUT = 0.1
"""Seconds that it waits there before giving way."""
WAITS = """
  select exists (select from pg_locks l join pg_stat_activity a using (pid)
    where a.application_name = 'recalls migrate' and not l.granted and l.locktype = 'relation')
"""


class Upgrades:
    """Upgrades to one release after the other."""

    def __init__(self, stage: Stage, counts: Counter[str]) -> None:
        self._stage = stage
        self._counts = counts
        self._releases = 0
        self._turn = asyncio.Lock()

    async def migrated(self) -> None:
        """Load a release."""
        async with self._turn:
            await self._upgrade()

    async def _upgrade(self) -> None:
        """Load another release, again each time it is cut off."""
        self._releases += 1
        release = another_release(
            self._stage.logs / "releases", self._releases, fills_columns=self._releases % 2 == 0
        )
        while not await self._load(release):
            self._counts["migrations cut off"] += 1

    async def migrated_in_the_way(self) -> None:
        """Load two releases while a reader uses the old functions, which the second removes."""
        async with self._turn:
            await self._in_the_way()

    async def _in_the_way(self) -> None:
        second: asyncio.Task[None] | None = None
        # If the reader is cut off, it's in nobody's way.
        with suppress(TimeoutError, *TROUBLE):
            async with self._stage.pool.acquire() as reader, reader.transaction():
                # A host's own session may idle like this; ours would be ended.
                await reader.execute("set local idle_in_transaction_session_timeout = 0")
                await reader.execute("select from logic.patient_sms limit 0")
                await self._upgrade()
                second = asyncio.create_task(self._upgrade())
                # On another connection: a transaction sees other sessions as they first were.
                await until(lambda: self._stage.pool.fetchval(WAITS), PATIENCE)
                await asyncio.sleep(2 * LOCK_TIMEOUT)
                self._counts["a migration gave way"] += not second.done()
        if second is not None:
            await second

    async def _load(self, release: Path) -> bool:
        arguments = ["tests.torture.upgrades", self._stage.owner_url, str(release)]
        return await self._stage.program("migrate", *arguments).succeeds()


if __name__ == "__main__":
    migrate(sys.argv[1], functions=Path(sys.argv[2]))
