"""TLS in front of a server that has none: a relay with a self-signed certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dev.servers.certificate import make_certificate

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SSL_REQUEST = 8
"""Length in bytes of the request for TLS with which PostgreSQL's clients begin."""


class Certificate:
    """A self-signed certificate for one host; ``path`` is the file to trust."""

    def __init__(self, folder: Path, host: str) -> None:
        self.path, secret = make_certificate(folder, host)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.path, secret)


@asynccontextmanager
async def behind_tls(
    certificate: Certificate, server: Callable[[], Awaitable[Streams]], *, asked: bool = False
) -> AsyncIterator[int]:
    """Relay TLS connections to those that ``server`` opens; yield the port.

    ``asked``: clients ask for TLS first, as PostgreSQL's do.
    """

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if asked:
                await reader.readexactly(SSL_REQUEST)
                writer.write(b"S")
            await writer.start_tls(certificate.context)
            theirs, to_them = await server()
            await asyncio.gather(_pump(reader, to_them), _pump(theirs, writer))
        writer.close()

    listening = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
