"""uvicorn's HTTP and WebSocket protocols, inside out, with limits on what clients may send unasked.

uvicorn takes other protocol classes as options, but documents nothing of its own two. We depend on
these names: ``transport``, ``flow``, ``parser``, ``headers``, ``url``, ``pipeline``,
``server_state``, ``_start_asgi_task``, and all of ``cycle`` (``Cycle``); ``handshake_initiated``,
``handshake_complete``, ``scope``, ``read_paused``, ``writable``, ``handle_events``,
``handle_parser_exception``, and of websockets' ``conn`` ``max_message_size``, ``parser_exc`` and
``events``; and on every method overridden here.
uvicorn has no limits on httptools' heads (Kludex/uvicorn#157).
tests/unit/test_uvicorn_patches.py fails once one of ours isn't needed.
"""

from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from api.connections import SECONDS, Connections, Wait
from api.cycle import Cycle
from api.problems import problem
from api.transport import Transport

HEAD = 32_768
"""Bytes of a request's head, and of a body's overhead: chunk sizes and trailers."""
HEADERS, URL = 100, 8_192
"""Headers of a request, and bytes of its URL."""
PIPELINED = 10
"""Pipelined requests that may wait for earlier answers."""
GREETING = 16_384
"""Bytes of a WebSocket's message until the client is known."""
PIECE = 1_024
"""Bytes of frames parsed at a time."""
FRAME = 4_096
"""Bytes that a frame counts as in addition to its own, because each is a step of its own."""
INNER = 64
"""Bytes that a bracket in a frame counts as, because parsing one takes as long."""
BURST, RATE = 131_072, 524_288
"""Bytes of frames that a WebSocket may send at once, and a second; any more are read later."""
TOO_MANY_HEADERS = f"There are more than {HEADERS} headers."
FULL = HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections."
KNOWN = "recalls.known"
"""Key in the extensions of a WebSocket's scope: called once the client is known."""

# uvicorn's protocol has no option for it, and makes it by this name.
httptools_impl.RequestResponseCycle = Cycle  # type: ignore[misc]


class _Refused(Exception):  # noqa: N818 - it is an answer
    """A head is refused, with a status and a reason."""


