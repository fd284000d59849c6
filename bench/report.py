"""Puts figures into lines, and prints the lines as a table."""

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; ``met`` is None if there is no goal."""

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None
    rounds: str = ""
    """The figure of each round, if ``ours`` is the worst of them instead of their median."""

    @property
    def met_text(self) -> str:
        """Whether the goal is met, in a word; empty if there is none."""
        return "" if self.met is None else "yes" if self.met else "NO"


def spread(values: Sequence[float], form: str) -> str:
    """Return the median, with least and most if there are several, each formatted by ``form``."""
    middle = form.format(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({form.format(min(values))} – {form.format(max(values))})"


def ratio_line(
    what: str,
    ours: Sequence[float],
    peer: Sequence[float],
    form: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Line:
    """Return the line that compares rounds, each of ours with the peer's right before it."""
    ratios = [mine / other for mine, other in zip(ours, peer, strict=True)]
    middle = median(ratios)
    if at_least is not None:
        goal, met = f"≥ {at_least:g}", middle >= at_least
    elif at_most is not None:
        goal, met = f"≤ {at_most:g}", middle <= at_most
    else:
        goal, met = "", None
    return Line(what, spread(ours, form), spread(peer, form), spread(ratios, "{:.2f}"), goal, met)


def latency_line(what: str, seconds: Sequence[float], *, p95_below: float) -> Line:
    """Return the line that says how long something took: the p50 and the p95."""
    p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
    return Line(
        f"{what} ({len(seconds)})",
        f"p50 {_time(p50)}, p95 {_time(p95)}",
        goal=f"p95 < {_time(p95_below)}",
        met=p95 < p95_below,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that ``percent`` per cent of the values don't exceed (nearest rank)."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def machine() -> str:
    """Return what was measured on, in words."""
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {python}"


def print_table(title: str, lines: Sequence[Line]) -> None:
    """Print the lines, as wide as they need."""
    rows = [
        (line.what, line.ours, line.peer, line.ratio, line.goal, line.met_text) for line in lines
    ]
    print_rows(title, ("", "ours", "peer", "ours ÷ peer", "goal", "met"), rows)


def print_rows(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of texts, as wide as they need."""
    table = Table(*headings, title=title)
    for row in rows:
        table.add_row(*row)
    Console(width=170).print(table)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
