"""What an operation of a client costs, and how long it may wait for a connection."""

import asyncio
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter

PATIENCE = 5.0
"""Seconds for which an operation waits for a connection, or for its turn."""


class BusyError(Exception):
    """There was no connection or no turn for an operation within ``PATIENCE``; nothing was done."""


@dataclass(slots=True)
class Cost:
    """Seconds that an operation has taken of the event loop, and of connections."""

    loop: float = 0.0
    database: float = 0.0
    paid: tuple[float, float] = (0.0, 0.0)
    """What has been asked for."""

    def unpaid(self) -> tuple[float, float]:
        """Give what it has taken of both since this was last asked for."""
        taken = self.loop, self.database
        loop, database = self.paid
        self.paid = taken
        return taken[0] - loop, taken[1] - database


COST: ContextVar[Cost | None] = ContextVar("cost", default=None)
"""That of the client's operation that runs; None where there is none."""


def patience() -> asyncio.Timeout:
    """Give how long a wait may take: what no client waits for, such as a worker, has no end."""
    return asyncio.timeout(None if COST.get() is None else PATIENCE)


class connected(AbstractContextManager[None]):  # noqa: N801 - as those of contextlib
    """Counts the time inside as that of a connection."""

    __slots__ = ("_began", "_cost")

    def __enter__(self) -> None:
        self._cost, self._began = COST.get(), perf_counter()

    def __exit__(self, *_error: object) -> None:
        if self._cost is not None:
            self._cost.database += perf_counter() - self._began
