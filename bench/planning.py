"""Planning the large run, compared with inserting the very same rows."""

import time

from bench.data import LARGE, LARGE_PRACTICE, Planning, execute, plan_run
from bench.report import Line, ratio_line, spread
from bench.stage import Stage
from bench.waiting import BenchError
from db.pool import open_owner_pool, open_pool
from db.tenancy import in_practice
from dev.servers.running import as_application


async def measure(stage: Stage) -> tuple[list[Line], list[float]]:
    """Measure both in turn; return the lines, and the seconds of our rounds."""
    ours: list[Planning] = []
    bare: list[float] = []
    for _ in range(stage.sizes.rounds):
        bare.append(await _insert(stage))
        ours.append(await _plan(stage))
    seconds = [round_.seconds for round_ in ours]
    accepting = [round_.accepting for round_ in ours]
    what = f"planning {stage.sizes.large:,} recalls ÷ bare INSERT … SELECT"
    lines = [
        ratio_line(what, seconds, bare, "{:.1f} s", at_most=1.5),
        Line("  of which accepting the run", spread(accepting, "{:.2f} s")),
    ]
    return lines, seconds


async def alone(stage: Stage) -> float:
    """Return the seconds of one planning, with nothing beside it."""
    return (await _plan(stage)).seconds


async def _insert(stage: Stage) -> float:
    async with stage.clone(LARGE) as url, await open_owner_pool(url, name="bench") as pool:
        start = time.perf_counter()
        await execute(pool, "insert_planned")
        return time.perf_counter() - start


async def _plan(stage: Stage) -> Planning:
    async with (
        stage.clone(LARGE) as url,
        await open_pool(as_application(url), name="bench") as pool,
    ):
        planning = await plan_run(pool, LARGE_PRACTICE)
        async with in_practice(pool, LARGE_PRACTICE) as connection:
            planned = await connection.fetchval("select count(*) from contact_attempts")
        if planned != stage.sizes.large:
            raise BenchError(f"{planned} of {stage.sizes.large} messages were planned")
        return planning
