"""A gateway that answers with any bytes a test likes, and the adapter that talks to it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from workers.clock import Deadline
from workers.gateway.protocol import Message
from workers.gateway.twilio import TwilioGateway

MESSAGE = Message(
    str(UUID(int=7)), "+61491570156", "Your skin check is due — reply STOP to opt out"
)


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


TAKEN = http(201, b'{"sid": "SM1"}')


@dataclass
class RawGateway:
    """A server that answers every request with the bytes `reply`, once `may_answer` is set."""

    reply: bytes
    ending: str = "keep open"
    url: str = ""
    received: bytes = b""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        request = b""
        try:
            while piece := await reader.read(65536):
                self.received += piece
                request += piece
                head, _, body = request.partition(b"\r\n\r\n")
                if f"content-length: {len(body)}".encode() not in head.lower():
                    continue
                self.requests.append(request)
                request = b""
                await self.may_answer.wait()
                writer.write(self.reply)
                if self.ending == "reset":
                    linger = struct.pack("ii", 1, 0)
                    sock = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                if self.ending != "keep open":
                    break
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def raw_gateway(reply: bytes = TAKEN, ending: str = "keep open") -> AsyncIterator[RawGateway]:
    gateway = RawGateway(reply, ending)
    gateway.may_answer.set()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    gateway.url = f"http://{host}:{port}"
    try:
        yield gateway
    finally:
        server.close()
        gateway.may_answer.set()
        await until(lambda: gateway.open == 0)


@asynccontextmanager
async def twilio(url: str, **options: Any) -> AsyncIterator[TwilioGateway]:
    options = {"sender": "+61400000000", "receipts_url": None, **options}
    gateway = TwilioGateway(url, "AC1", "token", **options)
    try:
        yield gateway
    finally:
        await gateway.close()


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def soon(seconds: float = 5) -> Deadline:
    return Deadline(seconds)
