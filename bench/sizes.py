"""How much ``bench.send`` measures."""

from dataclasses import dataclass, replace

from bench.command import Length

TOGETHER = 20
"""Recalls that are sent by hand with one request while nothing else happens."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of messages, and of repetitions."""

    rounds: int
    """How often a peer and ours are measured, in turn."""
    flood: int
    """Messages that find the gateway's own ceiling."""
    delivered: int
    """Messages in one round of delivery."""
    jobs: int
    """Messages in one round of a job for each message."""
    large: int
    """Recalls of the large run, which planning, memory and waiting are measured on."""
    small: int
    """Recalls of the small run, which the large run's memory is compared with."""
    large_delivers_for: float
    """Seconds that the large run's memory is watched after planning."""
    idle: int
    """Sends of ``TOGETHER`` recalls, and blocks, one after another while nothing else happens."""
    sends: int
    """Sends of a practice in each phase of the large run: while it is planned, and after."""
    blocks: int
    """Blocks in each phase of the large run."""


FULL = Sizes(
    rounds=3,
    flood=500_000,
    delivered=100_000,
    jobs=5_000,
    large=1_000_000,
    small=10_000,
    large_delivers_for=60,
    idle=100,
    sends=20,
    blocks=30,
)
SHORT = Sizes(
    rounds=3,
    flood=200_000,
    delivered=30_000,
    jobs=2_000,
    large=100_000,
    small=10_000,
    large_delivers_for=10,
    idle=50,
    sends=10,
    blocks=15,
)
QUICK = Sizes(
    rounds=1,
    flood=50_000,
    delivered=10_000,
    jobs=1_000,
    large=50_000,
    small=5_000,
    large_delivers_for=3,
    idle=20,
    sends=5,
    blocks=5,
)
FLOOR = replace(QUICK, rounds=3, delivered=20_000)
"""For ``bench.floor``, which only delivers."""
SIZES = {Length.QUICK: QUICK, Length.SHORT: SHORT, Length.FULL: FULL}
