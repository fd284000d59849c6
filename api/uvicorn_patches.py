"""uvicorn's options, logging and memory, for the command and the tests alike."""

import ctypes
import logging
import math
import time
import warnings
from contextlib import suppress
from typing import Any

OPTIONS: dict[str, Any] = {
    # No access log: who asked what and when belongs in the audit trail.
    "access_log": False,
    # Which server answers is nobody's business.
    "server_header": False,
    "http": "api.protocols:Requests",
    "ws": "api.protocols:Sockets",
    # Bytes of a known client's WebSocket message: people watch there, and sync over HTTP.
    "ws_max_size": 250_000,
    # A thousand bytes could inflate to a million.
    "ws_per_message_deflate": False,
}


GIVEN_UP = r"coroutine '(Executor|GraphQLCoreConverter)\."
"""Python's warning when an operation is cancelled before all of its fields have begun.

graphql-core makes the coroutines of an object's fields at once, and awaits none if it's cancelled
before their first step: they have done nothing, and there is nothing to do.
"""


UNSAID = (
    *('"WebSocket ', "Invalid UTF-8 sequence", "connection open", "connection closed"),
    *("Rejected WebSocket connection from origin", "returned without completing response"),
)
"""Log lines about each WebSocket (its URL, its page, and bytes that aren't text), and about each
request whose client has gone."""
EVERY = 60.0
"""Seconds between two equal log lines."""
KINDS = 1_000
"""Different log lines remembered."""


class _Kept(logging.Filter):
    """Drops log lines that nobody needs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to keep the record."""
        text = str(record.msg)
        return not any(each in text for each in UNSAID)


class Seldom(logging.Filter):
    """Lets each line through once a minute, with the number of repeats left out.

    For a handler, and so for anything that can be logged without a token: a thousand requests a
    second don't fill the disk. Lines are equal whatever values they hold, except for errors, whose
    texts are our own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the record; add the number of repeats left out to its text."""
        text, now = record.getMessage(), time.monotonic()
        kind = record.name, text if record.levelno >= logging.ERROR else str(record.msg)
        since, unsaid = self._said.pop(kind, (-math.inf, 0))
        if now - since < EVERY:
            self._said[kind] = since, unsaid + 1
            return False
        if len(self._said) >= KINDS:
            del self._said[next(iter(self._said))]
        self._said[kind] = now, 0
        if unsaid:
            record.msg, record.args = f"{text} (and {unsaid} more times since last logged)", ()
        return True


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Options of mallopt(3)."""
KEPT = 131_072
"""Bytes from which freed memory is returned; glibc starts with that, and raises it over time."""
SWITCH_SECONDS = 0.001
"""Seconds that another thread may keep the event loop waiting each time; by default 0.005."""


def give_memory_back() -> None:
    """Have glibc return the memory of large bodies and answers to the system."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            libc.mallopt(option, KEPT)


def quiet_warnings() -> None:
    """Keep out of the log what clients can cause by what they send or by hanging up."""
    warnings.filterwarnings("ignore", GIVEN_UP, RuntimeWarning)
    for name in ("uvicorn.error", "strawberry.ws"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, _Kept) for each in logger.filters):
            logger.addFilter(_Kept())
