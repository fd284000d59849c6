"""A stopped run: 40,000 messages are QUEUED, the sender's rate is one a second, the run is stopped.

- a block: seconds that one blockMobile in the run's practice takes, from just before the request to
  its answer; one follows another after a quarter of a second, from stopRun's answer until all is
  cancelled;
- all cancelled: seconds from stopRun's answer until none of the run's messages is QUEUED.
"""

import asyncio
import time
from functools import partial
from pathlib import Path

from bench.databases import Databases
from bench.many.data import first_mobile_of, make_busy
from bench.many.figures import GIVE_UP, Figure, Waits
from bench.many.service import again, service
from bench.waiting import BenchError, until

TEMPLATE = "stopped"
PRACTICE, MESSAGES = 1, 40_000
PAUSE = 0.25


async def prepare(databases: Databases) -> None:
    """Make the template."""
    await make_busy(databases, TEMPLATE, [(MESSAGES, 0)], planned=True)


async def measure(databases: Databases, gateway_program: Path) -> list[Figure]:
    """Measure one round."""
    async with service(databases, TEMPLATE, gateway_program, RECALLS_GATEWAY_RATE="1") as running:
        staff = await running.staff(PRACTICE)
        run = await running.pool.fetchval("select id from runs")
        await running.gateway.until_arrived(2, GIVE_UP)

        async def cancelled() -> bool:
            return await running.holds(
                "not exists (select from contact_attempts where run_id = $1 and state = 'QUEUED')",
                run,
            )

        first = first_mobile_of(PRACTICE)
        # From the middle on: the first ones may already be with the gateway.
        blocks = [partial(staff.block, f"+{first + n}") for n in range(MESSAGES // 2, MESSAGES)]
        blocking, cancelling = Waits(), Waits()
        over = asyncio.Event()
        await staff.stop_run(f"Run:{run}")
        start = time.perf_counter()
        async with asyncio.TaskGroup() as busy:
            busy.create_task(again(blocks, blocking, PAUSE, over))
            try:
                await until(cancelled, GIVE_UP, "the run's end")
            except BenchError:
                cancelling.add(None)
            else:
                cancelling.add(time.perf_counter() - start)
            over.set()
    return [
        blocking.figure("a block, while a stopped run is cancelled", at_most=1),
        cancelling.figure(f"stopRun → {MESSAGES:,} messages cancelled", at_most=10),
    ]
