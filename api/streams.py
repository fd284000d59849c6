"""What lasts: connections and streams, a few for each token, and only while the token is good."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, TypeVar

from api.admission import Admission
from api.viewers import Viewers
from core.identity import Viewer

T = TypeVar("T")
MAX_STREAMS = 20
"""WebSockets and streams of events that a token may have open with one process."""
LOOK_AGAIN = 5.0
"""Seconds after which a stream that has no news is ended if its token is no longer good."""


class TooManyError(Exception):
    """The token has as many connections and streams as it may have."""


class RevokedError(Exception):
    """The token of a stream is no longer good."""


class Streams:
    """The open connections and streams of one process."""

    def __init__(self, viewers: Viewers, admission: Admission) -> None:
        self._viewers = viewers
        self._admission = admission
        self._open: Counter[str] = Counter()

    @contextmanager
    def slot(self, viewer: Viewer) -> Iterator[None]:
        """Count a connection or a stream; raises ``TooManyError`` where there are too many."""
        if self._open[viewer.key] >= MAX_STREAMS:
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

        Nothing is given later than a second after the token was revoked
        (``Viewers.authenticate_cached``), and a stream that has nothing to give ends after
        ``LOOK_AGAIN`` seconds all the same.
        """
        waiting = asyncio.timeout(None)

        async def look_again() -> None:
            while True:
                await asyncio.sleep(LOOK_AGAIN)
                # Where it can't be asked, nothing is given either: that asks as well.
                with suppress(Exception):
                    if await self._now(authorization, origin) is None:
                        waiting.reschedule(0)

        looking = asyncio.create_task(look_again())
        try:
            async with aclosing(stream):
                while True:
                    # One task from here down to the statement that waits: who hangs up frees it.
                    waiting = asyncio.timeout(None)
                    try:
                        async with waiting:
                            found = await anext(stream)
                    except StopAsyncIteration:
                        return
                    except TimeoutError:
                        if waiting.expired():
                            raise RevokedError from None
                        raise
                    viewer = await self._now(authorization, origin)
                    if viewer is None:
                        raise RevokedError
                    await self._admission.pay(viewer)
                    yield found
        finally:
            looking.cancel()

    async def _now(self, authorization: Any, origin: str | None) -> Viewer | None:
        # What goes on by itself is no use that keeps a session from ending.
        return await self._viewers.authenticate_cached(authorization, origin, in_use=False)
