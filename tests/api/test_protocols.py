"""Tests of what a client may send before the application sees it: heads, frames, and nothing."""

import asyncio
import socket
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from api import connections
from dev.listening import a_listener
from tests.support.raw_client import HOST, PING, TEXT, WEBSOCKET, Raw, frame, post, raw, raw_socket
from tests.support.served import Served, serving
from tests.support.simulated import until

GET = b"GET /sign-in.json HTTP/1.1\r\n"
WHO = {"query": "{ viewer { name } }"}
MANY = b"".join(b"X-%d: x\r\n" % n for n in range(101))
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that give up soon."""
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(connections, "SECONDS", dict.fromkeys(connections.SECONDS, 0.2))


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET + HOST + b"X: " + b"x" * 32_768 + b"\r\n\r\n", 431),
        (GET + HOST + b"X" * 40_000 + b": x\r\n\r\n", 431),
        (GET + HOST + MANY + b"\r\n", 431),
        (b"\r\n" * 20_000 + GET + HOST + b"\r\n", 431),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + HOST + WEBSOCKET + b"X: " + b"x" * 9_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + WEBSOCKET + b"Content-Length: 1\r\n\r\nx", 400),
    ],
    ids=["header", "name", "headers", "lines", "URL", "WebSocket", "WebSocket's body"],
)
async def test_a_head_that_is_too_large_is_refused_and_the_connection_closed(
    served: Served, head: bytes, status: int
) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send(head)
        # then
        assert await opened.status() == status
        assert await opened.is_cut_off()


async def test_a_client_that_goes_on_sending_a_head_is_cut_off(served: Served) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send(GET + HOST + b"X: ", *([b"x" * 100_000] * 100))
        # then
        assert await opened.is_cut_off()


async def test_a_head_of_32_kilobytes_that_comes_in_pieces_is_refused(served: Served) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send(GET + HOST, *([b"X: " + b"x" * 995 + b"\r\n"] * 40))
        # then
        assert await opened.status() == 431


@pytest.mark.parametrize(
    "lines",
    [
        [GET],
        [GET, HOST, HOST],
        [GET, HOST, b"Host: evil.example\r\n"],
        [b"GET http://evil.example/sign-in.json HTTP/1.1\r\n", HOST],
        [b"GET http://127.0.0.1:1/sign-in.json HTTP/1.1\r\n", HOST],
    ],
    ids=["none", "twice", "two", "another's URL", "another port's"],
)
async def test_a_request_is_for_one_host(served: Served, lines: list[bytes]) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send(*lines, b"\r\n")
        # then
        assert await opened.status() == 400
        assert await opened.is_cut_off()


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://127.0.0.1/sign-in.json HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET http://Recalls.Example:80/ HTTP/1.1\r\nHost: recalls.example:80\r\n",
        b"GET /sign-in.json HTTP/1.0\r\n",
    ],
    ids=["absolute", "in capitals", "HTTP/1.0"],
)
async def test_a_request_that_names_its_host_in_another_way_is_answered(
    served: Served, head: bytes
) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send(head, b"\r\n")
        # then
        assert await opened.status() in (200, 404)


async def drip(opened: Raw, data: bytes) -> None:
    for byte in data:
        await opened.send(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kept_alive", [False, True])
@pytest.mark.parametrize(
    ("sent", "then", "status"),
    [
        (b"", b"", None),
        (b"GET / HT", b"", 408),
        (GET + HOST + b"X: ", b"x" * 1_000, 408),
        (b"\r\n", b"\r\n" * 500, 408),
    ],
    ids=["silent", "half", "byte by byte", "blank lines"],
)
async def test_a_head_that_does_not_come_is_not_waited_for(
    served: Served, sent: bytes, then: bytes, status: int | None, kept_alive: bool
) -> None:
    async with raw(served.url) as opened:
        # given
        if kept_alive:
            await opened.send(GET + HOST + b"\r\n")
            assert await opened.status() == 200
        # when
        await opened.send(sent)
        dripping = asyncio.create_task(drip(opened, then))
        # then
        assert await opened.status() == status
        assert await opened.is_cut_off()
        dripping.cancel()


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_nobody_wants_is_not_waited_for(served: Served) -> None:
    async with raw(served.url) as opened:
        # given a request that is answered before its body has come
        await opened.send(b"POST /graphql HTTP/1.1\r\n", HOST, b"Content-Length: 9000\r\n\r\n{")
        assert await opened.status() == 401
        # when
        dripping = asyncio.create_task(drip(opened, b"x" * 9_000))
        # then
        assert await opened.is_cut_off()
        dripping.cancel()


@pytest.mark.parametrize(
    "body",
    [
        b"1;" + b"x" * 500_000,
        b"1\r\nx\r\n0\r\nX: " + b"x" * 500_000,
        b"1\r\nx\r\n" * 50_000,
    ],
    ids=["extension", "trailer", "tiny chunks"],
)
async def test_the_overhead_of_a_chunked_body_is_limited(served: Served, body: bytes) -> None:
    async with raw(served.url) as opened:
        # given
        path = b"POST /replies/twilio HTTP/1.1\r\n"
        signature = b"X-Twilio-Signature: " + b"A" * 27 + b"=\r\n"
        await opened.send(path, HOST, CHUNKED, signature, b"\r\n")
        # when
        await opened.send(body)
        # then
        assert await opened.status() == 400
        assert await opened.is_cut_off()


async def test_trailers_are_not_headers(served: Served) -> None:
    async with raw(served.url) as opened:
        # when
        token = b"Authorization: Bearer " + served.admin.encode() + b"\r\n"
        head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST + CHUNKED
        await opened.send(head + b"\r\n2\r\n{}\r\n0\r\n" + token + b"\r\n")
        # then
        assert await opened.status() == 401


async def test_pipelined_requests_are_limited(served: Served) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send((GET + HOST + b"\r\n") * 1_000)
        # then
        assert await opened.is_cut_off()


async def test_a_few_pipelined_requests_are_answered_in_order(served: Served) -> None:
    async with raw(served.url) as opened:
        # when
        await opened.send((GET + HOST + b"\r\n") * 5)
        # then
        assert [await opened.status() for _ in range(5)] == [200] * 5


@pytest.mark.usefixtures("impatient")
async def test_a_client_that_reads_no_answer_is_cut_off() -> None:
    # given an answer that no buffer has room for
    ended = asyncio.Event()

    async def answer(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            start = {"type": "http.response.start", "status": 200, "headers": []}
            try:
                await send(start)
                for _ in range(100):
                    await send(
                        {"type": "http.response.body", "body": b"x" * 10**6, "more_body": True}
                    )
            finally:
                ended.set()

    listener = a_listener()
    async with serving(listener, lambda: answer):
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(GET + HOST + b"\r\n")
            # when / then
            async with asyncio.timeout(20):
                await ended.wait()


@pytest.fixture
async def without_proxy(served: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A second API, which trusts no proxy about addresses."""
    monkeypatch.setattr(connections, "EACH", 3)
    async with served.again(TRUSTED_PROXIES="none") as other:
        yield other


