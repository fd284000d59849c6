"""The end of a connection: a client that still sends reads the last answer before it is closed."""

from collections.abc import Callable
from typing import Any

UNWANTED = 10_000_000
"""Bytes that are read of a request after its answer, and of a WebSocket after our goodbye.

A client whose connection is closed while it sends is told that it was reset, and not the answer
(RFC 9112, 9.6).
"""


class Transport:
    """A connection's transport, which isn't closed while the client sends: it has to read."""

    def __init__(self, transport: Any, is_whole: Callable[[], bool]) -> None:
        self._transport = transport
        self.is_whole = is_whole
        """Tells whether the client has nothing more to send of what it has begun."""
        self.write: Callable[[bytes], None] = transport.write  # looked up once
        self.ends = False
        """Whether the last has been said, and what comes is dropped."""
        self._unwanted = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Tell whether nothing more can be said."""
        return self.ends or bool(self._transport.is_closing())

    def close(self) -> None:
        """Say no more; whoever has yet to send something closes the connection then."""
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
        """Count from the beginning what is not wanted."""
        self._unwanted = 0

    def drop(self, data: bytes) -> None:
        """Take what nobody wants any more, unless it is too much."""
        self._unwanted += len(data)
        if self._unwanted > UNWANTED:
            self._transport.abort()


def _drop(_data: bytes) -> None:
    """Take what an application says too late, as a transport that is closed does."""
