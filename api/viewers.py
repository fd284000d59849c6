"""Who holds a token: asked of the database, or as it was a moment ago."""

import time
from typing import Any

from db.rows import Reader
from db.tokens import Viewer, viewer_of

LATELY = 1.0
"""Seconds for which a token that was good is believed to be; a revoked one reads for no longer."""
MOST = 10_000
"""Tokens that are remembered; all are forgotten when there are more."""


class Viewers:
    """Finds the viewer of an ``Authorization`` header, ``Bearer`` and a token of ours."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._seen: dict[str, tuple[Viewer, float]] = {}

    async def now(self, authorization: Any) -> Viewer | None:
        """Ask the database; None where that is no good token. For whatever changes something."""
        if not isinstance(authorization, str):
            return None
        scheme, _, token = authorization.partition(" ")
        viewer = (
            await viewer_of(self._reader, token.strip()) if scheme.lower() == "bearer" else None
        )
        if viewer is None:
            self._seen.pop(authorization, None)
            return None
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[authorization] = viewer, time.monotonic() + LATELY
        return viewer

    async def lately(self, authorization: Any) -> Viewer | None:
        """As ``now``, but believe what the database said within the last second. For reading.

        Asking costs a fifth of what a page of the list does.
        """
        viewer, until = self._seen.get(authorization, (None, 0.0))
        return viewer if time.monotonic() < until else await self.now(authorization)
