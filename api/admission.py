"""Whose operation may run now: by what their viewer and their practice have used of late."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from api.metering import metered
from api.rate import Rates
from db.cost import Cost
from db.tokens import Viewer

T = TypeVar("T")

LOOP_SECONDS, DATABASE_SECONDS = 0.005, 0.025
"""Seconds of the event loop, and of connections, that one permit of a budget pays for.

Two thirds of what people do takes less; at its full rate a viewer has a quarter of a process.
"""
PRACTICE = 3
"""Viewers' budgets that a practice has for all of its own, however many tokens it makes."""


class Admission:
    """Takes operations off budgets of ``rate`` a second for each viewer; 0 sets none.

    One is taken before, for that much can be known, and what it cost beyond that afterwards.
    """

    def __init__(self, valkey_url: str, rate: float) -> None:
        self._viewers = Rates(valkey_url, rate)
        self._practices = Rates(valkey_url, PRACTICE * rate)

    async def wait(self, viewer: Viewer) -> float:
        """Take one operation; gives 0, or the seconds until there is more."""
        wait = await self._viewers.wait(viewer.key)
        return wait or await self._practices.wait(_practice(viewer))

    async def run(self, viewer: Viewer, operation: Coroutine[Any, Any, T]) -> T:
        """Run an operation that was admitted, and take what it cost."""
        cost = Cost()
        try:
            return await metered(operation, cost)
        finally:
            permits = int(cost.loop / LOOP_SECONDS + cost.database / DATABASE_SECONDS)
            if permits > 1:
                self._viewers.charge(viewer.key, permits - 1)
                self._practices.charge(_practice(viewer), permits - 1)

    async def close(self) -> None:
        """Close the connections."""
        await self._viewers.close()
        await self._practices.close()


def _practice(viewer: Viewer) -> str:
    return f"practice:{viewer.practice_id}"
