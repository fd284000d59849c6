"""What a round found: how long somebody waited at the worst, or how often something went wrong."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp

from bench.waiting import BenchError

GIVE_UP = 60.0
"""Seconds after which nothing is waited for any longer: it counts as not done."""
WRONG = (BenchError, aiohttp.ClientError, TimeoutError)
"""What an operation raises that got no answer, or another than it should."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one round, beside the most that it may be."""

    what: str
    value: float
    shown: str
    goal: str
    met: bool


class Waits:
    """How often somebody waited, and how long at the worst; waits in vain are counted as well."""

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0
        self.longest = 0.0

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Time the block; one that raises what is in ``WRONG`` has failed, and is over."""
        start = time.perf_counter()
        try:
            yield
        except WRONG:
            self.failed += 1
        finally:
            self.add(time.perf_counter() - start)

    def add(self, seconds: float | None) -> None:
        """Add a wait that was timed elsewhere; None is one that was given up."""
        self.count += 1
        if seconds is None:
            self.failed += 1
        self.longest = max(self.longest, GIVE_UP if seconds is None else seconds)

    def figure(self, what: str, *, at_most: float) -> Figure:
        """Give the longest wait in seconds; the goal is missed where one was in vain, or none was.

        How many there were isn't part of ``what``, which is the same in each round.
        """
        shown = f"{self.longest:.2f} s" if self.longest < GIVE_UP else f"not after {GIVE_UP:.0f} s"
        if self.failed:
            shown += f", {self.failed} of {self.count} failed"
        if not self.count:
            shown = "nobody waited"
        met = self.longest <= at_most and not self.failed and self.count > 0
        return Figure(what, self.longest, shown, f"≤ {at_most:g} s", met)


def failures(what: str, failed: int, of: int) -> Figure:
    """Give the figure that counts what failed, of so many; none may, and there must be some."""
    return Figure(what, failed, f"{failed} of {of}", "0", met=failed == 0 and of > 0)


def worst_rows(rounds: Sequence[Sequence[Figure]]) -> list[tuple[str, ...]]:
    """Give a row for each figure: the worst of its rounds, the goal, and whether all met it.

    The last column has each round's.
    """
    rows: list[tuple[str, ...]] = []
    for found in zip(*rounds, strict=True):
        worst = max(found, key=lambda figure: (not figure.met, figure.value))
        each = "; ".join(figure.shown for figure in found)
        rows.append((worst.what, worst.shown, worst.goal, "yes" if worst.met else "NO", each))
    return rows
