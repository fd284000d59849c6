"""A large run: 400,000 due recalls of one practice, while it is planned; two minutes at most.

Each figure is the time of one HTTP request, in seconds, from just before it until its answer:

- sendRecalls of one recall in that same practice, by three people at once, each half a second after
  the last answer;
- a STOP to another practice, from a new patient each time, a quarter of a second after the last;
- /healthz, just as often.
"""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

from bench.client import ask_health, reply_stop
from bench.data import recalls_by_hand
from bench.databases import Databases
from bench.many.data import first_mobile_of, make_busy
from bench.many.figures import Figure, Waits
from bench.many.service import again, service
from bench.waiting import BenchError, until

TEMPLATE = "large"
LARGE, OTHER = 1, 2
RECALLS, OTHER_RECALLS = 400_000, 3_000
PEOPLE, SENDS_OF_EACH = 3, 500
PAUSE = 0.5
LONGEST = 120.0


async def prepare(databases: Databases) -> None:
    """Make the template."""
    await make_busy(databases, TEMPLATE, [(RECALLS, PEOPLE * SENDS_OF_EACH), (OTHER_RECALLS, 0)])


async def measure(databases: Databases, gateway_program: Path) -> list[Figure]:
    """Measure one round."""
    async with service(databases, TEMPLATE, gateway_program) as running:
        staff = await running.staff(LARGE)
        recalls = await recalls_by_hand(running.pool, LARGE)
        sends = [partial(staff.send, recall) for recall, _ in recalls]
        first = first_mobile_of(OTHER)
        stops = [partial(reply_stop, running.http, f"+{first + n}") for n in range(OTHER_RECALLS)]
        health = [partial(ask_health, running.http)] * OTHER_RECALLS
        sending, stopping, asking = Waits(), Waits(), Waits()
        over = asyncio.Event()
        run = await staff.start_run()
        async with asyncio.TaskGroup() as busy:
            for person in range(PEOPLE):
                busy.create_task(again(sends[person::PEOPLE], sending, PAUSE, over))
            busy.create_task(again(stops, stopping, PAUSE / 2, over))
            busy.create_task(again(health, asking, PAUSE / 2, over))

            async def planned() -> bool:
                return await running.holds(
                    "state <> 'PLANNING' from runs where id = $1", int(run.partition(":")[2])
                )

            with suppress(BenchError):
                await until(planned, LONGEST, "the run's planning")
            over.set()
    while_planned = f"while {RECALLS:,} recalls are planned"
    return [
        sending.figure(f"sendRecalls in the practice, {while_planned}", at_most=1),
        stopping.figure(f"a STOP to another practice, {while_planned}", at_most=0.3),
        asking.figure(f"/healthz, {while_planned}", at_most=0.3),
    ]
