"""Overrides of arq, each with why; and what is read of its internals.

tests/workers/test_arq_patches.py fails once arq does one of these things itself, and says what can
be removed.
"""

import logging
from urllib.parse import parse_qs, unquote, urlsplit

from arq import Worker
from arq.connections import RedisSettings


def quiet_arq() -> None:
    """Keep two lines per job out of the log, because there is a sweep a second."""
    logging.getLogger("arq").setLevel(logging.WARNING)


def queue_settings(url: str) -> RedisSettings:
    """Return how arq reaches Valkey, as ``workers.valkey.connect`` does for all others.

    arq itself leaves escapes in a name and a password, reads no options, and doesn't check that a
    certificate is that host's.
    """
    settings = RedisSettings.from_dsn(url)
    parts = urlsplit(url)
    settings.username = unquote(parts.username) if parts.username else None
    settings.password = unquote(parts.password) if parts.password else None
    settings.ssl_ca_certs = parse_qs(parts.query).get("ssl_ca_certs", [None])[-1]
    settings.ssl_check_hostname = True
    return settings


def may_go_on(worker: Worker) -> bool:
    """Return False once the worker has been told to stop; arq tells its jobs in no other way."""
    return worker.allow_pick_jobs
