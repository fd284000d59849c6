"""A client that sends raw bytes, which no library would."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

HOST = b"Host: 127.0.0.1\r\n"
WEBSOCKET = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
)
PING, TEXT = 9, 1
SECONDS = 20.0


class Raw:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *data: bytes) -> None:
        """Send the data, or whatever part of it the server takes."""
        with suppress(OSError):
            for each in data:
                self.writer.write(each)
                await self.writer.drain()

    async def status(self) -> int | None:
        """Read the next answer to its end; return its status, or None if there is no answer."""
        async with asyncio.timeout(SECONDS):
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = [line for line in head.lower().split(b"\r\n") if b"content-length" in line]
                if length:
                    await self.reader.readexactly(int(length[0].split(b":")[1]))
            except (OSError, asyncio.IncompleteReadError):
                return None
        return int(head.split()[1])

    async def is_cut_off(self) -> bool:
        """Wait until the server closes, whatever it sends before that; return True."""
        async with asyncio.timeout(SECONDS):
            with suppress(OSError):
                while await self.reader.read(2**16):
                    await asyncio.sleep(0)
        return True


@asynccontextmanager
async def raw(url: str) -> AsyncIterator[Raw]:
    """Connect to the server at the URL."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def raw_socket(url: str, *lines: bytes) -> AsyncIterator[tuple[Raw, bytes]]:
    """Connect a WebSocket; yield it and the head of the answer."""
    async with raw(url) as opened:
        await opened.send(b"GET /graphql HTTP/1.1\r\n", HOST, WEBSOCKET, *lines, b"\r\n")
        async with asyncio.timeout(SECONDS):
            head = await opened.reader.readuntil(b"\r\n\r\n")
        yield opened, head


def frame(payload: bytes, kind: int = TEXT, *, compressed: bool = False) -> bytes:
    """Return a frame, masked with zeros."""
    size = len(payload)
    short = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes([0x80 | (0x40 if compressed else 0) | kind]) + short + b"\0\0\0\0" + payload


def post(path: str, body: object, *lines: bytes) -> bytes:
    """Return a POST request with a JSON body."""
    content = json.dumps(body).encode()
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(content)
    return b"".join(
        [b"POST ", path.encode(), b" HTTP/1.1\r\n", HOST, kind, *lines, b"\r\n", content]
    )
