"""Tests of the torture test's network: it loses, holds and passes data on as told."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvloop

from tests.support.simulated import until
from tests.torture.evidence import passed_on
from tests.torture.relay import Route

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def relayed() -> AsyncIterator[tuple[Route, Streams]]:
    """Open a route to a server that echoes, and a working connection through it."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    route = Route(f"127.0.0.1:{port_of(server.sockets)}")
    relay = await asyncio.get_running_loop().create_server(route.accept, "127.0.0.1", 0)
    streams = await asyncio.open_connection("127.0.0.1", port_of(relay.sockets))
    try:
        assert await echoed(streams, b"hello") == b"hello"
        yield route, streams
    finally:
        streams[1].close()
        relay.close()
        server.close()


def port_of(sockets: tuple[socket.socket, ...]) -> int:
    port: int = sockets[0].getsockname()[1]
    return port


async def echoed(streams: Streams, data: bytes, seconds: float = 5) -> bytes | None:
    """Return what comes back, b"" if the connection was closed, None if nothing comes."""
    reader, writer = streams
    writer.write(data)
    try:
        async with asyncio.timeout(seconds):
            return await reader.read(1024)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


@pytest.mark.parametrize("way", ["requests", "answers", "both"])
async def test_lost_data_never_comes_and_the_connection_stays_open(way: str) -> None:
    async with relayed() as (route, streams):
        # when
        route.command("lose", way)
        lost = await echoed(streams, b"one", 0.05)
        route.command("pass")
        # then
        assert lost is None
        assert await echoed(streams, b"two", 0.05) is None
        assert len(route.halves) == 2


@pytest.mark.parametrize("way", ["requests", "answers", "both"])
async def test_held_data_comes_once_it_may_pass(way: str) -> None:
    async with relayed() as (route, streams):
        # when
        route.command("hold", way)
        held = await echoed(streams, b"one", 0.05)
        route.command("pass")
        # then
        assert held is None
        assert await echoed(streams, b"") == b"one"


async def test_held_data_is_lost_if_the_connection_is_cut() -> None:
    async with relayed() as (route, streams):
        # given
        route.command("hold", "answers")
        assert await echoed(streams, b"one", 0.05) is None
        # when
        route.command("cut")
        # then
        assert await echoed(streams, b"") == b""


def test_data_for_a_connection_that_was_just_lost_is_lost() -> None:
    async def write_until_both_ends_are_gone() -> None:
        async with relayed() as (route, streams):
            # given
            [ours] = [half for half in route.halves if half._way == "requests"]
            assert ours.other is not None
            # when, at each turn of the event loop
            ours.other.transport.abort()
            while route.halves:
                ours.data_received(b"one")
                await asyncio.sleep(0)
            # then
            assert await echoed(streams, b"two") == b""

    # uvloop, as in the torture test, raises where asyncio drops what it can't write
    uvloop.run(write_until_both_ends_are_gone())


async def test_the_log_says_when_a_message_was_last_passed_to_the_gateway(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    message = b"Body=Hello&StatusCallback=http%3A%2F%2Flocalhost%3Freference%3D1.0f3e"
    log = tmp_path / "network.log"
    async with relayed() as (route, streams):
        began = time.time()
        await echoed(streams, message)
        again = time.time()
        await echoed(streams, message)
        # when
        route.command("lose", "requests")
        lost = time.time()
        await echoed(streams, message, 0.05)
    # then
    log.write_text(f"relaying\n{capsys.readouterr().out}")
    [(reference, passed)] = passed_on(log).items()
    assert reference == "1.0f3e"
    assert began < again < passed < lost


async def test_data_that_a_client_sent_before_it_left_never_comes_late() -> None:
    # given a server without room for the connection, which waits for it
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    first = await asyncio.open_connection(*server.getsockname())
    route = Route(f"127.0.0.1:{port_of((server,))}")
    relay = await asyncio.get_running_loop().create_server(route.accept, "127.0.0.1", 0)
    _, client = await asyncio.open_connection("127.0.0.1", port_of(relay.sockets))
    client.write(b"late")
    await until(holding(route, True), 5)
    client.close()
    await until(holding(route, False), 5)
    # when it has room
    server.settimeout(10)
    accepted = [(await asyncio.to_thread(server.accept))[0] for _ in range(2)]
    # then
    accepted[1].settimeout(10)
    with suppress(ConnectionError):
        assert await asyncio.to_thread(accepted[1].recv, 1024) == b""
    for each in (*accepted, server):
        each.close()
    first[1].close()
    relay.close()


def holding(route: Route, wanted: bool) -> Callable[[], Awaitable[bool]]:
    """Return a condition: the route has something to pass on, or, if not ``wanted``, nothing."""

    async def holds() -> bool:
        return any(half._held for half in route.halves) is wanted

    return holds
