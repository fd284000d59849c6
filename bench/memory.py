"""The worker's memory in a large run, compared with a small one."""

import asyncio
from pathlib import Path

from bench.data import LARGE, LARGE_PRACTICE, SMALL_PRACTICE, accept_run
from bench.gateway import Gateway, build, running_gateway
from bench.report import Line, ratio_line
from bench.stage import Stage, shipped
from bench.waiting import until
from db.pool import open_owner_pool
from workers.queue import Queue

LATENCY_MS = (0, 1)
DEADLINE = 300.0


async def measure(stage: Stage) -> list[Line]:
    """Measure a fresh worker in each run: to the end of the small one, and into the large one."""
    sizes = stage.sizes
    async with running_gateway(await build("gateway", stage.directory), LATENCY_MS) as gateway:
        small = await _peak(stage, gateway, SMALL_PRACTICE, "FINISHED", 0)
        large = await _peak(stage, gateway, LARGE_PRACTICE, "SENDING", sizes.large_delivers_for)
    what = (
        f"worker's peak memory: run of {sizes.large:,} (planned, and {sizes.large_delivers_for:g} s"
    )
    return [
        ratio_line(
            f"{what} of delivery) ÷ run of {sizes.small:,}",
            [large],
            [small],
            "{:.1f} MB",
            at_most=1.3,
        )
    ]


async def _peak(stage: Stage, gateway: Gateway, practice: int, state: str, seconds: float) -> float:
    """Return the worker's peak memory, in MB, until ``seconds`` after the run reached ``state``."""
    async with (
        stage.clone(LARGE) as url,
        shipped(stage, url, gateway) as processes,
        await open_owner_pool(url, name="bench", connections=1) as pool,
    ):
        worker = await processes.start_worker()
        run = await accept_run(pool, practice)
        queue = Queue(stage.valkey_url)
        await queue.wake_planner()
        await queue.close()

        async def reached() -> bool:
            # A run that is past the state has reached it, too.
            now = await pool.fetchval("select state from runs where id = $1", run)
            return now in (state, "FINISHED")

        await until(reached, DEADLINE, f"a run that is {state}")
        await asyncio.sleep(seconds)
        return _peak_of(worker)


def _peak_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) / 1024
    raise ProcessLookupError(pid)
