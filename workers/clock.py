"""A deadline that holds through whatever stops a process, or the machine that it runs on."""

import time
from collections.abc import Callable

Clock = Callable[[], float]


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
