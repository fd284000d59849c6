"""Rate limits on operations: budgets that all processes share through Valkey."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from workers.valkey import connect

logger = logging.getLogger(__name__)

BURST_SECONDS = 10.0
"""Seconds of budget that an idle client saves up, and can use at once."""
MAX_AT_ONCE = 50
"""Permits that a process fetches at a time: a second's worth, but at most this many."""
ANSWER_SECONDS = 1.0
"""Seconds that Valkey may take to answer; to a busy process it mustn't seem to be down."""
AWAY_SECONDS = 5.0
"""Seconds for which Valkey isn't asked after it failed to answer."""
MAX_KEYS = 10_000
"""Viewers or addresses remembered; when there are more, the first one is forgotten."""

# A budget is stored as the time when it will be whole again, by Valkey's clock, so that all hosts
# share one. The sender's limit (workers/limiter.py) differs: it has pauses, and takes permits back.
TAKE = """
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
local whole = tonumber(redis.call('GET', KEYS[1])) or now
-- In case the clock was set: neither in the past, nor further ahead than it can be.
whole = math.min(math.max(whole, now), now + burst)
local left = math.floor((now + burst - whole) * rate + 0.001)
local granted = math.min(wanted, left)
if granted == 0 then return {0, math.ceil((whole + 1 / rate - now - burst) * 1000)} end
whole = whole + granted / rate
redis.call('SET', KEYS[1], string.format('%.6f', whole), 'PX', math.ceil((whole - now) * 1000))
return {granted, 0}
"""


class Budgets:
    """Budgets of one process alone: ``rate`` a second, ``burst`` seconds' worth at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._whole: dict[str, float] = {}

    def take(self, key: str, wanted: int = 1) -> tuple[int, float]:
        """Return how many of ``wanted`` are granted and, if none, the seconds until one is."""
        now = time.monotonic()
        whole = max(now, self._whole.pop(key, now))
        granted = min(wanted, int((now + self._burst - whole) * self._rate + 0.001))
        if len(self._whole) >= MAX_KEYS:
            del self._whole[next(iter(self._whole))]
        self._whole[key] = whole = whole + granted / self._rate
        return granted, 0.0 if granted else whole + 1 / self._rate - now - self._burst


@dataclass(slots=True)
class _Held:
    """A process's part of a viewer's budget."""

    left: int = 0
    not_before: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """Budgets of ``rate`` operations a second each; 0 sets no limit.

    While Valkey is down, each process has a budget of its own, so that nobody is refused for that.
    """

    def __init__(self, valkey_url: str, rate: float) -> None:
        self._rate = rate
        self._batch = max(1, min(MAX_AT_ONCE, int(rate)))
        self._burst = max(BURST_SECONDS, 1 / rate) if rate else 0.0
        self._alone = Budgets(rate, self._burst)
        self._held: dict[str, _Held] = {}
        self._away_until = 0.0
        self._valkey = connect(valkey_url, ANSWER_SECONDS)
        self._take = self._valkey.register_script(TAKE)

    def take_held(self, key: str) -> bool:
        """Take an operation off what this process holds of the budget; return False if nothing."""
        if not self._rate:
            return True
        held = self._held.get(key)
        if held is None or not held.left:
            return False
        held.left -= 1
        return True

    async def try_acquire(self, key: str) -> float:
        """Take an operation off the budget of ``key``; return 0, or the seconds to wait if refused.

        ``key`` identifies the client, and holds no personal data.
        """
        if self.take_held(key):
            return 0.0
        held = self._held.get(key) or self._hold(key)
        async with held.asking:  # one fetches for all who wait
            if not held.left:
                wait = held.not_before - time.monotonic()
                if wait > 0:
                    return wait
                held.left, wait = await self._fetch(key)
                if not held.left:
                    held.not_before = time.monotonic() + wait
                    return wait
            held.left -= 1
        return 0.0

    async def close(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()

    def _hold(self, key: str) -> _Held:
        if len(self._held) >= MAX_KEYS:
            del self._held[next(iter(self._held))]
        held = self._held[key] = _Held()
        return held

    async def _fetch(self, key: str) -> tuple[int, float]:
        """Return how many of a batch the budget grants and, if none, the seconds until one is.

        The rest of a batch is kept for later: at worst each process holds one.
        """
        if time.monotonic() < self._away_until:
            return self._alone.take(key, self._batch)
        try:
            granted, milliseconds = await self._take(
                keys=[f"recalls:operations:{key}"], args=[self._rate, self._burst, self._batch]
            )
        except (RedisError, OSError) as error:
            logger.warning("Valkey doesn't answer (%s)", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return self._alone.take(key, self._batch)
        return granted, milliseconds / 1000
