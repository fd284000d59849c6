"""Tests of what we override in uvicorn and uvloop, and that they still don't do it."""

import asyncio
import inspect
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
import websockets.protocol
import websockets.server
from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.middleware import proxy_headers
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets import websockets_sansio_impl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState

from api.cycle import Cycle
from api.protocols import HEAD, HEADERS, PIPELINED, URL, Requests, Sockets
from api.uvicorn_patches import (
    UNSAID,
    is_after_close,
    is_after_hang_up,
    quiet_uvicorn,
    trusted_proxies,
)
from tests.siege.wire import frame, read_answer, upgrade
from tests.support.upstream import still_raises

PLAIN, OURS = (HttpToolsProtocol, WebSocketsSansIOProtocol), (Requests, Sockets)
CLOSE, TEXT = frame((1000).to_bytes(2), opcode=8), frame(b"\xff")
"""A close, and a text that isn't UTF-8."""


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the names of the headers, once the body has come if it is chunked."""
    if dict(scope["headers"]).get(b"transfer-encoding"):
        while (await receive()).get("more_body"):
            pass
    body = b" ".join(name for name, _ in scope["headers"])
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def accepting(scope: Any, receive: Any, send: Any) -> None:
    """Accept a WebSocket, and wait until it ends."""
    assert scope["type"] == "websocket"
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@asynccontextmanager
async def connected(
    protocols: tuple[type[Any], type[Any]], app: Any
) -> AsyncIterator[tuple[asyncio.Transport, asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield the transport of the server's end of a connection, and the client's end."""
    http, ws = protocols
    config = Config(app, ws=ws, log_config=None)
    near, far = socket.socketpair()
    serving = http(config=config, server_state=ServerState(), app_state={})
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: serving, sock=near)
    reader, writer = await asyncio.open_connection(sock=far)
    try:
        async with asyncio.timeout(10):
            yield transport, reader, writer
    finally:
        transport.abort()
        writer.close()


@asynccontextmanager
async def opened(protocols: tuple[type[Any], type[Any]]) -> AsyncIterator[Any]:
    """Yield the server's end of a WebSocket that is open."""
    async with connected(protocols, accepting) as (transport, reader, writer):
        writer.write(upgrade())
        await reader.readuntil(b"\r\n\r\n")
        yield transport.get_protocol()


# HTTP: what Requests does better


def get(*lines: str, url: str = "/") -> bytes:
    """Return the head of a request."""
    return "\r\n".join([f"GET {url} HTTP/1.1", *lines, "", ""]).encode()


HOST = "Host: a"


@pytest.mark.parametrize(
    ("request_", "limit"),
    [
        (get(HOST, f"X: {'x' * HEAD}"), "HEAD"),
        (get(HOST, *(f"X-{number}: x" for number in range(HEADERS))), "HEADERS"),
        (get(HOST, url=f"/{'x' * URL}"), "URL"),
        (get(), "Requests._check's for Host"),
        (get(HOST, HOST), "Requests._check's for Host"),
        (get(HOST, url="http://b/"), "Requests._check's for the URL's host"),
    ],
)
async def test_uvicorn_still_takes_any_head(request_: bytes, limit: str) -> None:
    # when: it has an option for h11's heads, and none for httptools' (Kludex/uvicorn#157)
    async with connected(PLAIN, answering) as (_, reader, writer):
        writer.write(request_)
        answer, _ = await read_answer(reader)
    # then
    assert answer.status == 200, f"It refuses this: {limit} isn't needed"


async def writes_of_an_answer(protocols: tuple[type[Any], type[Any]]) -> list[bytes]:
    """Return what is written for an answer, piece by piece."""
    pieces: list[bytes] = []
    async with connected(protocols, answering) as (transport, reader, writer):
        serving: Any = transport.get_protocol()
        write = serving.transport.write

        def noted(data: bytes) -> None:
            pieces.append(data)
            write(data)

        if isinstance(serving.transport, asyncio.Transport):
            serving.transport = Noting(serving.transport, noted)
        else:
            serving.transport.write = noted
        writer.write(get(HOST))
        await read_answer(reader)
    return pieces


