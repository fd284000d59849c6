"""What is watched while the database is migrated, and as long without: gaps, waits and accounts."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from bench.gateway import Gateway
from bench.many.figures import GIVE_UP, Waits
from bench.report import Line, percentile
from bench.upgrading.users import Users
from bench.waiting import BenchError, until

LONGEST = 3.0
"""Seconds that anything may take at worst."""


@dataclass(slots=True)
class Watched:
    """What was seen during ``seconds``, of which the migration took ``migrating``."""

    seconds: float = 0.0
    migrating: float = 0.0
    gap: float = 0.0
    """The longest time without a message that the worker handed over, in seconds."""
    reads: Waits = field(default_factory=Waits)
    sends: Waits = field(default_factory=Waits)
    blocks: Waits = field(default_factory=Waits)


async def watch(
    gateway: Gateway, users: Users, what: Callable[[], Awaitable[float]], *, least: float
) -> Watched:
    """Watch users and messages until ``what`` is done, and for ``least`` seconds at least.

    ``what`` returns the seconds that its migration took.
    """
    found, over = Watched(), asyncio.Event()
    users.sent.clear()
    began = time.time()
    async with asyncio.TaskGroup() as busy:
        busy.create_task(users.work(found.reads, found.sends, found.blocks, over))
        found.migrating = await what()
        await asyncio.sleep(max(0.0, began + least - time.time()))
        ended = time.time()
        found.seconds = ended - began
        over.set()
    arrivals = await _arrivals_of(gateway, users.sent)
    found.gap = longest_gap((at for _, at in arrivals), began, ended)
    for seconds in arrival_times(users.sent, arrivals):
        found.sends.add(seconds)
    return found


async def _arrivals_of(
    gateway: Gateway, sent: Sequence[tuple[str, float]]
) -> list[tuple[str, float]]:
    """Wait until all that was sent by hand has arrived, or is given up; return all arrivals."""
    arrivals: list[tuple[str, float]] = []

    async def arrived() -> bool:
        nonlocal arrivals
        arrivals = (await gateway.arrivals()).watched
        done = None not in arrival_times(sent, arrivals)
        if not done:
            await asyncio.sleep(0.5)  # each answer names every message
        return done

    with suppress(BenchError):
        await until(arrived, GIVE_UP, "what was sent by hand")
    return arrivals


def longest_gap(times: Iterable[float], began: float, ended: float) -> float:
    """Return the longest time from one message, or the beginning, to the next, or the end."""
    within = sorted(at for at in times if began < at < ended)
    return max(after - before for before, after in pairwise([began, *within, ended]))


def arrival_times(
    sent: Sequence[tuple[str, float]], arrivals: Sequence[tuple[str, float]]
) -> list[float | None]:
    """Return the seconds from each send by hand to its message's arrival; None if there is none."""
    numbers = {mobile for mobile, _ in sent}
    arrived = {mobile: at for mobile, at in arrivals if mobile in numbers}
    return [arrived[mobile] - at if mobile in arrived else None for mobile, at in sent]


@dataclass(frozen=True, slots=True)
class Account:
    """Messages by the gateway's record, compared with the database's."""

    messages: int
    twice: int
    lost: int

    @classmethod
    def of(cls, arrived: Counter[str], handed_over: Counter[str]) -> "Account":
        """Compare how many messages arrived at each number with how many were handed over."""
        twice, lost = arrived - handed_over, handed_over - arrived
        return cls(arrived.total(), twice.total(), lost.total())

    def lines(self) -> list[Line]:
        """Return the lines of the table."""
        return [
            Line(f"messages {what}, of {self.messages:,}", str(n), goal="0", met=n == 0)
            for what, n in (("sent twice", self.twice), ("lost", self.lost))
        ]


def lines(what: str, during: Watched, without: Watched) -> list[Line]:
    """Return the lines that compare a time with a migration to as long a time without."""
    return [
        Line(what, f"{during.migrating:.1f} s"),
        _worst("longest gap between two messages", during.gap, without.gap),
        _waits("a page of the list", during.reads, without.reads),
        _waits("a send by hand → gateway", during.sends, without.sends),
        _waits("a block in the large practice", during.blocks, without.blocks),
    ]


def _worst(what: str, ours: float, peer: float) -> Line:
    return Line(
        f"  {what}",
        f"{ours:.2f} s",
        f"{peer:.2f} s",
        f"{ours / peer:.1f}",
        f"≤ {LONGEST:g} s",
        ours <= LONGEST,
    )


def _waits(what: str, ours: Waits, peer: Waits) -> Line:
    ratio = f"{ours.longest / peer.longest:.1f}" if peer.count and ours.count else ""
    met = ours.count > 0 and not ours.failed and ours.longest <= LONGEST
    return Line(
        f"  {what} ({ours.count:,})",
        _shown(ours),
        _shown(peer),
        ratio,
        f"≤ {LONGEST:g} s, none fails",
        met,
    )


def _shown(waits: Waits) -> str:
    if not waits.count:
        return "nobody waited"
    shown = f"p99 {percentile(waits.seconds, 99):.2f} s, longest {waits.longest:.2f} s"
    return f"{shown}, {waits.failed} failed" if waits.failed else shown
