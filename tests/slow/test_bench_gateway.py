"""Tests of the gateway that the bench measures against: it counts and keeps what really arrived."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bench.gateway import Gateway, build, running_gateway
from tests.support.simulated import FORM, MESSAGES

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")

REQUEST = (
    f"POST {MESSAGES} HTTP/1.1\r\nHost: gateway\r\ncontent-length: 20\r\n\r\nTo=%2B61499&Body=Hi+"
).encode()


@pytest.fixture(scope="module")
async def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await build("gateway", tmp_path_factory.mktemp("bench"))


@pytest.fixture
async def gateway(program: Path) -> AsyncIterator[Gateway]:
    """A gateway that answers after 1 to 5 ms, and watches numbers that start with +61499."""
    async with running_gateway(program, (1, 5), "+61499") as running:
        yield running


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(gateway.url) as session:
        yield session


@asynccontextmanager
async def connection(
    gateway: Gateway,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_message_is_accepted_as_twilio_does(client: aiohttp.ClientSession) -> None:
    # when
    async with client.post(MESSAGES, data=FORM) as answer:
        told = await answer.json()
    # then
    assert answer.status == 201
    assert told["status"] == "queued"
    assert len(told["sid"]) == 34
    assert told["sid"].startswith("SM")


async def test_every_message_over_many_connections_is_counted(
    gateway: Gateway, client: aiohttp.ClientSession
) -> None:
    # given
    async def send(number: int) -> str:
        async with client.post(MESSAGES, data=FORM | {"Body": "x" * number}) as answer:
            sid: str = (await answer.json())["sid"]
            return sid

    # when
    sids = await asyncio.gather(*(send(number) for number in range(300)))
    # then
    arrivals = await gateway.arrivals()
    assert arrivals.count == len(set(sids)) == 300
    assert arrivals.first < arrivals.last


async def test_arrivals_for_watched_numbers_are_kept_and_others_are_not(
    gateway: Gateway, client: aiohttp.ClientSession
) -> None:
    # given
    before = time.time()
    # when
    for number in ("+61499000001", "+61491570156", "+61499000002"):
        async with client.post(MESSAGES, data=FORM | {"To": number}):
            continue
    # then
    (first, first_at), (second, second_at) = (await gateway.arrivals()).watched
    assert (first, second) == ("+61499000001", "+61499000002")
    assert before - 0.01 <= first_at <= second_at <= time.time() + 0.01


async def test_a_reset_forgets_what_arrived(
    gateway: Gateway, client: aiohttp.ClientSession
) -> None:
    # given
    async with client.post(MESSAGES, data=FORM | {"To": "+61499000001"}):
        assert (await gateway.arrivals()).count == 1
    # when
    await gateway.reset()
    # then
    arrivals = await gateway.arrivals()
    assert (arrivals.count, arrivals.watched) == (0, [])


async def test_requests_in_pieces_and_several_in_one_are_all_answered(gateway: Gateway) -> None:
    # given
    stream = REQUEST * 3
    async with connection(gateway) as (reader, writer):
        # when
        for piece in (stream[:30], stream[30 : len(REQUEST) + 50], stream[len(REQUEST) + 50 :]):
            writer.write(piece)
            await writer.drain()
        answers = [await _answer(reader) for _ in range(3)]
    # then
    assert [answer.split()[1] for answer in answers] == [b"201"] * 3
    assert (await gateway.arrivals()).count == 3


async def test_a_client_that_goes_away_disturbs_nobody(
    gateway: Gateway, client: aiohttp.ClientSession
) -> None:
    # given a client that leaves before its answer, and one that leaves in mid-request
    for request in (REQUEST, REQUEST[:-3]):
        async with connection(gateway) as (_, writer):
            writer.write(request)
            await writer.drain()
    # when
    await gateway.until_arrived(1, seconds=5)
    async with client.post(MESSAGES, data=FORM) as answer:
        # then
        assert answer.status == 201
    assert (await gateway.arrivals()).count == 2


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST.replace(b"content-length: 20", b"Content-Length: 99999999999"),
        REQUEST.replace(b"content-length: 20", b"Transfer-Encoding: chunked"),
        b"x" * 65_536,
    ],
    ids=["too long", "chunked", "no request"],
)
async def test_requests_that_it_cannot_follow_are_refused(
    gateway: Gateway, request_: bytes
) -> None:
    # given
    async with connection(gateway) as (reader, writer):
        # when
        writer.write(request_)
        # then
        assert (await reader.readline()).split()[1] == b"400"
    assert (await gateway.arrivals()).count == 0


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    return head + await reader.readexactly(length)
