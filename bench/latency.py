"""How long people wait: for a message sent by hand, for a block, for a run's first message.

Measured while nothing else happens, and while a large run is planned and delivered. People use
``python -m api serve`` over HTTP; their messages go through ``python -m workers``.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeAlias

from bench.data import LARGE, LARGE_PRACTICE, OTHER_PRACTICE, WATCHED
from bench.gateway import Gateway, build, running_gateway
from bench.people import People, people
from bench.report import Line, latency_line, ratio_line
from bench.sizes import TOGETHER
from bench.stage import Stage, shipped
from bench.waiting import until
from db.pool import open_owner_pool
from db.types import Pool

LATENCY_MS = (20, 50)
PAUSE = 0.15
"""Seconds from one send or block to the next while the run is in progress."""
DEADLINE = 300.0
Act: TypeAlias = Callable[[], Coroutine[None, None, None]]


async def measure(stage: Stage, planning: list[float]) -> list[Line]:
    """Measure all waits; ``planning`` has the seconds that planning the large run takes alone."""
    program = await build("gateway", stage.directory)
    async with (
        running_gateway(program, LATENCY_MS, WATCHED) as gateway,
        stage.clone(LARGE) as url,
        shipped(stage, url, gateway) as processes,
        await open_owner_pool(url, name="bench") as pool,
    ):
        await processes.start_worker()
        api_url = await processes.start_api()
        async with people(stage, pool, api_url) as staff:
            idle = await _idle(gateway, staff, stage.sizes.idle)
            under_way = await _under_way(stage, gateway, staff, pool)
    return idle + under_way.lines(planning)


async def _idle(gateway: Gateway, staff: People, count: int) -> list[Line]:
    firsts, lasts = [], []
    for number in range(count):
        await staff.send(OTHER_PRACTICE, TOGETHER)
        await gateway.until_arrived((number + 1) * TOGETHER, 10)
        waited = (await staff.send_times(gateway))[OTHER_PRACTICE]
        firsts.append(min(waited))
        lasts.append(max(waited))
        await asyncio.sleep(staff.pause())
    for _ in range(count):
        await staff.block()
    together = f"request to send {TOGETHER} → gateway, idle"
    return [
        latency_line(f"{together}, the first message", firsts, p95_below=0.05),
        latency_line(f"{together}, the last one", lasts, p95_below=0.05),
        latency_line("block, idle", staff.block_times(), p95_below=0.01),
    ]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What was measured during the large run."""

    first_message: float
    planned: float
    """Seconds from asking for the run until it was planned; its first message came long before."""
    phases: list[Line]

    def lines(self, planning: list[float]) -> list[Line]:
        """Return the lines of the table."""
        first = "a run's first message ÷ planning it alone"
        return [
            ratio_line(first, [self.first_message], [median(planning)], "{:.2f} s", at_most=0.1),
            Line("  planning that run, with delivery beside it", f"{self.planned:.1f} s"),
            *self.phases,
        ]


async def _under_way(stage: Stage, gateway: Gateway, staff: People, pool: Pool) -> UnderWay:
    async def planned() -> bool:
        return not await pool.fetchval("select exists (select from runs where state = 'PLANNING')")

    await gateway.reset()
    start = time.time()
    asking = asyncio.create_task(staff.start_run())
    first_message = (await gateway.until_arrived(1, DEADLINE)).first - start
    await asking
    left = await _act(_acts(stage, staff), ends=planned)
    phases = await _lines("while the run is planned", gateway, staff)
    await until(planned, DEADLINE, "the run's planning")
    planned_after = time.time() - start
    await _act([*left, *_acts(stage, staff)])
    phases += await _lines("while it is delivered", gateway, staff)
    return UnderWay(first_message, planned_after, phases)


def _acts(stage: Stage, staff: People) -> list[Act]:
    """Return the sends and blocks of one phase, mixed."""
    acts: list[Act] = [staff.block] * stage.sizes.blocks
    for practice in (LARGE_PRACTICE, OTHER_PRACTICE):
        acts += [partial(staff.send, practice)] * stage.sizes.sends
    random.Random(1).shuffle(acts)  # noqa: S311
    return acts


async def _act(acts: list[Act], ends: Callable[[], Awaitable[bool]] | None = None) -> list[Act]:
    """Begin an act every ``PAUSE`` seconds until the phase ends; return those not begun."""
    async with asyncio.TaskGroup() as begun:
        for number, act in enumerate(acts):
            if ends is not None and await ends():
                return acts[number:]
            begun.create_task(act())
            await asyncio.sleep(PAUSE)
    return []


async def _lines(phase: str, gateway: Gateway, staff: People) -> list[Line]:
    sends = await staff.send_times(gateway)
    measured = [
        ("request to send → gateway, same practice", sends[LARGE_PRACTICE], 2),
        ("request to send → gateway, other practice", sends[OTHER_PRACTICE], 2),
        ("block of a number of the run", staff.block_times(), 1),
    ]
    # A short phase may end before one of each has begun.
    return [
        latency_line(f"{what}, {phase}", seconds, p95_below=goal)
        for what, seconds, goal in measured
        if seconds
    ]