async def test_connections_from_an_address_are_limited(without_proxy: Served) -> None:
    async with AsyncExitStack() as opened:
        # given
        first, *_ = [await opened.enter_async_context(raw(without_proxy.url)) for _ in range(3)]
        # when
        refused = await opened.enter_async_context(raw(without_proxy.url))
        # then
        assert await refused.status() == 503
        # but one that has closed makes room
        first.writer.close()
        await first.writer.wait_closed()

        async def answered() -> bool:
            async with raw(without_proxy.url) as another:
                await another.send(GET + HOST + b"\r\n")
                return await another.status() == 200

        await until(answered)


async def test_headers_are_counted_before_the_head_has_ended(served: Served) -> None:
    # given a head that doesn't end
    async with raw(served.url) as connection:
        # when
        await connection.send(GET + HOST + b"aa:ba\r\n" * 1000)
        # then
        assert await connection.status() == 431


async def test_new_connections_per_second_from_an_address_are_limited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(connections, "OPENED", 0.5)
    async with served.again(TRUSTED_PROXIES="none") as other:

        async def answer() -> int | None:
            async with raw(other.url) as connection:
                await connection.send(GET + HOST + b"Connection: close\r\n\r\n")
                return await connection.status()

        # when each opens after the one before has closed
        answers = [await answer() for _ in range(4)]
        # then the first is that of the client that checks that the API is up
        assert answers.count(200) == 2
        assert set(answers) <= {200, 503, None}


