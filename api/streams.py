"""Long-lived connections and streams: a few per token, and only while the token is valid."""

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
"""WebSockets and event streams that a token may have open with one process."""
LOOK_AGAIN = 5.0
"""Seconds after which a stream without events ends if its token is no longer valid."""


class TooManyError(Exception):
    """The token already has ``MAX_STREAMS`` connections and streams."""


class RevokedError(Exception):
    """A stream's token is no longer valid."""


class Streams:
    """The open connections and streams of one process."""

    def __init__(self, viewers: Viewers, admission: Admission) -> None:
        self._viewers = viewers
        self._admission = admission
        self._open: Counter[str] = Counter()

    @contextmanager
    def slot(self, viewer: Viewer) -> Iterator[None]:
        """Hold a place for a connection or stream. Raises ``TooManyError`` if there is none."""
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
        """Yield the stream's items while the token is valid; then raise ``RevokedError``.

        Nothing is yielded later than a second after the token was revoked
        (``Viewers.authenticate_cached``), and a stream without items still ends after
        ``LOOK_AGAIN`` seconds.
        """
        waiting = asyncio.timeout(None)

        async def look_again() -> None:
            while True:
                await asyncio.sleep(LOOK_AGAIN)
                # If this check fails, nothing is yielded either, because that is checked too.
                with suppress(Exception):
                    if await self._now(authorization, origin) is None:
                        waiting.reschedule(0)

        looking = asyncio.create_task(look_again())
        try:
            async with aclosing(stream):
                while True:
                    # One task down to the waiting statement, so that hanging up frees it.
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
        # A stream that goes on by itself isn't use that keeps a session alive.
        return await self._viewers.authenticate_cached(authorization, origin, in_use=False)
