"""HTTP and WebSockets byte by byte, for attacks: requests, answers, frames."""

import asyncio
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
CODE = re.compile(rb'"code": ?"([A-Z_]+)"')
FAILED = re.compile(rb'"__typename": ?"(Invalid\w+|Unknown\w+|NothingToSend|NotListed)"')
KEPT = 4_000
"""Bytes of an answer that are kept; the rest is read and discarded."""
GONE = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: the status, and the beginning of the body."""

    status: int
    body: bytes

    def __str__(self) -> str:
        """Return it as it is counted: the status, and the code if there is one."""
        found = CODE.search(self.body) or FAILED.search(self.body)
        return f"{self.status} {found[1].decode()}" if found else str(self.status)


def http(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: recalls.example"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def bearer(token: str) -> dict[str, str]:
    """Return the headers of a JSON request by the token's holder."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def operation(
    token: str, document: str, variables: Any = None, *, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of an operation over HTTP."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    return http("POST", "/graphql", body, bearer(token) | dict(headers or {}))


class Line:
    """A connection from one of this machine's addresses."""

    def __init__(self, port: int, address: str = HOST) -> None:
        self._port = port
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the connection, after opening it if necessary."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                HOST, self._port, local_addr=(self._address, 0), limit=2**18
            )
        return self._reader, self._writer

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer. Raises one of ``GONE`` if the connection is cut."""
        reader, writer = await self.open()
        try:
            writer.write(request)
            answer, goes_on = await read_answer(reader)
        except BaseException:
            self.close()
            raise
        if not goes_on:
            self.close()
        return answer

    def close(self) -> None:
        """Abort the connection, if there is one."""
        if self._writer is not None:
            with suppress(*GONE, RuntimeError):
                self._writer.transport.abort()
        self._reader = self._writer = None


async def read_answer(reader: asyncio.StreamReader) -> tuple[Answer, bool]:
    """Return the next answer, and whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    body = b""
    if found := re.search(rb"\r\ncontent-length: (\d+)", head):
        body = await _some(reader, int(found[1]))
    elif b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await _some(reader, size))[: KEPT - len(body)]
            await reader.readexactly(2)
        await reader.readexactly(2)
    return Answer(status, body), b"\r\nconnection: close" not in head


async def _some(reader: asyncio.StreamReader, size: int) -> bytes:
    """Read ``size`` bytes, and return the first ``KEPT`` of them."""
    kept = b""
    while size:
        part = await reader.read(min(size, 2**17))
        if not part:
            raise asyncio.IncompleteReadError(kept, None)
        size -= len(part)
        kept += part[: KEPT - len(kept)]
    return kept


def upgrade(*, compressed: bool = False, protocol: str = "graphql-transport-ws") -> bytes:
    """Return the request that opens a WebSocket."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(b"0123456789abcdef").decode(),
        "Sec-WebSocket-Protocol": protocol,
    }
    if compressed:
        headers["Sec-WebSocket-Extensions"] = "permessage-deflate"
    return http("GET", "/graphql", headers=headers)


def frame(payload: bytes, *, opcode: int = 1, compressed: bool = False, last: bool = True) -> bytes:
    """Return a client's frame; its mask is zero, so that nothing has to be computed."""
    first = (0x80 if last else 0) | (0x40 if compressed else 0) | opcode
    size = len(payload)
    if size < 126:
        return bytes((first, 0x80 | size)) + bytes(4) + payload
    if size < 2**16:
        return bytes((first, 0x80 | 126)) + size.to_bytes(2) + bytes(4) + payload
    return bytes((first, 0x80 | 127)) + size.to_bytes(8) + bytes(4) + payload


def said(**message: Any) -> bytes:
    """Return the frame of a graphql-transport-ws message."""
    return frame(json.dumps(message).encode())


def deflated(payload: bytes) -> bytes:
    """Return the message compressed as in permessage-deflate."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packing.compress(payload) + packing.flush(zlib.Z_SYNC_FLUSH))[:-4]


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return a server's next frame: its opcode (8: close), and the beginning of its payload."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
    return first & 0x0F, await _some(reader, size)
