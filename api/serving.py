"""How a process serves: uvicorn's options, its logging, and what it takes of the machine."""

import ctypes
from contextlib import suppress
from typing import Any

OPTIONS: dict[str, Any] = {
    # No access log: who asked what and when belongs in the audit trail.
    "access_log": False,
    # Which server answers is nobody's business.
    "server_header": False,
    "http": "api.starting:Requests",
    "ws": "api.starting:Sockets",
    # Bytes of a known client's WebSocket message: people watch there, and sync over HTTP.
    "ws_max_size": 250_000,
    # A thousand bytes could inflate to a million.
    "ws_per_message_deflate": False,
}
"""uvicorn's options, for the command and the tests alike."""
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "core.logging.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"seldom": {"()": "core.log_filters.RepeatFilter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["seldom"]}
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
}
"""The logging configuration of every server process."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Options of mallopt(3)."""
KEPT = 131_072
"""Bytes from which freed memory is returned; glibc starts with that, and raises it over time."""
SWITCH_SECONDS = 0.001
"""Seconds that another thread may keep the event loop waiting each time; by default 0.005."""


def release_memory() -> None:
    """Have glibc return the memory of large bodies and answers to the system."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            libc.mallopt(option, KEPT)
