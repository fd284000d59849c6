"""Nine o'clock: the scheduled runs of 150 practices fall due at the same moment.

- the first message: seconds from that moment until the gateway has read the first message of any
  of the runs (to 0.02 s). Like nine o'clock, the moment is a round one for the sweeper, too.
- one message of another practice: somebody there sends one recall by hand each second from that
  moment on, whether or not the last one has arrived; seconds from just before the request until the
  gateway has read the message.

A round ends when all runs are planned, or after a minute. What is still queued is left.
"""

import asyncio
import math
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bench.client import Client
from bench.data import recalls_by_hand
from bench.databases import Databases
from bench.many.data import make_busy
from bench.many.figures import GIVE_UP, WRONG, Figure, Waits
from bench.many.service import Service, service
from bench.waiting import BenchError, until

TEMPLATE = "nine"
PRACTICES, RECALLS = 150, 3_000
OTHER = PRACTICES + 1
"""The practice whose schedule is not due, and whose staff send by hand."""
LEAD, ROUND = 3, 10
"""The moment is at least ``LEAD`` seconds after the schedule is set, at a multiple of ``ROUND``."""
LONGEST = 60
WARM_UP = 3
PLANNED = """
  (select count(*) from runs where scheduled_for is not null and state <> 'PLANNING') = $1
"""


async def prepare(databases: Databases) -> None:
    """Make the template."""
    busy = [(RECALLS, 0)] * PRACTICES
    await make_busy(databases, TEMPLATE, [*busy, (0, LONGEST + WARM_UP + 1)])


async def measure(databases: Databases, gateway_program: Path) -> list[Figure]:
    """Measure one round."""
    async with service(databases, TEMPLATE, gateway_program) as running:
        sender = _Sender(
            running, await running.staff(OTHER), await recalls_by_hand(running.pool, OTHER)
        )
        for _ in range(WARM_UP):
            await sender.send()
        await sender.waits()
        await running.gateway.reset()
        due = await _set_schedule(running)
        first = asyncio.create_task(_first_of_runs(running, due))
        await _send_each_second(running, sender, due)
        first_message, by_hand = Waits(), await sender.waits()
        first_message.add(await first)
    return [
        first_message.figure(f"{PRACTICES} practices' runs due → the first message", at_most=2),
        by_hand.figure("one message of another practice → gateway", at_most=1),
    ]


async def _set_schedule(running: Service) -> float:
    """Have the practices' runs fall due soon; return when, by the machine's clock."""
    due = math.ceil((time.time() + LEAD) / ROUND) * ROUND
    await running.pool.execute(
        "update practices set next_run_at = $1 where id <= $2",
        datetime.fromtimestamp(due, UTC),
        PRACTICES,
    )
    return due


async def _first_of_runs(running: Service, due: float) -> float | None:
    """Return the seconds until the gateway had a message not sent by hand; None if none came."""
    arrived_at = 0.0

    async def arrived() -> bool:
        nonlocal arrived_at
        arrivals = await running.gateway.arrivals()
        arrived_at = time.time()
        return arrivals.count > len(arrivals.watched)

    try:
        await until(arrived, due + GIVE_UP - time.time(), "the runs' first message")
    except BenchError:
        return None
    return arrived_at - due


async def _send_each_second(running: Service, sender: "_Sender", due: float) -> None:
    """Send by hand each second from ``due`` on, until all is planned."""
    async with asyncio.TaskGroup() as sending:
        for second in range(LONGEST):
            await asyncio.sleep(max(0, due + second - time.time()))
            sending.create_task(sender.send())
            if second and await running.holds(PLANNED, PRACTICES):
                return


class _Sender:
    """Somebody who sends one recall by hand, again and again."""

    def __init__(self, running: Service, client: Client, recalls: list[tuple[int, str]]) -> None:
        self._gateway = running.gateway
        self._client = client
        self._recalls = recalls
        self._sent: dict[str, float] = {}
        self._failed = 0

    async def send(self) -> None:
        recall, number = self._recalls.pop()
        start = time.time()
        try:
            await self._client.send(recall)
        except WRONG:
            self._failed += 1
        else:
            self._sent[number] = start

    async def waits(self) -> Waits:
        """Wait until all that was sent has arrived, or is given up; return the waits."""
        arrivals: dict[str, float] = {}

        async def arrived() -> bool:
            arrivals.update((await self._gateway.arrivals()).watched)
            return self._sent.keys() <= arrivals.keys()

        last = max(self._sent.values(), default=time.time())
        waits = Waits()
        with suppress(BenchError):  # what is missing is counted below
            await until(arrived, max(1, last + GIVE_UP - time.time()), "what was sent by hand")
        for number, start in self._sent.items():
            waits.add(arrivals[number] - start if number in arrivals else None)
        for _ in range(self._failed):
            waits.add(None)
        self._sent.clear()
        self._failed = 0
        return waits
