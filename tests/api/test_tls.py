"""Tests of TLS: PostgreSQL and Valkey are reached only if their certificates are valid."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.rate import Rates
from db.migrate import migrate, set_application_password
from db.pool import UNREACHABLE, open_pool, unreachable
from dev.servers.running import ServerUrls
from tests.support.databases import a_database
from tests.support.tls import Certificate, behind_tls
from workers.limiter import Limiter
from workers.queue import Queue
from workers.valkey import connect

Certified = Callable[[str], Certificate]


@pytest.fixture
def certificate(tmp_path: Path) -> Certified:
    """A function that makes a certificate for a host."""
    return lambda host: Certificate(tmp_path, host)


@asynccontextmanager
async def postgres(servers: ServerUrls, certificate: Certificate) -> AsyncIterator[str]:
    """Serve an empty database behind the certificate; yield its URL, as its owner."""
    async with a_database(servers) as url:
        parts = urlsplit(url)
        socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        relay = behind_tls(certificate, lambda: asyncio.open_unix_connection(socket), asked=True)
        async with relay as port:
            yield (
                f"postgresql://postgres@localhost:{port}{parts.path}"
                f"?sslmode=verify-full&sslrootcert={certificate.path}"
            )


@asynccontextmanager
async def valkey(servers: ServerUrls, certificate: Certificate) -> AsyncIterator[str]:
    """Serve Valkey behind the certificate; yield its URL."""
    parts = urlsplit(servers.valkey_url)
    assert parts.hostname
    host, there = parts.hostname, parts.port
    async with behind_tls(certificate, lambda: asyncio.open_connection(host, there)) as port:
        yield f"rediss://localhost:{port}{parts.path}?ssl_ca_certs={certificate.path}"


async def test_a_database_is_migrated_and_served_over_tls(
    servers: ServerUrls, certificate: Certified
) -> None:
    # given
    async with postgres(servers, certificate("localhost")) as owner:
        application = owner.replace("postgres@", "recalls_app@")
        # when
        await asyncio.to_thread(migrate, owner)
        await set_application_password(owner, application)
        async with await open_pool(application, name="test", connections=1) as pool:
            # then
            assert await pool.fetchval("select count(*) from practices") == 0


async def test_a_database_with_another_hosts_certificate_is_told_nothing(
    servers: ServerUrls, certificate: Certified
) -> None:
    # given
    async with postgres(servers, certificate("other.example")) as owner:
        # when / then
        with pytest.raises(ssl.SSLCertVerificationError):
            await open_pool(owner, name="test", connections=1)


async def test_a_database_is_not_reached_if_nobody_vouches_for_its_certificate(
    servers: ServerUrls, certificate: Certified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("HOME", str(tmp_path))
    async with postgres(servers, certificate("localhost")) as owner:
        # when / then
        with pytest.raises(UNREACHABLE) as error:
            await open_pool(owner.partition("&")[0], name="test", connections=1)
    assert "can't be reached" in unreachable(error.value)


async def test_everything_that_asks_valkey_does_so_over_tls(
    servers: ServerUrls, certificate: Certified
) -> None:
    # given
    async with valkey(servers, certificate("localhost")) as url:
        queue, rates, limiter = Queue(url), Rates(url, 5), Limiter(url, "tls", rate=5)
        # when
        answers = await queue.ping(), await rates.try_acquire("tls"), await limiter.take(1)
        # then each has asked Valkey: counting in its own process would fill no bucket there
        assert answers[0]
        assert answers[2].granted == 1
        async with Redis.from_url(servers.valkey_url) as plain:
            assert await plain.exists("recalls:operations:tls", "recalls:sent:tls") == 2
        for each in (queue, rates, limiter):
            await each.close()


async def test_a_valkey_with_another_hosts_certificate_is_asked_nothing(
    servers: ServerUrls, certificate: Certified
) -> None:
    # given
    async with valkey(servers, certificate("other.example")) as url:
        # when / then
        queue = Queue(url)
        assert not await queue.ping()
        await queue.close()
        async with connect(url, 5) as redis:
            with pytest.raises(RedisError, match="certificate"):
                await redis.ping()


async def test_escapes_in_valkeys_password_are_read_alike_by_every_client(
    servers: ServerUrls,
) -> None:
    # given
    async with Redis.from_url(servers.valkey_url) as plain:
        await plain.acl_setuser(
            "escaped", enabled=True, passwords=["+a/b:c"], commands=["+ping", "+select"]
        )
        url = servers.valkey_url.replace("//", "//escaped:a%2Fb%3Ac@")
        try:
            # when / then
            queue = Queue(url)
            assert await queue.ping()
            await queue.close()
            async with connect(url, 5) as redis:
                assert await redis.ping()
        finally:
            await plain.acl_deluser("escaped")
