"""How much is migrated: in full, and in the quick run, which only shows that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MigrateSizes:
    """Counts of rows, of runs and of seconds."""

    patients: int
    recalls: int
    blocks: int
    running: int
    """Practices with a run, the large one among them; their messages must last to the end."""
    by_hand: int
    """Recalls kept for staff to send."""
    rate: int
    """Messages a second that the worker may hand over."""
    least: float
    """Seconds to watch at least, with a migration and without."""
    peer_most: float
    """Seconds to watch at most without a migration."""


FULL_RECALLS, QUICK_RECALLS = 5_000_000, 200_000


def sizes_of(recalls: int) -> MigrateSizes:
    """Return the sizes for so many recalls: two of five as many patients, and so on."""
    enough = FULL_RECALLS // 3
    return MigrateSizes(
        patients=recalls * 2 // 5,
        recalls=recalls,
        blocks=recalls * 3 // 50,
        running=12 if recalls > enough else 80,
        by_hand=3_000,
        rate=100,
        least=20 if recalls > enough else 6,
        peer_most=60,
    )
