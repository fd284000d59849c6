"""What a client's operation costs, and how long it may wait for a connection."""

import asyncio
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter

PATIENCE = 5.0
"""Seconds for which an operation waits for a connection or a slot."""


class BusyError(Exception):
    """No connection or slot came free for an operation within ``PATIENCE``; nothing was done."""


@dataclass(slots=True)
class Cost:
    """Seconds of the event loop and of database connections that an operation has used."""

    loop: float = 0.0
    database: float = 0.0
    paid: tuple[float, float] = (0.0, 0.0)
    """What ``unpaid`` has already returned."""

    def unpaid(self) -> tuple[float, float]:
        """Return the seconds of each that were used since the last call."""
        taken = self.loop, self.database
        loop, database = self.paid
        self.paid = taken
        return taken[0] - loop, taken[1] - database


COST: ContextVar[Cost | None] = ContextVar("cost", default=None)
"""The cost of the client's operation that is running; None outside of one."""


def charge_loop(seconds: float) -> None:
    """Add work done for the client's operation, if there is one, to its seconds of the loop."""
    if (cost := COST.get()) is not None:
        cost.loop += seconds


def patience() -> asyncio.Timeout:
    """Return the timeout of a wait; it is unlimited if no client waits, as in a worker."""
    return asyncio.timeout(None if COST.get() is None else PATIENCE)


class connected(AbstractContextManager[None]):  # noqa: N801 - like contextlib's
    """Counts the time inside as a connection's."""

    __slots__ = ("_began", "_cost")

    def __enter__(self) -> None:
        self._cost, self._began = COST.get(), perf_counter()

    def __exit__(self, *_error: object) -> None:
        if self._cost is not None:
            self._cost.database += perf_counter() - self._began
