"""How much ``bench.read`` measures."""

from dataclasses import dataclass

from bench.command import Length


@dataclass(frozen=True, slots=True)
class Lists:
    """Counts of rows in one database."""

    patients: int
    recalls: int
    blocks: int


@dataclass(frozen=True, slots=True)
class ReadSizes:
    """Counts of rows, and of repetitions."""

    lists: Lists
    """What nearly everything is measured on."""
    large: Lists | None
    """Ten times as much; only in full."""
    rounds: int
    """How often each cell is measured, in turn."""
    warm_up: float
    """Seconds for each cell before anything is counted."""
    seconds: float
    """Seconds for each cell that are counted."""


FULL = ReadSizes(
    lists=Lists(patients=200_000, recalls=500_000, blocks=30_000),
    large=Lists(patients=2_000_000, recalls=5_000_000, blocks=300_000),
    rounds=5,
    warm_up=0.5,
    seconds=3,
)
SHORT = ReadSizes(lists=FULL.lists, large=None, rounds=5, warm_up=0.3, seconds=1.2)
QUICK = ReadSizes(
    lists=Lists(patients=4_000, recalls=10_000, blocks=600),
    large=None,
    rounds=2,
    warm_up=0.5,
    seconds=0.5,
)
SIZES = {Length.QUICK: QUICK, Length.SHORT: SHORT, Length.FULL: FULL}
