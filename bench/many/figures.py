"""What a round found: how long somebody waited at worst, or how often something went wrong."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp

from bench.report import Line
from bench.waiting import BenchError

GIVE_UP = 60.0
"""Seconds after which waiting is given up; the operation counts as not done."""
WRONG = (BenchError, aiohttp.ClientError, TimeoutError)
"""What an operation raises that got no answer, or a wrong one."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one round, with the most that it may be."""

    what: str
    value: float
    shown: str
    goal: str
    met: bool


class Waits:
    """How often somebody waited, and how long; waits in vain are counted as well."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.failed = 0
        self.errors: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How often somebody waited."""
        return len(self.seconds)

    @property
    def longest(self) -> float:
        """The longest wait, in seconds."""
        return max(self.seconds, default=0.0)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Time the block; if it raises one of ``WRONG``, suppress that and count a failure."""
        start = time.perf_counter()
        try:
            yield
        except WRONG as error:
            self.note(error)
        finally:
            self.add(time.perf_counter() - start)

    def note(self, error: BaseException) -> None:
        """Count a failure; how long it was waited for is added by itself."""
        self.failed += 1
        self.errors[f"{type(error).__name__} {error}".strip()] += 1

    def add(self, seconds: float | None) -> None:
        """Add a wait that was timed elsewhere; None means that it was given up."""
        if seconds is None:
            self.failed += 1
        self.seconds.append(GIVE_UP if seconds is None else seconds)

    def figure(self, what: str, *, at_most: float) -> Figure:
        """Return the longest wait in seconds; the goal is missed if one was in vain, or none was.

        How many there were isn't part of ``what``, which is the same in each round.
        """
        shown = f"{self.longest:.2f} s" if self.longest < GIVE_UP else f"not within {GIVE_UP:.0f} s"
        if self.failed:
            shown += f", {self.failed} of {self.count} failed"
        if not self.count:
            shown = "nobody waited"
        met = self.longest <= at_most and not self.failed and self.count > 0
        return Figure(what, self.longest, shown, f"≤ {at_most:g} s", met)


def failures(what: str, failed: int, of: int) -> Figure:
    """Return the figure that counts failures out of ``of``; none may fail, of at least one."""
    return Figure(what, failed, f"{failed} of {of}", "0", met=failed == 0 and of > 0)


def worst_lines(rounds: Sequence[Sequence[Figure]]) -> list[Line]:
    """Return a line for each figure: the worst of its rounds, the goal, and whether all met it."""
    lines = []
    for found in zip(*rounds, strict=True):
        worst = max(found, key=lambda figure: (not figure.met, figure.value))
        each = "; ".join(figure.shown for figure in found)
        lines.append(Line(worst.what, worst.shown, goal=worst.goal, met=worst.met, rounds=each))
    return lines
