"""Tests of the torture test's network: what it is to lose is lost, what it is to hold is held."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.support.simulated import until
from tests.torture.evidence import passed_on
from tests.torture.relay import Route

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def relayed() -> AsyncIterator[tuple[Route, Streams]]:
    """A route to a server that echoes, and a connection through it that works."""

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
    """Give what comes back, b"" where the connection was closed, None where nothing comes."""
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
async def test_what_is_lost_never_comes_and_the_connection_stays_open(way: str) -> None:
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
async def test_what_is_held_comes_once_it_may_pass(way: str) -> None:
    async with relayed() as (route, streams):
        # when
        route.command("hold", way)
        held = await echoed(streams, b"one", 0.05)
        route.command("pass")
        # then
        assert held is None
        assert await echoed(streams, b"") == b"one"


async def test_what_is_held_is_lost_where_the_connection_is_cut() -> None:
    async with relayed() as (route, streams):
        # given
        route.command("hold", "answers")
        assert await echoed(streams, b"one", 0.05) is None
        # when
        route.command("cut")
        # then
        assert await echoed(streams, b"") == b""


async def test_it_says_when_it_had_a_message_for_the_gateway_last(
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


async def test_what_a_client_sent_before_it_left_never_comes_late() -> None:
    # given a server that has no room for the connection, which waits for some
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    first = await asyncio.open_connection(*server.getsockname())
    route = Route(f"127.0.0.1:{port_of((server,))}")
    relay = await asyncio.get_running_loop().create_server(route.accept, "127.0.0.1", 0)
    _, client = await asyncio.open_connection("127.0.0.1", port_of(relay.sockets))
    client.write(b"late")
    await until(holding(route, True), 5)
    client.close()
    await until(holding(route, False), 5)
    # when it has
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
    """Tell whether the route has a connection with something to pass on."""

    async def holds() -> bool:
        return any(half._held for half in route.halves) is wanted

    return holds
