"""How much is browsed: in full, and in the quick run, which only shows that it works."""

from dataclasses import dataclass, replace

from bench.command import Length


@dataclass(frozen=True, slots=True)
class BrowseSizes:
    """Counts of rows, and of repetitions."""

    patients: int
    recalls: int
    """All of them open and nearly all due, so that they are one tab's list."""
    blocks: int
    rounds: int
    """How often each figure is taken."""
    depth: int
    """The row that is scrolled to."""
    hours: int
    """Hours of the receptionist's day."""
    actions: int
    """What the receptionist does in an hour."""


FULL = BrowseSizes(
    patients=65_000,
    recalls=117_000,
    blocks=3_000,
    rounds=7,
    depth=10_000,
    hours=8,
    actions=144,
)
SHORT = replace(FULL, rounds=5, actions=24)
QUICK = BrowseSizes(
    patients=1_500,
    recalls=3_000,
    blocks=100,
    rounds=2,
    depth=500,
    hours=2,
    actions=12,
)
SIZES = {Length.QUICK: QUICK, Length.SHORT: SHORT, Length.FULL: FULL}
