"""Deadlines and clock checks that hold even if a machine is paused or a clock is set."""

import math
import time
from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], float]
LATE = 5.0
"""Seconds by which an answer may be late, or a clock be set, without consequence."""


def since_boot() -> float:
    """Return the seconds since the machine was started, including time suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()  # doesn't count time suspended


class Deadline:
    """A moment ``seconds`` from now, by two clocks; over as soon as either says so.

    The clock since boot stands still while a virtual machine is paused; its wall clock is corrected
    when it resumes. The wall clock may also be set back, which doesn't affect the other; if it is
    set forward, the deadline ends too early, and what is left is claimed again.
    """

    __slots__ = ("_boot", "_boot_end", "_wall", "_wall_end")

    def __init__(
        self, seconds: float, *, boot: Clock = since_boot, wall: Clock = time.time
    ) -> None:
        self._boot, self._wall = boot, wall
        self._boot_end = boot() + seconds
        self._wall_end = wall() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it has passed."""
        return self._boot() >= self._boot_end or self._wall() >= self._wall_end


class Watched:
    """Detects, by our own clock, recent jumps of a clock that others set: the database's."""

    def __init__(self, own: Clock = since_boot) -> None:
        self._own = own
        self._ahead: float | None = None
        self._looked = self._jumped = -math.inf

    def look(self, moment: datetime) -> None:
        """Record that the other clock shows ``moment``, or did when the answer was sent."""
        looked = self._own()
        ahead = moment.timestamp() - looked
        # Answers may be late; clocks that are corrected gradually drift by less than a thousandth.
        tolerance = LATE + (looked - self._looked) / 1000
        if self._ahead is not None and abs(ahead - self._ahead) > tolerance:
            self._jumped = looked
        self._ahead, self._looked = ahead, looked

    def steady_for(self, seconds: float) -> bool:
        """Return whether no jump was seen within the last ``seconds``, by our clock."""
        return self._own() - self._jumped > seconds
