"""What lasts: connections and streams, a few for each token, and only while the token is good."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar

from api.viewers import Viewers
from db.tokens import Viewer

T = TypeVar("T")
MOST = 20
"""WebSockets and streams of events that a token may have open with one process."""
LOOK_AGAIN = 5.0
"""Seconds after which a stream that has no news is ended if its token is no longer good."""


class TooManyError(Exception):
    """The token has as many connections and streams as it may have."""


class RevokedError(Exception):
    """The token of a stream is no longer good."""


class Streams:
    """The open connections and streams of one process."""

    def __init__(self, viewers: Viewers) -> None:
        self._viewers = viewers
        self._open: Counter[str] = Counter()

    async def viewer(self, authorization: Any, origin: str | None) -> Viewer | None:
        """Give who asks, as of now; None where it is no good token."""
        return await self._viewers.now(authorization, origin)

    @contextmanager
    def place(self, viewer: Viewer) -> Iterator[None]:
        """Count a connection or a stream; raises ``TooManyError`` where there are too many."""
        if self._open[viewer.key] >= MOST:
            raise TooManyError
        self._open[viewer.key] += 1
        try:
            yield
        finally:
            self._open[viewer.key] -= 1
            if not self._open[viewer.key]:
                del self._open[viewer.key]

    async def watched(
        self, stream: AsyncGenerator[T, None], authorization: Any, origin: str | None
    ) -> AsyncGenerator[T, None]:
        """Give what the stream gives, while the token is good; then raise ``RevokedError``.

        Nothing is given later than a second after the token was revoked (``Viewers.lately``), and
        a stream that has nothing to give ends after ``LOOK_AGAIN`` seconds all the same.
        """
        async with aclosing(stream):
            while True:
                coming = asyncio.ensure_future(_next(stream))
                try:
                    while not (await asyncio.wait({coming}, timeout=LOOK_AGAIN))[0]:
                        await self._look(authorization, origin)
                finally:
                    await _stopped(coming)
                found = coming.result()
                if not found:
                    return
                await self._look(authorization, origin)
                yield found[0]

    async def _look(self, authorization: Any, origin: str | None) -> None:
        if await self._viewers.lately(authorization, origin) is None:
            raise RevokedError


async def _next(stream: AsyncIterator[T]) -> list[T]:
    """Give what comes next; nothing at the end, for a task can't raise StopAsyncIteration."""
    async for found in stream:
        return [found]
    return []


async def _stopped(task: asyncio.Future[Any]) -> None:
    """Cancel the task where it isn't done, and wait for what it does then."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # so that nobody misses it
