"""Connections to Valkey: one reading of its URL, and over TLS the certificate is checked."""

from urllib.parse import parse_qs, unquote, urlsplit

from arq.connections import RedisSettings
from redis.asyncio import Redis


def connect(url: str, seconds: float) -> Redis:
    """Give connections that wait no longer than ``seconds`` for an answer."""
    # Neither library looks by itself whether the certificate is that host's.
    checked = {"ssl_check_hostname": True} if url.startswith("rediss:") else {}
    redis: Redis = Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, **checked
    )
    return redis


def queue_settings(url: str) -> RedisSettings:
    """Give the same for arq, which itself leaves escapes in a password, and reads no options."""
    settings = RedisSettings.from_dsn(url)
    parts = urlsplit(url)
    settings.username = unquote(parts.username) if parts.username else None
    settings.password = unquote(parts.password) if parts.password else None
    settings.ssl_ca_certs = parse_qs(parts.query).get("ssl_ca_certs", [None])[-1]
    settings.ssl_check_hostname = True
    return settings
