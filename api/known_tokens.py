"""Known tokens: hashes of tokens that were good lately, shared by all processes via Valkey."""

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
"""Number of tokens kept, and days until one is dropped after it was last good."""
REWRITE_SECONDS = 3_600.0
"""Seconds after which a good token is written again."""
FRESH_SECONDS = 1.0
"""Seconds for which what was read from Valkey is used."""
ANSWER_SECONDS = 1.0
"""Seconds that Valkey may take to answer."""


class KnownTokens:
    """Tokens that other processes, or this one before its restart, have found to be good.

    Somebody who can read Valkey can't use the hashes: they differ from those in PostgreSQL.
    Somebody who can write to it gets tokens looked up, not accepted. Nothing here is waited for:
    while Valkey is down, each process knows only the tokens that it has seen itself.
    """

    def __init__(self, valkey_url: str) -> None:
        self._valkey = connect(valkey_url, ANSWER_SECONDS)
        self._elsewhere: frozenset[bytes] = frozenset()
        self._tried_at = -FRESH_SECONDS
        self._written_until: dict[bytes, float] = {}
        self._work: set[asyncio.Task[None]] = set()

    def has(self, token: str) -> bool:
        """Return whether the token is known to have been good, as of a second ago."""
        now = time.monotonic()
        if now - self._tried_at >= FRESH_SECONDS:
            self._tried_at = now
            self._begin(self._read())
        return _hash(token) in self._elsewhere

    def add(self, token: str) -> None:
        """Record that the token is good, in the background."""
        key, now = _hash(token), time.monotonic()
        if now < self._written_until.get(key, 0.0):
            return
        if len(self._written_until) >= MAX_TOKENS:
            del self._written_until[next(iter(self._written_until))]
        self._written_until[key] = now + REWRITE_SECONDS
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
