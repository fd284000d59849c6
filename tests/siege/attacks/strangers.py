"""Attacks on connections, request heads and WebSockets, by anyone who can connect."""

import asyncio
import itertools

from tests.siege.attack import ELSEWHERE, Fight, attack
from tests.siege.wire import (
    GONE,
    KEPT,
    Line,
    deflated,
    frame,
    http,
    read_answer,
    read_frame,
    said,
    upgrade,
)

CROWD = 600
"""Connections that do little."""
PING = '{{"type": "ping", "payload": {{"x": "{}"}}}}'
PIECE = 256_000
"""Bytes that a server reads at once."""


async def listen(fight: Fight, reader: asyncio.StreamReader) -> None:
    """Read from a WebSocket until it's closed, and count how."""
    kind, told = 0, b""
    try:
        while kind != 8:
            kind, told = await read_frame(reader)
    except GONE:
        fight.answers["cut"] += 1
        return
    fight.answers[f"closed {int.from_bytes(told[:2])}"] += 1


async def answered(fight: Fight, reader: asyncio.StreamReader) -> None:
    """Read an answer, and count it."""
    try:
        answer, _goes_on = await read_answer(reader)
    except GONE:
        fight.answers["cut"] += 1
    else:
        fight.answers[str(answer)] += 1


async def socket(fight: Fight, line: Line, *, compressed: bool = False) -> bool:
    """Open a WebSocket; return whether it's compressed."""
    reader, writer = await line.open()
    writer.write(upgrade(compressed=compressed))
    head = await reader.readuntil(b"\r\n\r\n")
    fight.answers[head[9:12].decode()] += 1
    if b" 101 " not in head:
        raise ConnectionError
    return b"permessage-deflate" in head


@attack()
async def bombs(fight: Fight) -> None:
    """Messages of 1 MB compressed to 1 KB, if accepted, before authentication, 2 MB a second."""
    message = PING.format(" " * 990_000).encode()
    bomb = frame(deflated(message), compressed=True)
    bombs, plain = bomb * (PIECE // len(bomb)), frame(message)[:PIECE]

    async def throw(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            compressed = await socket(fight, line, compressed=True)
            reader, writer = await line.open()
            listening = asyncio.ensure_future(listen(fight, reader))
            while not listening.done():
                writer.write(bombs if compressed else plain)
                await writer.drain()
                await asyncio.wait({listening}, timeout=1)
            await listening
        finally:
            line.close()

    await fight.each(8, throw)


@attack()
async def large_first_messages(fight: Fight) -> None:
    """Messages of 1 MB before authentication, 16 MB a second."""
    message = frame(PING.format("a" * 990_000).encode())
    numbers = itertools.count()

    async def say(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            await socket(fight, line)
            reader, writer = await line.open()
            listening = asyncio.ensure_future(listen(fight, reader))
            while not listening.done():
                await fight.turn(next(numbers), 16)
                if writer.is_closing():  # writing would be an error in uvloop
                    raise ConnectionError
                writer.write(message)
                await writer.drain()
            await listening
        finally:
            line.close()

    await fight.each(16, say)


@attack()
async def silent_sockets(fight: Fight) -> None:
    """600 WebSockets that say nothing, each reopened when closed."""

    async def wait(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            await socket(fight, line)
            reader, _writer = await line.open()
            await listen(fight, reader)
        finally:
            line.close()

    await fight.each(CROWD, wait)


@attack()
async def chattering_sockets(fight: Fight) -> None:
    """50 WebSockets that ping all the time and never authenticate."""
    ping = said(type="ping") * 50

    async def chat(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            await socket(fight, line)
            reader, writer = await line.open()
            listening = asyncio.ensure_future(listen(fight, reader))
            while not listening.done():
                writer.write(ping)
                await writer.drain()
                await asyncio.wait({listening}, timeout=0.5)
            await listening
        finally:
            line.close()

    await fight.each(50, chat)


async def send_much(fight: Fight, head: bytes) -> None:
    """Send a head and 8, 32 or 64 MB more on each of three connections, 25 MB a second."""
    sizes, piece = itertools.cycle((8, 32, 64)), b"a" * PIECE
    numbers = itertools.count()

    async def send(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            reader, writer = await line.open()
            answering = asyncio.ensure_future(answered(fight, reader))
            writer.write(head)
            for _piece in range(next(sizes) * 10**6 // PIECE):
                await fight.turn(next(numbers), 100)
                writer.write(piece)
                await writer.drain()
            await answering
        finally:
            line.close()

    await fight.each(3, send)


@attack()
async def large_headers(fight: Fight) -> None:
    """Headers of 8, 32 or 64 MB that never end."""
    await send_much(fight, http("GET", "/healthz")[:-2] + b"X-Much: ")


@attack()
async def unwanted_bodies(fight: Fight) -> None:
    """Bodies without a token, and their remainder after the answer."""
    head = http("POST", "/graphql", b"", {"Content-Type": "application/json"})
    chunked = head.replace(b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n")
    await send_much(fight, chunked + b"ffffffff\r\n")


@attack()
async def large_fields(fight: Fight) -> None:
    """Accept, Content-Type or Authorization of 1 MB, each different, 15 MB a second."""
    names = ("Accept", "Content-Type", "Authorization")
    filler = ",".join(f"a/{n}" for n in range(200_000))[:1_000_000]

    def asked(n: int) -> bytes:
        headers = {"Content-Type": "application/json", "Authorization": "Bearer x"}
        text = filler if n % 3 else f"Bearer {filler}"
        headers |= {names[n % 3]: f"{text},a/n{n}"}
        return http("POST", "/graphql", b"{}", headers)

    await fight.flood(asked, rate=15, lines=15)


@attack()
async def slow_heads(fight: Fight) -> None:
    """600 connections that send a head a byte at a time, every two seconds."""

    async def slow(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            reader, writer = await line.open()
            fight.answers["begun"] += 1
            writer.write(http("GET", "/healthz")[:-2] + b"X-Slow: ")
            answer = asyncio.ensure_future(reader.read(KEPT))
            while not answer.done():
                writer.write(b"a")
                await asyncio.wait({answer}, timeout=2)
            fight.answers[answer.result()[9:12].decode() or "cut"] += 1
        finally:
            line.close()

    await fight.each(CROWD, slow)


@attack()
async def connections(fight: Fight) -> None:
    """300 new connections a second, each for one request."""
    asked, numbers = http("GET", "/sign-in.json"), itertools.count()

    async def connect(n: int) -> None:
        line = Line(fight.facts.port, f"127.0.0.{10 + n}")
        try:
            await fight.turn(next(numbers), 300)
            await fight.ask(line, asked)
        finally:
            line.close()

    await fight.each(50, connect)
