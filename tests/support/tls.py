"""TLS in front of a server that has none: a relay with a self-signed certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SSL_REQUEST = 8
"""Length in bytes of the request for TLS with which PostgreSQL's clients begin."""


class Certificate:
    """A self-signed certificate for one host; ``path`` is the file to trust."""

    def __init__(self, folder: Path, host: str) -> None:
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.path, secret = folder / f"{host}.pem", folder / f"{host}.key"
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
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
