"""Connections to Valkey, whose TLS certificate is always checked."""

from redis.asyncio import Redis


def connect(url: str, seconds: float) -> Redis:
    """Return connections that wait at most ``seconds`` for an answer."""
    # By itself, the library doesn't check that the certificate is that host's.
    checked = {"ssl_check_hostname": True} if url.startswith("rediss:") else {}
    redis: Redis = Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, **checked
    )
    return redis
