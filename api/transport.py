"""The end of a connection: a client that is still sending can read the last answer.

uvicorn closes it at once; tests/unit/test_uvicorn_patches.py fails once it doesn't.
"""

from collections.abc import Callable
from typing import Any

UNWANTED = 10_000_000
"""Bytes read and dropped from a request after its answer, or a WebSocket after our close.

A client whose connection is closed while it is sending sees a reset instead of the answer
(RFC 9112, 9.6).
"""


class Transport:
    """A connection's transport that stays open while the client sends, so that it can read."""

    def __init__(self, transport: Any, is_whole: Callable[[], bool]) -> None:
        self._transport = transport
        self.is_whole = is_whole
        """Returns whether the client has finished what it began to send."""
        self.write: Callable[[bytes], None] = transport.write  # looked up once
        self.ends = False
        """Whether the last answer has been written, so that incoming data is dropped."""
        self._unwanted = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether nothing more can be written."""
        return self.ends or bool(self._transport.is_closing())

    def close(self) -> None:
        """Write no more. A client that is still sending is left to close the connection itself."""
        if self.is_whole() or not self._transport.can_write_eof():
            self._transport.close()
        elif not self.is_closing():
            self.ends = True
            self.write = _drop  # nothing can be written any more
            try:
                self._transport.write_eof()
                self._transport.resume_reading()
            except OSError:  # the client has gone
                self._transport.abort()

    def wants_again(self) -> None:
        """Reset the count of dropped bytes."""
        self._unwanted = 0

    def drop(self, data: bytes) -> None:
        """Drop data that nobody wants any more, and the connection if it is too much."""
        self._unwanted += len(data)
        if self._unwanted > UNWANTED:
            self._transport.abort()


def _drop(_data: bytes) -> None:
    """Ignore what an application writes too late, as a closed transport does."""
