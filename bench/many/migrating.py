"""``python -m db migrate``, six times while three practices use the API and a worker.

Three of the six load functions that have changed: those of a copy of db/ in which each file has
another statement. Meanwhile, each by itself: patients' STOPs, blocks, sends by hand, and syncs of a
hundred recalls that all change. The figures count, out of how many there were:

- migrations that failed;
- operations that were answered with an error, or not within a minute;
- STOPs whose number isn't blocked in the end, half a minute after the last migration.
"""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.client import reply_stop
from bench.data import recalls_by_hand
from bench.databases import Databases
from bench.many.data import first_mobile_of, make_busy, recalls_of_pms
from bench.many.figures import GIVE_UP, Figure, Waits, failures
from bench.many.service import Act, Service, again, service
from bench.releases import changed, migrate
from bench.waiting import BenchError, until

TEMPLATE = "migrating"
STOPS_AT, BLOCKS_AT, SYNCS_AT = 1, 2, 3
"""The practices; the one that blocks also sends by hand."""
RECALLS, SENDS, ACTS = 5_000, 300, 2_000
SYNCED = 100
CHANGES = 3
PAUSE = 0.1
REST = 1.0
"""Seconds between two migrations."""
AT_LAST = 30.0


async def prepare(databases: Databases) -> None:
    """Make the template."""
    await make_busy(databases, TEMPLATE, [(RECALLS, 0), (RECALLS, SENDS), (RECALLS, SYNCED)])


async def measure(databases: Databases, gateway_program: Path) -> list[Figure]:
    """Measure one round."""
    async with service(databases, TEMPLATE, gateway_program) as running:
        stopped: list[str] = []
        acts = await _acts(running, stopped)
        waits, over = Waits(), asyncio.Event()
        failed = 0
        async with asyncio.TaskGroup() as busy:
            for some, pause in acts:
                busy.create_task(again(some, waits, pause, over))
            for change in range(1, CHANGES + 1):
                folder = databases.directory / f"changed_{change}"
                release = changed(folder, partial(_add_statement, change))
                log = databases.directory / "migrate.log"
                for _ in range(2):  # the second time they are already loaded
                    await asyncio.sleep(REST)
                    failed += not await migrate(release, running.env, log=log, seconds=GIVE_UP)
            await asyncio.sleep(REST)
            over.set()
        lost = await _lost(running, stopped)
    beside = f"during {2 * CHANGES} migrations"
    return [
        failures("migrations that failed", failed, 2 * CHANGES),
        failures(f"operations that failed, {beside}", waits.failed, waits.count),
        failures(f"STOPs not blocked in the end, {beside}", lost, len(stopped)),
    ]


async def _acts(running: Service, stopped: list[str]) -> list[tuple[list[Act], float]]:
    """Return what is done side by side, with its pause; ``stopped`` gets each STOP's number."""
    staff, connector = await running.staff(BLOCKS_AT), await running.staff(SYNCS_AT)
    recalls = await recalls_by_hand(running.pool, BLOCKS_AT)
    synced = [recall for recall, _ in await recalls_by_hand(running.pool, SYNCS_AT)]
    rows = await recalls_of_pms(running.pool, SYNCS_AT, synced)

    async def stop(mobile: str) -> None:
        stopped.append(mobile)
        await reply_stop(running.http, mobile)

    async def sync(number: int) -> None:
        await connector.sync_recalls([replace(row, urgency=f"Urgency {number}") for row in rows])

    return [
        ([partial(stop, f"+{first_mobile_of(STOPS_AT) + n}") for n in range(ACTS)], PAUSE),
        ([partial(staff.block, f"+{first_mobile_of(BLOCKS_AT) + n}") for n in range(ACTS)], PAUSE),
        ([partial(staff.send, recall) for recall, _ in recalls], 5 * PAUSE),
        ([partial(sync, number) for number in range(ACTS)], 5 * PAUSE),
    ]


def _add_statement(change: int, sql: Path) -> None:
    """Add a statement to each file of functions."""
    for name in (sql / "ORDER").read_text().split():
        with (sql / f"{name}.sql").open("a") as file:
            file.write(f"select {change};\n")


async def _lost(running: Service, stopped: list[str]) -> int:
    """Return how many of the numbers are not blocked, even after a while."""
    blocked = """
      (select count(distinct mobile) from blocked_communications
       where practice_id = $1 and mobile = any ($2) and blocked_recalls)
    """

    async def all_blocked() -> bool:
        return await running.holds(f"{blocked} = $3", STOPS_AT, stopped, len(stopped))

    try:
        await until(all_blocked, AT_LAST, "all STOPs")
    except BenchError:
        return len(stopped) - int(
            await running.pool.fetchval(f"select {blocked}", STOPS_AT, stopped)
        )
    return 0
