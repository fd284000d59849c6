"""How many operations each viewer may run: a budget shared by all processes through Valkey."""

import logging
import time
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

WINDOW = 10.0
"""Seconds for which a budget is given: who was quiet for a while may do much at once."""
BATCHES = 20
"""Into how many parts a budget is cut: a process fetches one, and asks again when it is used up."""
AWAY_SECONDS = 0.5
"""How long Valkey may take to answer, and then is left alone for when it didn't."""
MOST = 10_000
"""Viewers that are remembered; all are forgotten when there are more."""


@dataclass(slots=True)
class _Held:
    """What a process has of a viewer's budget in a window."""

    window: int
    left: int
    spent: bool = False


class Rates:
    """Budgets of ``rate`` operations a second each; 0 sets none.

    Where Valkey is away each process gives a budget of its own: nobody is refused for that.
    """

    def __init__(self, valkey_url: str, rate: float) -> None:
        self._budget = int(rate * WINDOW)
        self._batch = max(1, self._budget // BATCHES)
        self._held: dict[str, _Held] = {}
        self._away_until = 0.0
        self._valkey = Redis.from_url(
            valkey_url, socket_timeout=AWAY_SECONDS, socket_connect_timeout=AWAY_SECONDS
        )

    async def wait(self, key: str) -> float:
        """Take an operation off the budget of ``key``; gives 0, or the seconds until there is more.

        ``key`` says who asks, and holds no personal data.
        """
        if not self._budget:
            return 0.0
        now = time.time()
        window = int(now // WINDOW)
        held = self._held.get(key)
        if held is None or held.window != window:
            if len(self._held) >= MOST:
                self._held.clear()
            held = self._held[key] = _Held(window, 0)
        if not held.left and not held.spent:
            granted = await self._fetch(key, window)
            held.left += granted
            held.spent = not granted
        if held.left:
            held.left -= 1
            return 0.0
        return max(0.1, (window + 1) * WINDOW - time.time())

    async def close(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()

    async def _fetch(self, key: str, window: int) -> int:
        """Give how many of a batch are within the budget of all processes."""
        name = f"recalls:operations:{key}:{window}"
        if time.monotonic() < self._away_until:
            return self._alone(key)
        try:
            async with self._valkey.pipeline() as pipeline:
                pipeline.incrby(name, self._batch)
                pipeline.expire(name, int(2 * WINDOW))
                taken, _ = await pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("Valkey doesn't answer (%s)", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return self._alone(key)
        left: int = self._budget - (taken - self._batch)
        return max(0, min(self._batch, left))

    def _alone(self, key: str) -> int:
        """Give this process's own budget for the rest of the window, once."""
        held = self._held[key]
        granted, held.spent = (0 if held.spent else self._budget), True
        return granted