class Requests(HttpToolsProtocol):
    """uvicorn's HTTP, with short, prompt heads and bodies of little overhead; trailers are ignored.

    A faulty request is answered and the connection closed; a client that stops half-way is cut off
    (``Connections``).
    """

    transport: Any
    waited: tuple[Wait | None, float] = (None, 0.0)

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._all = Connections.of(self.server_state, self.config, self.loop)
        self._heads = 0
        """Heads received so far."""
        self._heading = True
        """Whether the next byte belongs to a head."""
        self._head = self._beside = 0
        """Bytes of the incoming head; bytes of overhead beyond what the body allows."""
        self._refusal = HTTPStatus.BAD_REQUEST, "That is not an HTTP request."
        self._upgraded = False

    def connection_made(self, transport: Any) -> None:
        """Accept the connection if there is room for it, else refuse it."""
        super().connection_made(transport)
        self.transport = Transport(transport, self._is_whole)
        if not self._all.enter(self, self.transport):
            transport.write(_refusal(*FULL))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        self._all.leave(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data, at most a head's length at a time."""
        if self.transport.ends:
            self.transport.drop(data)
            return
        if len(data) > HEAD:
            for start in range(0, len(data), HEAD):
                if self._upgraded or self.transport.is_closing():
                    return
                self.data_received(data[start : start + HEAD])
            return
        heads, heading = self._heads, self._heading
        super().data_received(data)
        if heads != self._heads:
            self._head = self._beside = 0
        elif heading:
            self._head += len(data)
            if self._head >= HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head is too long.")
            elif self.headers and len(self.headers) > HEADERS:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_MANY_HEADERS)
        elif not self._heading:
            self._beside += len(data)
            if self._beside > HEAD:
                self._refuse(HTTPStatus.BAD_REQUEST, "The body's chunks are too small.")

    def on_headers_complete(self) -> None:
        """Accept the head, or refuse it."""
        self._heads += 1
        self._heading = False
        self.transport.wants_again()
        names = [name for name, _ in self.headers]
        upgrades = self.parser.should_upgrade()
        if (
            upgrades
            or names.count(b"host") != 1
            or len(names) > HEADERS
            or len(self.url) > URL
            or self.url[:1] != b"/"
        ):
            self._check(names, upgrades=upgrades)
        super().on_headers_complete()
        if not upgrades:
            self.headers = []  # for trailers, which nobody wants
        if len(self.pipeline) > PIPELINED:
            self._wrong(HTTPStatus.BAD_REQUEST, "Wait for the answers before you send more.")

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, which allows the same amount of overhead."""
        self._beside -= 2 * len(body)
        super().on_body(body)
        if self.cycle.response_complete:
            self.transport.drop(body)

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._heading = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin the next request; uvicorn would set a timer for it, ``Connections`` has one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def handle_websocket_upgrade(self) -> None:
        """Become a WebSocket; data after the head isn't parsed as another one."""
        self._upgraded = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Say what is wrong with the request, and close the connection."""
        self._refuse(*self._refusal)

    def waits(self) -> Wait | None:
        """Return what the client is waited for."""
        if self.transport.is_closing():
            return "closing", 0
        if self.flow.write_paused:
            return "reading", self.transport.get_write_buffer_size()
        if self.cycle is not None and not self.cycle.response_complete:
            # Reading is paused while the application hasn't taken what came.
            is_sent = self._heading or self.flow.read_paused
            return None if is_sent else ("sending", self._heads)
        if not self._heading:
            return "body", self._heads
        return ("again" if self._heads and not self._head else "head"), self._heads

    def idles(self) -> bool:
        """Return whether no request is in progress."""
        return self._heading and (self.cycle is None or self.cycle.response_complete)

    def give_up(self, what: str) -> None:
        """Close the connection; tell the client why if it has begun to send a head."""
        if what == "head" and self._head:
            told = "The head of the request took too long."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, told)
        elif what == "sending" and not self.cycle.response_started:
            told = f"The body took longer than {SECONDS[what]:g} seconds."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, told)
        elif what == "again":
            self.transport.close()
        else:
            self.transport.abort()

    def _is_whole(self) -> bool:
        return self._heading and not self._head

    def _check(self, names: list[bytes], *, upgrades: bool) -> None:
        """Raise ``_Refused`` if the head isn't valid HTTP (RFC 9112) or is too large."""
        if len(names) > HEADERS:
            self._wrong(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_MANY_HEADERS)
        if len(self.url) > URL:
            self._wrong(HTTPStatus.REQUEST_URI_TOO_LONG, f"The URL is longer than {URL} bytes.")
        hosts = names.count(b"host")
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            self._wrong(HTTPStatus.BAD_REQUEST, "Send exactly one Host header.")
        if not self.url.startswith((b"/", b"*")) and not self._is_of_host():
            self._wrong(HTTPStatus.BAD_REQUEST, "The URL and the Host header name different hosts.")
        if upgrades and (b"content-length" in names or b"transfer-encoding" in names):
            self._wrong(HTTPStatus.BAD_REQUEST, "A WebSocket handshake must not have a body.")

    def _is_of_host(self) -> bool:
        """Return whether the URL is absolute and names the same host as Host."""
        _, separator, rest = self.url.partition(b"://")
        authority = rest.partition(b"/")[0].partition(b"?")[0].lower()
        return bool(separator) and (b"host", authority) in [
            (name, value.lower()) for name, value in self.headers
        ]

    def _wrong(self, status: HTTPStatus, told: str) -> None:
        self._refusal = status, told
        raise _Refused(*self._refusal)

    def _refuse(self, status: HTTPStatus, told: str) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(_refusal(status, told))
        self.transport.close()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True  # so that its application stops waiting
            self.cycle.message_event.set()


