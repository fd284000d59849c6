"""The outcome of a siege as a table."""

import math
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.siege.run import Outcome, median

COLUMNS = (
    *("attack", "the attacker's answers", "ms", "reads p50 / p99 ms"),
    *("block", "STOP", "healthz ms", "MB before / most / after"),
    *("CPU had / waited for %", "missed"),
)
BUSY = 0.1
"""Share of the time that may be spent waiting for a processor if measurements are to count."""
SHOWN = 5
"""Most kinds of answers shown."""


def table_of(outcomes: Iterable[Outcome]) -> Table:
    """Return the table: one line per attack, in red if it missed a goal."""
    table = Table(*COLUMNS, title="Beside each attack: another practice's waits")
    for outcome in outcomes:
        waits = [_ms(outcome.at(name, 1)) for name in ("block", "stop", "health")]
        p50, p99 = median(outcome.waits.get("read", ())), outcome.at("read", 0.99)
        table.add_row(
            f"{outcome.attack.name}{' (again)' if outcome.again else ''}",
            _counts(outcome.answers),
            "" if outcome.median_ms is None else f"{outcome.median_ms:.0f}",
            f"{_ms(p50)} / {_ms(p99)}",
            *waits,
            " / ".join(f"{each:.0f}" for each in outcome.memory),
            f"{outcome.worked:.0%} / {outcome.waited:.0%}".replace("%", ""),
            ", ".join(outcome.missed),
            style="red" if outcome.missed else None,
        )
    return table


def print_report(outcomes: Iterable[Outcome], console: Console) -> None:
    """Print the table and the wrong answers to the canaries."""
    outcomes = list(outcomes)
    console.print(table_of(outcomes))
    if (busy := outcomes[0].waited) > BUSY:
        told = (
            f"Others were on this machine: a process waited {busy:.0%} of the time for a processor."
        )
        console.print(f"{told} What was missed may be their doing.", style="yellow")
    for outcome in outcomes:
        if outcome.wrong:
            console.print(f"{outcome.attack.name}: {_counts(outcome.wrong)}", highlight=False)


def line_of(outcome: Outcome) -> str:
    """Return how an attack went, in a line."""
    told = f"missed {', '.join(outcome.missed)}" if outcome.missed else "held"
    return f"{outcome.attack.name}: {told}"


def _counts(counts: dict[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: -item[1])
    shown = [f"{name} × {count}" for name, count in most[:SHOWN]]
    return ", ".join([*shown, *(["…"] if len(most) > SHOWN else [])])


def _ms(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds * 1000:.0f}"
