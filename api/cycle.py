"""A request and its answer: one of known length is written at once, with a head that is kept."""

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

LEFT_TO_UVICORN = frozenset({b"connection", b"transfer-encoding", b"content-length"})
Headers = tuple[tuple[bytes, bytes], ...]


class Cycle(RequestResponseCycle):
    """uvicorn's, which writes the head first, and checks and joins it anew for every answer.

    An answer whose last header is its Content-Length waits for its body, as ASGI has it: "the
    server must not start sending the response until it has received at least one body event".
    """

    _start: Any = None

    async def send(self, message: Any) -> None:
        """Take a part of the answer."""
        start = self._start
        if start is None:
            if not self.response_started and _tells_length(message):
                self._start = message
            else:
                await super().send(message)
            return
        self._start = None
        if not self._can_be_written_at_once(message):
            await super().send(start)
            await super().send(message)
            return
        *others, (_, length) = start["headers"]
        head, body = _head(start["status"], tuple(others)), message.get("body", b"")
        if head is None or int(length) != len(body):
            await super().send(start)  # which knows what to do
            await super().send(message)
            return
        if self.flow.write_paused:
            await self.flow.drain()
        if self.disconnected:
            return
        mine = b"".join([b"%b: %b\r\n" % header for header in self.default_headers])
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"".join([head, mine, b"content-length: ", length, b"\r\n\r\n", body]))
        self.message_event.set()
        self.on_response()

    def _can_be_written_at_once(self, message: Any) -> bool:
        return (
            message["type"] == "http.response.body"
            and not message.get("more_body")
            and self.keep_alive
            and not self.disconnected
            and self.scope["method"] != "HEAD"
        )


def _tells_length(message: Any) -> bool:
    headers = message.get("headers")
    return bool(headers) and headers[-1][0] == b"content-length"


@lru_cache(256)
def _head(status: int, headers: Headers) -> bytes | None:
    """Return the head's beginning; None if a header isn't valid, or needs uvicorn's attention."""
    lines = [STATUS_LINE[status]]
    for given, value in headers:
        name = given.lower()
        if name in LEFT_TO_UVICORN or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            return None
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines)
