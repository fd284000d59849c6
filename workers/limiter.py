"""The sender's rate limit and the gateway's pauses, across all workers, in Valkey."""

import logging
import time
from dataclasses import dataclass

from redis.exceptions import RedisError

from workers.valkey import connect

logger = logging.getLogger(__name__)

# A token bucket that holds a second's worth. Libraries for this answer yes or no to a fixed number;
# a worker asks how many it may have. It goes by Valkey's clock, so that all hosts share one.
TAKE = """
local rate, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local paused = redis.call('PTTL', KEYS[2])
if paused > 0 and wanted > 0 then return {0, paused} end
if rate == 0 then return {wanted, 0} end
local size = math.max(1, rate)
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
local was = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(was[1]) or size
tokens = math.min(size, tokens + math.max(0, now - (tonumber(was[2]) or now)) * rate)
-- At least a fifth of a second's worth at a time, so that a claim is worthwhile.
local least = math.min(wanted, math.max(1, rate / 5))
local granted, wait = 0, 0
if wanted < 0 then
  tokens = math.min(size, tokens - wanted)
elseif tokens < least then
  wait = math.ceil((least - tokens) / rate * 1000)
else
  granted = math.min(wanted, math.floor(tokens))
  tokens = tokens - granted
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(size / rate * 1000) + 60000)
return {granted, wait}
"""
AWAY_SECONDS = 1.0
"""Seconds that Valkey may take to answer, and that it is left alone for if it doesn't."""


@dataclass(frozen=True, slots=True)
class Permits:
    """How many messages may be handed over now; if none, after how many seconds to ask again."""

    granted: int
    wait: float = 0.0


class Limiter:
    """Decides how many messages may go to the gateway now.

    ``sender`` names whose limit it is; ``rate`` is in messages a second, or None for no limit of
    ours. If Valkey forgets, one second's worth too many may go; while it is away, nothing goes if
    there is a limit to keep, and everything if there is none.
    """

    def __init__(self, valkey_url: str, sender: str, *, rate: float | None) -> None:
        self._rate = rate or 0.0
        self._bucket = f"recalls:sent:{sender}"
        self._pause = f"recalls:paused:{sender}"
        self._valkey = connect(valkey_url, AWAY_SECONDS)
        self._take = self._valkey.register_script(TAKE)
        self._paused_until = 0.0
        self._away_until = 0.0

    async def take(self, wanted: int) -> Permits:
        """Return permits for up to ``wanted`` messages; unused ones must be given back."""
        now = time.monotonic()
        if now < self._paused_until:
            return Permits(0, self._paused_until - now)
        if now < self._away_until:
            return self._without_valkey(wanted)
        try:
            granted, wait = await self._ask(wanted)
        except (RedisError, OSError) as error:
            logger.warning("Valkey doesn't answer (%s)", type(error).__name__)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return self._without_valkey(wanted)
        return Permits(granted, wait / 1000)

    async def give_back(self, unused: int) -> None:
        """Give back permits; if that fails they are lost, and some messages are sent later."""
        if not self._rate or not unused:
            return
        try:
            await self._ask(-unused)
        except (RedisError, OSError) as error:
            logger.warning("permits are lost: %s", type(error).__name__)

    async def pause(self, seconds: float) -> None:
        """Let no worker take a permit for ``seconds``."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        milliseconds = max(1, round(seconds * 1000))
        try:
            # Never cuts a longer pause short.
            async with self._valkey.pipeline() as pipeline:
                pipeline.set(self._pause, 1, px=milliseconds, nx=True)
                pipeline.pexpire(self._pause, milliseconds, gt=True)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("the other workers don't know of the pause: %s", type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()

    async def _ask(self, wanted: int) -> tuple[int, int]:
        answer: list[int] = await self._take(
            keys=[self._bucket, self._pause], args=[self._rate, wanted]
        )
        granted, wait = answer
        return granted, wait

    def _without_valkey(self, wanted: int) -> Permits:
        return Permits(0, AWAY_SECONDS) if self._rate else Permits(wanted)
