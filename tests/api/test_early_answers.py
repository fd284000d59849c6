"""Tests that answers given before the whole request has arrived aren't lost."""

import asyncio
import struct

import pytest

from api import connections
from api.transport import UNWANTED
from tests.support.raw_client import HOST, Raw, raw, raw_socket
from tests.support.served import Served

POST = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
GET = b"GET /sign-in.json HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n"
PIECE = b"x" * 100_000


async def send_all(opened: Raw, *data: bytes, seconds: float = 0) -> None:
    """Send without reading meanwhile; raises ``OSError`` once the server takes no more."""
    async with asyncio.timeout(20):
        for each in data:
            opened.writer.write(each)
            await opened.writer.drain()
            await asyncio.sleep(seconds)


def admins(served: Served) -> bytes:
    return b"Authorization: Bearer " + served.admin.encode() + b"\r\n"


@pytest.mark.parametrize("close", [b"", CLOSE], ids=["kept", "to be closed"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_client_that_reads_only_after_sending_too_large_a_body_is_answered(
    served: Served, announced: bool, close: bytes
) -> None:
    # given
    length, pieces = b"Content-Length: 8200000\r\n", [PIECE] * 82
    if not announced:
        length = b"Transfer-Encoding: chunked\r\n"
        pieces = [b"186a0\r\n" + PIECE + b"\r\n"] * 82 + [b"0\r\n\r\n"]
    async with raw(served.url) as opened:
        # when
        await send_all(opened, POST + admins(served) + close + length + b"\r\n", *pieces)
        # then
        assert await opened.status() == 413


async def test_a_connection_is_good_for_the_next_request_after_an_unwanted_body(
    served: Served,
) -> None:
    async with raw(served.url) as opened:
        # given
        await send_all(opened, POST + b"Content-Length: 900000\r\n\r\n", *[PIECE] * 9)
        assert await opened.status() == 401
        # when
        await opened.send(GET + b"\r\n")
        # then
        assert await opened.status() == 200


@pytest.mark.parametrize("close", [b"", CLOSE], ids=["kept", "to be closed"])
async def test_a_client_without_a_token_is_answered_after_a_long_body(
    served: Served, close: bytes
) -> None:
    async with raw(served.url) as opened:
        # when
        length = b"Content-Length: 5000000\r\n\r\n"
        await send_all(opened, POST + close + length, *[PIECE] * 50)
        # then
        assert await opened.status() == 401


async def test_a_client_that_reads_only_after_sending_a_long_head_is_answered(
    served: Served,
) -> None:
    async with raw(served.url) as opened:
        # when
        await send_all(opened, GET + b"X: ", *[PIECE] * 20, b"\r\n\r\n")
        # then
        assert await opened.status() == 431
        assert await opened.is_cut_off()


@pytest.mark.parametrize("close", [b"", CLOSE], ids=["kept", "to be closed"])
async def test_an_endless_body_is_not_read_for_ever(served: Served, close: bytes) -> None:
    async with raw(served.url) as opened:
        # given
        await opened.send(POST + close + b"Content-Length: 9000000000\r\n\r\n")
        assert await opened.status() == 413
        # when / then
        with pytest.raises(OSError, match="onnection"):
            await send_all(opened, *[PIECE] * (2 * UNWANTED // len(PIECE)))


async def test_a_client_that_reads_the_answer_and_goes_on_slowly_is_not_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)
    monkeypatch.setitem(connections.SECONDS, "closing", 0.2)
    async with raw(served.url) as opened:
        await opened.send(POST + CLOSE + b"Content-Length: 9000000\r\n\r\n{")
        assert await opened.status() == 413
        # when / then
        with pytest.raises(OSError, match="onnection"):
            await send_all(opened, *[b"x"] * 200, seconds=0.05)


@pytest.mark.parametrize("size", [32_768, 65_536, 98_304])
async def test_a_body_that_ends_with_a_piece_is_not_taken_for_a_head(
    served: Served, size: int
) -> None:
    # given
    body = b'{"query": "{ viewer { name } }"}'.ljust(size)
    async with raw(served.url) as opened:
        # when the body comes after the head has been read
        asked = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % size
        await opened.send(POST + admins(served) + asked)
        assert await opened.status() == 100
        await opened.send(body)
        # then
        assert await opened.status() == 200


async def test_a_client_that_reads_only_after_sending_too_large_a_message_is_answered(
    served: Served,
) -> None:
    # given
    message = b"\x81\xff" + struct.pack("!Q", 5_000_000) + b"\0\0\0\0"
    async with raw_socket(served.url) as (opened, _):
        # when
        await send_all(opened, message, *[PIECE] * 50)
        # then
        async with asyncio.timeout(20):
            goodbye = await opened.reader.readexactly(4)
        assert struct.unpack("!BxH", goodbye) == (0x88, 1009)
        assert await opened.is_cut_off()


async def test_an_endless_message_is_not_read_for_ever(served: Served) -> None:
    # given
    message = b"\x81\xff" + struct.pack("!Q", 2**40) + b"\0\0\0\0"
    async with raw_socket(served.url) as (opened, _):
        # when / then
        with pytest.raises(OSError, match="onnection"):
            await send_all(opened, message, *[PIECE] * (2 * UNWANTED // len(PIECE)))


async def test_an_answer_made_after_a_refusal_is_dropped(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given a request that would be answered 403, whose body is refused before that
    head = b"POST /replies/twilio HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with raw(served.url) as opened:
        # when head and body come at once
        await opened.send(head + b"1;" + b"x" * 100_000)
        # then
        assert await opened.status() == 400
        assert await opened.is_cut_off()
    assert await served.errors("{ viewer { name } }") == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_an_answer_to_the_request_before_a_refused_one_is_dropped_as_well(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given a request whose answer is being made, and a refused one behind it
    body = b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 100_000
    async with raw(served.url) as opened:
        # when both come at once
        await opened.send(GET + b"\r\n" + POST + body)
        # then
        assert await opened.status() == 400
        assert await opened.is_cut_off()
    assert await served.errors("{ viewer { name } }") == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