class Noting:
    """A transport whose ``write`` is replaced."""

    def __init__(self, transport: asyncio.Transport, write: Any) -> None:
        self._transport = transport
        self.write = write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def test_uvicorn_still_writes_a_head_by_itself() -> None:
    # given
    ours = await writes_of_an_answer(OURS)
    # when
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httptools_impl, "RequestResponseCycle", Cycle.__base__)
        pieces = await writes_of_an_answer(PLAIN)
    # then
    assert len(pieces) > 1, "It writes both at once: api/cycle.py isn't needed"
    assert [b"".join(pieces)] == ours


async def test_uvicorn_still_takes_any_number_of_requests_at_once() -> None:
    # when
    async with connected(PLAIN, answering) as (_, reader, writer):
        writer.write(get(HOST) * 2 * PIPELINED)
        answers = [(await read_answer(reader))[0] for _ in range(2 * PIPELINED)]
    # then
    assert {each.status for each in answers} == {200}, "It limits them: PIPELINED isn't needed"


async def test_uvicorn_still_takes_trailers_for_headers() -> None:
    # given
    body = b"1\r\nx\r\n0\r\nX-Late: x\r\n\r\n"
    # when
    async with connected(PLAIN, answering) as (_, reader, writer):
        writer.write(get(HOST, "Transfer-Encoding: chunked") + body)
        answer, _ = await read_answer(reader)
    # then
    assert b"x-late" in answer.body, "It ignores trailers: look at Requests.on_headers_complete"


async def test_uvicorn_still_cuts_off_a_client_that_is_sending() -> None:
    # when
    async with connected(PLAIN, answering) as (transport, reader, writer):
        writer.write(get(HOST, "Connection: close", "Content-Length: 9"))
        await read_answer(reader)
        # then
        assert transport.is_closing(), "It waits for the rest: look at api/transport.py"


async def test_a_client_that_is_sending_is_not_cut_off() -> None:
    # when
    async with connected(OURS, answering) as (transport, reader, writer):
        writer.write(get(HOST, "Connection: close", "Content-Length: 9"))
        await read_answer(reader)
        # then
        assert not transport.is_closing()
        writer.write(b"x" * 9)
        assert await reader.read() == b""


def test_uvicorn_still_has_no_other_limits_and_timeouts() -> None:
    # given
    names = inspect.signature(Config).parameters
    # when
    limits = {name for name in names if {"limit", "timeout", "max"} & set(name.split("_"))}
    # then
    assert limits == {
        "limit_concurrency",  # in all, and whoever comes last is refused
        "limit_max_requests",  # after which a process ends
        "limit_max_requests_jitter",
        "h11_max_incomplete_event_size",  # for the other HTTP
        "timeout_keep_alive",
        "timeout_notify",
        "timeout_graceful_shutdown",
        "timeout_worker_healthcheck",
        "ws_max_size",
        "ws_max_queue",
        "ws_ping_timeout",
    }, "It has others now: look at api/protocols.py and api/connections.py"


def test_uvicorns_check_of_a_proxy_is_still_private() -> None:
    # when
    public = [
        name
        for name, kind in vars(proxy_headers).items()
        if inspect.isclass(kind) and hasattr(kind, "__contains__") and not name.startswith("_")
    ]
    # then
    assert public == [], f"{public} may be the check: use it in trusted_proxies"


@pytest.mark.parametrize(
    ("setting", "host", "trusted"),
    [
        ("10.0.0.0/8, 192.0.2.1", "10.1.2.3", True),
        ("10.0.0.0/8, 192.0.2.1", "192.0.2.1", True),
        ("10.0.0.0/8", "192.0.2.1", False),
        ("*", "192.0.2.1", True),
        ("", "127.0.0.1", False),
    ],
)
def test_the_proxies_that_the_settings_name_are_trusted(
    setting: str, host: str, trusted: bool
) -> None:
    # given
    config = Config(answering, forwarded_allow_ips=setting, log_config=None)
    # then
    assert trusted_proxies(config)(host) is trusted


