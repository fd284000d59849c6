"""The migrations that are measured, each beside a worker that sends and people at work."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp

from bench.command import say
from bench.gateway import Gateway
from bench.many.figures import GIVE_UP
from bench.releases import ROOT, changed, migrate, replace_in, running
from bench.report import Line
from bench.stage import Shipped
from bench.upgrading.data import PRACTICES, recalls_by_hand
from bench.upgrading.sizes import MigrateSizes
from bench.upgrading.users import Users
from bench.upgrading.watch import Account, lines, watch
from bench.waiting import BenchError, until
from db.migrate import LOADED
from db.types import Pool

PARTS = {
    "upgrade": "upgrade from {before}",
    "same": "nothing has changed",
    "triggers": "triggers have changed",
    "columns": "the rule has changed",
}
"""Each part's name, and what the table calls it."""
AHEAD = 120
"""Seconds of sending that must be planned before anything is measured."""
DRAIN = 2.0
"""Seconds in which requests that the former API has got are answered, as a proxy would wait."""
PLANNED_WITHIN = 300.0
LONGEST = 900.0
"""Seconds for one migration; it is given up after that."""


def _change_triggers(sql: Path) -> None:
    replace_in(sql / "triggers.sql", "create trigger recalls_notify", "create trigger recalls_told")


def _change_rule(sql: Path) -> None:
    """Let staff be asked if the practice software doesn't say whether the patient consents."""
    replace_in(sql / "rule.sql", "when not sms_consent then", "when sms_consent is not true then")


CHANGES = {"triggers": _change_triggers, "columns": _change_rule}


class Migrations:
    """A database in use, and the migrations of it; ``env`` is that of the shipped processes."""

    def __init__(
        self,
        directory: Path,
        sizes: MigrateSizes,
        env: dict[str, str],
        gateway: Gateway,
        pool: Pool,
    ) -> None:
        self._directory = directory
        self._sizes = sizes
        self._env = env
        self._gateway = gateway
        self._pool = pool
        self._processes = AsyncExitStack()
        self._users = Users({}, [])
        self._runs: dict[int, str] = {}
        self._started = 0
        self._release = ROOT
        self._log = directory / "migrate.log"

    async def begin(self, release: Path) -> None:
        """Start the release's processes and the runs; return once some minutes are planned.

        The worker plans the rest while it sends.
        """
        http = await self._start(release)
        by_hand = await recalls_by_hand(self._pool, self._sizes.by_hand)
        practices = range(1, PRACTICES + 1)
        self._users = await Users.of(self._pool, http, practices, by_hand)
        for practice in practices[: self._sizes.running]:
            self._runs[practice] = await self._users.start_run(practice)

        async def enough() -> bool:
            await asyncio.sleep(0.5)
            if await self._holds("not exists (select from runs where state = 'PLANNING')"):
                return True
            queued = "(select count(*) from contact_attempts where state = 'QUEUED')"
            return await self._holds(f"{queued} >= $1", self._sizes.rate * AHEAD)

        await until(enough, PLANNED_WITHIN, "the runs' planning")

    async def measure(self, part: str, what: str) -> list[Line]:
        """Measure one part; ``what`` is what the table calls it."""
        act: Callable[[], Awaitable[float]] = partial(self._migrate, self._release)
        if part == "upgrade":
            act = self._upgrade
        elif part in CHANGES:
            folder = changed(self._directory / part, CHANGES[part], of=self._release)
            act = partial(self._migrate, folder)
        least = self._sizes.least
        during = await watch(self._gateway, self._users, act, least=least)

        async def nothing() -> float:
            return 0.0

        as_long = min(during.seconds, max(least, self._sizes.peer_most))
        without = await watch(self._gateway, self._users, nothing, least=as_long)
        for waits in (during.reads, during.sends, during.blocks):
            for error, times in waits.errors.items():
                say(f"{times} × {error}")
        return lines(what, during, without)

    async def account(self) -> Account:
        """Stop the runs, and compare what the database knows with what arrived."""
        for practice, run in self._runs.items():
            await self._users.stop_run(practice, run)

        async def handed_over() -> bool:
            return await self._holds(
                "not exists (select from contact_attempts where state = 'SENDING')"
                " and not exists (select from chunks where state in ('READY', 'CLAIMED'))"
            )

        await until(handed_over, GIVE_UP, "the runs' end")
        rows = await self._pool.fetch(
            """
            select a.mobile, count(*) as messages
            from contact_attempts a join runs r on r.practice_id = a.practice_id and r.id = a.run_id
            where a.state in ('SENT', 'UNKNOWN') and r.idempotency_key <> 'history'
            group by a.mobile
            """
        )
        arrived = Counter(mobile for mobile, _ in (await self._gateway.arrivals()).watched)
        return Account.of(arrived, Counter({row["mobile"]: row["messages"] for row in rows}))

    async def stop(self) -> None:
        """Stop the processes."""
        await self._processes.aclose()

    async def _holds(self, condition: str, *arguments: object) -> bool:
        return bool(await self._pool.fetchval(f"select {condition}", *arguments))

    async def _start(self, release: Path) -> aiohttp.ClientSession:
        """Start the release's worker and API; return a session that goes to the API."""
        self._started += 1
        logs = self._directory / f"processes_{self._started}"
        logs.mkdir()
        self._processes = AsyncExitStack()
        shipped = Shipped(self._processes, logs, self._env | running(release))
        _, url = await asyncio.gather(shipped.start_worker(), shipped.start_api())
        session = aiohttp.ClientSession(
            url,
            timeout=aiohttp.ClientTimeout(total=GIVE_UP),
            connector=aiohttp.TCPConnector(limit=0),
        )
        return await self._processes.enter_async_context(session)

    async def _upgrade(self) -> float:
        """Migrate to this release; replace the former one's processes once that may be done.

        Return the seconds that the migration took.
        """
        said_before = self._log.stat().st_size
        async with asyncio.TaskGroup() as tasks:
            migrating = tasks.create_task(self._migrate(ROOT))

            async def may_start() -> bool:
                said = self._log.read_bytes()[said_before:]
                return migrating.done() or LOADED.encode() in said

            await until(may_start, LONGEST, "the new functions")
            former_ones = self._processes
            self._users.move(await self._start(ROOT))
            await asyncio.sleep(DRAIN)
            await former_ones.aclose()
        return migrating.result()

    async def _migrate(self, release: Path) -> float:
        """Migrate to the release; return the seconds that it took."""
        start = time.perf_counter()
        if not await migrate(release, self._env, log=self._log, seconds=LONGEST):
            raise BenchError("a migration failed")
        self._release = release
        return time.perf_counter() - start