@lru_cache(maxsize=32)
def _refusal(status: HTTPStatus, told: str) -> bytes:
    """Return an answer's bytes, cached because clients may cause thousands a second."""
    body = bytes(problem(told, "BAD_USER_INPUT", status=status).body)
    head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return STATUS_LINE[status] + head % len(body) + body


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, with a rate limit on what is read from them.

    One that is already closing doesn't hold up the server's shutdown.
    """

    transport: Any
    waited: tuple[Wait | None, float] = (None, 0.0)

    def __init__(self, config: Any, server_state: Any, *more: Any, **named: Any) -> None:
        super().__init__(config, server_state, *more, **named)
        self._all = Connections.of(server_state, self.config, self.loop)
        self.conn.max_message_size = GREETING
        self._unread: deque[bytes] = deque()
        self._paid_until = 0.0
        """When enough time will have passed for what has been read, at ``RATE``."""
        self._waking: Any = None

    def connection_made(self, transport: Any) -> None:
        """Take over the connection of the request that asked for a WebSocket."""
        super().connection_made(transport)
        self.transport.is_whole = self._is_whole
        self._all.enter(self, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another."""
        self._all.leave(self.transport)
        self._unread.clear()
        super().connection_lost(exc)

    def handle_connect(self, event: Any) -> None:
        """Let the application answer; it calls ``KNOWN`` once it knows the client."""
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: Any = self.scope["extensions"]
            extensions[KNOWN] = self._known

    def data_received(self, data: bytes) -> None:
        """Queue the data in pieces, and read on."""
        if self.transport.ends:
            self.transport.drop(data)
            return
        self._unread.extend(data[start : start + PIECE] for start in range(0, len(data), PIECE))
        self._read()

    async def receive(self) -> Any:
        """Return the application's next event, and read on."""
        event = await super().receive()
        self._read()
        return event

    async def send(self, message: Any) -> None:
        """Send the application's message, and read on if that closes the connection."""
        await super().send(message)
        if self._unread:
            self._read()

    def shutdown(self) -> None:
        """Close the connection; tell the client, unless it has begun to close it itself."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()

    def waits(self) -> Wait | None:
        """Return what the client is waited for; the application limits the time to sign in."""
        if self.transport.is_closing():
            return "closing", 0
        if not self.writable.is_set():
            return "reading", self.transport.get_write_buffer_size()
        return None

    def idles(self) -> bool:
        """Return False: a client is watching. Unknown clients are counted elsewhere."""
        return False

    def give_up(self, what: str) -> None:  # noqa: ARG002
        """Close the connection."""
        self.transport.abort()

    def _is_whole(self) -> bool:
        return self.conn.parser_exc is None and not self._unread

    def _known(self) -> None:
        self.conn.max_message_size = self.config.ws_max_size

    def _read(self) -> None:
        """Read on, unless the application has events to take or the rate is exceeded."""
        if self._waking is not None or self.transport.is_closing():
            return
        now = self.loop.time()
        while self._unread and not self.read_paused:
            wait = self._paid_until - now - BURST / RATE
            if wait > 0:
                self._waking = self.loop.call_later(wait, self._wake)
                break
            piece = self._unread.popleft()
            frames = self._take(piece)
            self._paid_until = max(self._paid_until, now) + (len(piece) + FRAME * frames) / RATE
            if self.transport.is_closing():
                return
        if self._unread:
            self.transport.pause_reading()
        elif not self.read_paused:
            self.transport.resume_reading()
            if not self.handshake_initiated:
                self._refuse_handshake()

    def _wake(self) -> None:
        self._waking = None
        self._read()

    def _take(self, piece: bytes) -> int:
        """Parse a piece as uvicorn does, and return its number of frames."""
        self.conn.receive_data(piece)
        frames = len(self.conn.events)
        texts = [getattr(each, "data", b"") for each in self.conn.events]
        inner = sum(text.count(b"[") + text.count(b"{") for text in texts)
        self._paid_until += inner * INNER / RATE
        try:
            if self.conn.parser_exc is not None:
                self.handle_parser_exception()
            else:
                self.handle_events()
        except InvalidState:  # errors can't be reported on a connection that is closing
            self.transport.close()
        return frames

    def _refuse_handshake(self) -> None:
        """Close after a whole head that isn't a WebSocket's; uvicorn would leave it open."""
        answer = b"".join(self.conn.data_to_send())
        self.transport.write(answer or STATUS_LINE[HTTPStatus.BAD_REQUEST] + b"\r\n")
        self.transport.close()
