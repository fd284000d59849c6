"""Compression of large answers, for clients that accept gzip."""

import asyncio
from gzip import compress

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

LARGE, HUGE = 4096, 500_000
"""Bytes from which an answer is compressed, and from which that is done on another thread."""
LEVEL = 1
"""The fastest: a page of the list still shrinks to a fifth."""


class Compression(GZipMiddleware):
    """Compresses large answers of the routes."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=LARGE, compresslevel=LEVEL)


async def compressed(body: bytes) -> bytes:
    """Return the body in gzip."""
    if len(body) < HUGE:
        return compress(body, LEVEL)
    # A megabyte takes as long as ten pages of a list; other clients get theirs meanwhile.
    return await asyncio.to_thread(compress, body, LEVEL)
