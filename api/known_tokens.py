"""Tokens that were good a while ago, by their hashes: known to all processes, through Valkey."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Coroutine
from typing import Any

from redis.exceptions import RedisError

from workers.valkey import connect

logger = logging.getLogger(__name__)

KEY = "recalls:good-tokens"
MAX_TOKENS, DAYS = 10_000, 30
"""Tokens that are kept, and for how long after they were last good."""
AGAIN = 3_600.0
"""Seconds after which it is said again that a token is good."""
FRESH = 1.0
"""Seconds for which what the others know is believed."""
ANSWER_SECONDS = 1.0
"""How long Valkey may take to answer."""


class KnownTokens:
    """What the other processes, and this one before its start, know to be good.

    Whoever reads Valkey can't use a hash of it: it isn't the one in PostgreSQL. Whoever writes to
    it has tokens looked up, not let in. Nothing here is waited for: where Valkey is away, each
    process knows what it has seen itself.
    """

    def __init__(self, valkey_url: str) -> None:
        self._valkey = connect(valkey_url, ANSWER_SECONDS)
        self._elsewhere: frozenset[bytes] = frozenset()
        self._tried_at = -FRESH
        self._said: dict[bytes, float] = {}
        self._work: set[asyncio.Task[None]] = set()

    def has(self, token: str) -> bool:
        """Tell whether the token was good, as far as was known a second ago."""
        now = time.monotonic()
        if now - self._tried_at >= FRESH:
            self._tried_at = now
            self._begin(self._read())
        return _hash(token) in self._elsewhere

    def say(self, token: str) -> None:
        """Say that the token is good."""
        key, now = _hash(token), time.monotonic()
        if now < self._said.get(key, 0.0):
            return
        if len(self._said) >= MAX_TOKENS:
            del self._said[next(iter(self._said))]
        self._said[key] = now + AGAIN
        self._begin(self._write(key))

    async def close(self) -> None:
        """Close the connections."""
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._valkey.aclose()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._try(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _try(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (RedisError, OSError) as error:
            logger.warning("Valkey doesn't answer (%s)", type(error).__name__)

    async def _read(self) -> None:
        self._elsewhere = frozenset(await self._valkey.zrange(KEY, 0, -1))

    async def _write(self, key: bytes) -> None:
        now = time.time()
        async with self._valkey.pipeline() as together:
            together.zadd(KEY, {key: now})
            together.zremrangebyscore(KEY, 0, now - DAYS * 86_400)
            together.zremrangebyrank(KEY, 0, -MAX_TOKENS - 1)
            together.expire(KEY, DAYS * 86_400)
            await together.execute()


def _hash(token: str) -> bytes:
    return hashlib.blake2b(
        token.encode(errors="surrogatepass"), digest_size=16, person=b"recalls good"
    ).digest()