# WebSockets: what Sockets does better


async def test_uvicorn_still_fails_to_shut_down_a_websocket_that_is_closing() -> None:
    # given
    async with opened(PLAIN) as serving:
        serving.data_received(CLOSE)
        # then
        with still_raises(InvalidState, "It shuts down: remove Sockets.shutdown"):
            serving.shutdown()


async def test_a_websocket_that_is_closing_is_shut_down() -> None:
    # given
    async with opened(OURS) as serving:
        serving.data_received(CLOSE)
        # when
        serving.shutdown()
        # then
        assert serving.transport.is_closing()


async def test_uvicorn_still_fails_to_report_an_error_on_a_websocket_that_is_closing() -> None:
    # given
    async with opened(PLAIN) as serving:
        # then
        with still_raises(InvalidState, "It closes: remove InvalidState from Sockets._take"):
            serving.data_received(TEXT + CLOSE)


async def test_an_error_on_a_websocket_that_is_closing_closes_it() -> None:
    # given
    async with opened(OURS) as serving:
        # when
        serving.data_received(TEXT + CLOSE)
        # then
        assert serving.transport.is_closing()


NO_HANDSHAKE = upgrade().removesuffix(b"\r\n") + b"X: " + b"x" * 9_000 + b"\r\n\r\n"
"""One whose header is longer than websockets takes."""


async def test_uvicorn_still_leaves_a_handshake_open_that_is_not_a_websockets() -> None:
    # given
    async with connected(PLAIN, accepting) as (transport, _, writer):
        # when
        writer.write(NO_HANDSHAKE)
        async with asyncio.timeout(5):
            while isinstance(transport.get_protocol(), HttpToolsProtocol):
                await asyncio.sleep(0)
        # then
        assert not transport.is_closing(), "It closes: remove Sockets._refuse_handshake"


async def test_a_handshake_that_is_not_a_websockets_is_refused() -> None:
    # given
    async with connected(OURS, accepting) as (_, reader, writer):
        # when
        writer.write(NO_HANDSHAKE)
        # then
        assert (await reader.read()).startswith(b"HTTP/1.1 431")


async def test_only_a_text_still_tells_that_a_websocket_is_closed() -> None:
    # given
    async with opened(OURS) as serving:
        await serving.send({"type": "websocket.close"})
        # when
        with pytest.raises(Exception, match="websocket") as raised:
            await serving.send({"type": "websocket.send", "text": "x"})
    # then
    assert type(raised.value) is RuntimeError, "It has an error of its own: remove is_after_close"
    assert is_after_close(raised.value)


async def write_after_the_end() -> None:
    near, far = socket.socketpair()
    with far:
        _, writer = await asyncio.open_connection(sock=near)
        writer.transport.abort()
        await asyncio.sleep(0)
        writer.write(b"x")


def test_only_a_text_still_tells_that_uvloops_connection_is_closed() -> None:
    # when
    with pytest.raises(Exception, match="closed") as raised:
        uvloop.run(write_after_the_end())
    # then
    assert type(raised.value) is RuntimeError, "It has an error of its own: remove is_after_hang_up"
    assert is_after_hang_up(raised.value)


# Its log


WRITTEN_BY: Sequence[Any] = (
    httptools_impl,
    websockets_sansio_impl,
    websockets.server,
    websockets.protocol,
)


@pytest.mark.parametrize("text", UNSAID)
def test_uvicorn_still_logs_what_clients_can_cause(text: str) -> None:
    # given
    quiet_uvicorn()
    logger = logging.getLogger("uvicorn.error")
    # then
    assert any(text in inspect.getsource(module) for module in WRITTEN_BY), (
        "It no longer logs this line: remove it from UNSAID"
    )
    assert not logger.filter(logging.LogRecord(logger.name, logging.INFO, "", 0, text, (), None))


# Starlette


def test_starlette_still_has_no_option_against_redirects() -> None:
    # then
    assert "redirect_slashes" not in inspect.signature(Starlette).parameters, (
        "It takes redirect_slashes: pass it in api/app.py"
    )