async def test_a_client_that_sends_nothing_makes_room_for_one_that_does(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)
    async with served.again() as other, AsyncExitStack() as opened:
        silent = [await opened.enter_async_context(raw(other.url)) for _ in range(5)]
        # when
        another = await opened.enter_async_context(raw(other.url))
        await another.send(GET + HOST + b"\r\n")
        # then
        assert await another.status() == 200
        assert await silent[0].is_cut_off()


def bomb() -> bytes:
    """Return a frame of a thousand bytes that inflates to a message of a megabyte."""
    squeezing = zlib.compressobj(9, zlib.DEFLATED, -12)
    squeezed = squeezing.compress(b" " * 990_000) + squeezing.flush(zlib.Z_SYNC_FLUSH)
    return frame(squeezed[:-4], compressed=True)


async def test_a_websocket_decompresses_nothing(served: Served) -> None:
    # given
    asked = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
    async with raw_socket(served.url, asked) as (opened, head):
        # when
        await opened.send(bomb())
        # then
        assert b"deflate" not in head
        assert await opened.is_cut_off()


async def test_an_unauthenticated_client_may_only_send_short_messages(served: Served) -> None:
    # given
    async with served.socket(None, greet=False) as opened:
        # when
        await opened.send('{"type": "connection_init", "payload": {"x": "' + "x" * 17_000 + '"}}')
        await opened.wait_closed()
    # then
    assert opened.close_code == 1009


async def test_unauthenticated_websockets_from_an_address_are_limited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two unauthenticated WebSockets, and one that is authenticated
    monkeypatch.setattr("api.sockets.UNKNOWN", (2, 2, 2))
    async with (
        served.again() as other,
        other.operations(),
        other.socket(None, greet=False) as silent,
        other.socket(None, greet=False),
    ):
        # when
        with pytest.raises(InvalidStatus) as refused:
            async with other.socket(None, greet=False):
                pass
        # then
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"]
        # but one that has closed makes room
        await silent.close()
        async with other.operations():
            pass


async def test_many_frames_are_read_little_by_little(served: Served) -> None:
    # given frames that would take seconds to read
    pings = frame(b"", PING) * 200_000
    async with raw_socket(served.url) as (opened, _):
        flooding = asyncio.create_task(opened.send(pings))
        # when
        loop, slowest = asyncio.get_running_loop(), 0.0
        for _ in range(20):
            began = loop.time()
            async with raw(served.url) as other:
                token = b"Authorization: Bearer " + served.admin.encode() + b"\r\n"
                await other.send(post("/graphql", WHO, token))
                assert await other.status() == 200
            slowest = max(slowest, loop.time() - began)
        flooding.cancel()
    # then
    assert slowest < 1.0


async def test_a_client_that_hangs_up_midway_is_not_logged_as_an_error(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given a body that doesn't come, WebSocket text that isn't UTF-8, and text after the close
    token = b"Authorization: Bearer " + served.admin.encode() + b"\r\nContent-Length: 100\r\n"
    json_type = b"Content-Type: application/json\r\n"
    for path in (b"/graphql", b"/exports/audit"):
        async with raw(served.url) as connection:
            # when
            head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + token + json_type + b"\r\n{"
            await connection.send(head)
    async with raw_socket(served.url) as (connection, _):
        closing = struct.pack("!H", 1000)
        await connection.send(frame(closing, 8) + frame(b"\xff\xfe", TEXT) + frame(b"{", TEXT))
        assert await connection.is_cut_off()
    assert await served.errors("{ viewer { name } }") == []
    # then
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
