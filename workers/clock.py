"""Clocks: what holds through whatever stops a machine, or sets one of its clocks."""

import math
import time
from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], float]
LATE = 5.0
"""Seconds by which an answer may be late, or a clock be set, and nothing hangs on it."""


def since_boot() -> float:
    """Give the seconds since the machine was started, those in which it was suspended included."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()  # which doesn't count them


class Deadline:
    """A moment ``seconds`` from now, by two clocks; over as soon as one of them says so.

    The clock since boot stands still while a virtual machine is paused; its wall clock is set right
    when it goes on. That one may be set back as well, which the other doesn't heed; where it is set
    forward, the deadline ends too early, and what is left is claimed anew.
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
    """Watches by our own clock whether one that others set, the database's, has jumped lately."""

    def __init__(self, own: Clock = since_boot) -> None:
        self._own = own
        self._ahead: float | None = None
        self._looked = self._jumped = -math.inf

    def look(self, moment: datetime) -> None:
        """Take note that it is ``moment`` there, or was when the answer came on its way."""
        looked = self._own()
        ahead = moment.timestamp() - looked
        # Answers may be late; clocks that are set right gently drift by less than a thousandth.
        tolerance = LATE + (looked - self._looked) / 1000
        if self._ahead is not None and abs(ahead - self._ahead) > tolerance:
            self._jumped = looked
        self._ahead, self._looked = ahead, looked

    def steady_for(self, seconds: float) -> bool:
        """Tell whether it wasn't seen to jump within the last ``seconds``, by our clock."""
        return self._own() - self._jumped > seconds
