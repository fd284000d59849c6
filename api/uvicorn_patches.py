"""How uvicorn serves, for the command and for the tests alike."""

import ctypes
import logging
import math
import time
import warnings
from contextlib import suppress
from typing import Any

OPTIONS: dict[str, Any] = {
    # No access log: it would keep who asked what and when, which is the audit's to keep.
    "access_log": False,
    # What answers is nobody's business.
    "server_header": False,
    "http": "api.protocols:Requests",
    "ws": "api.protocols:Sockets",
    # Bytes of a WebSocket's message, of who is known: people watch there, and sync elsewhere.
    "ws_max_size": 250_000,
    # A thousand bytes would be a million of ours to read.
    "ws_per_message_deflate": False,
}


GIVEN_UP = r"coroutine '(Executor|GraphQLCoreConverter)\."
"""What Python warns of when an operation is given up before all of its fields have begun.

graphql-core makes the coroutines of an object's fields at once, and awaits none where it's
cancelled before their first step: they have done nothing, and there is nothing to be done.
"""


UNSAID = (
    *('"WebSocket ', "Invalid UTF-8 sequence", "connection open", "connection closed"),
    *("Rejected WebSocket connection from origin", "returned without completing response"),
)
"""What is said of each WebSocket (its URL, its page, and the bytes that are no text), and of each
request whose client has gone."""
EVERY = 60.0
"""Seconds between two lines that say the same."""
KINDS = 1_000
"""Different lines that are remembered."""


class _Kept(logging.Filter):
    """Leaves out what nobody needs to know."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be kept."""
        text = str(record.msg)
        return not any(each in text for each in UNSAID)


class Seldom(logging.Filter):
    """Has each line said once a minute, and how often it would have been.

    For a handler, and so for whatever anybody can have logged without a token: who asks a thousand
    times a second fills no disk. Lines are the same whatever stands in them, but for errors: what
    those say is ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be written; adds to its text what was left out."""
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
            record.msg, record.args = f"{text} (and {unsaid} times since this was last said)", ()
        return True


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""
KEPT = 131_072
"""Bytes from which memory goes back; glibc begins with that, and raises it as it goes."""
SWITCH_SECONDS = 0.001
"""How long another thread's work may keep the event loop waiting each time; Python has five."""


def give_memory_back() -> None:
    """Have what a large body or answer took go back to the system, where glibc would keep it."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            libc.mallopt(option, KEPT)


def quiet_warnings() -> None:
    """Have nothing logged that a client decides on: by what it sends, or by hanging up."""
    warnings.filterwarnings("ignore", GIVEN_UP, RuntimeWarning)
    for name in ("uvicorn.error", "strawberry.ws"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, _Kept) for each in logger.filters):
            logger.addFilter(_Kept())
