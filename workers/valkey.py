"""Connections to Valkey: its URL is read one way, and a TLS certificate is always checked."""

from urllib.parse import parse_qs, unquote, urlsplit

from arq.connections import RedisSettings
from redis.asyncio import Redis


def connect(url: str, seconds: float) -> Redis:
    """Return connections that wait at most ``seconds`` for an answer."""
    # By itself, neither library checks that the certificate is that host's.
    checked = {"ssl_check_hostname": True} if url.startswith("rediss:") else {}
    redis: Redis = Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, **checked
    )
    return redis


def queue_settings(url: str) -> RedisSettings:
    """Return the same for arq, which itself leaves escapes in a password and reads no options."""
    settings = RedisSettings.from_dsn(url)
    parts = urlsplit(url)
    settings.username = unquote(parts.username) if parts.username else None
    settings.password = unquote(parts.password) if parts.password else None
    settings.ssl_ca_certs = parse_qs(parts.query).get("ssl_ca_certs", [None])[-1]
    settings.ssl_check_hostname = True
    return settings
