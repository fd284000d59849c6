"""A socket server that answers each request as the test says, whether that's HTTP or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

Writer: TypeAlias = asyncio.StreamWriter
Answer: TypeAlias = Callable[[bytes, Writer], Awaitable[None]]
"""Takes the path without its slash, and the writer to answer on."""


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[int]:
    """Run the server; yield its port."""

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await answer(head.split()[1][1:], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


def reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an HTTP reply."""
    return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body)
