"""Overrides of uvicorn and of uvloop below it, each with why; and what is read of their internals.

``api/protocols.py`` extends uvicorn's protocols. tests/unit/test_uvicorn_patches.py fails once
uvicorn does one of these things itself, and says what can be removed.
"""

from collections.abc import Callable

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import _TrustedHosts

from core.log_filters import leave_out

UNSAID = (
    *('"WebSocket ', "Invalid UTF-8 sequence", "connection open", "connection closed"),
    "returned without completing response",
)
"""Log lines about each WebSocket (its URL, and bytes that aren't text), and about each request
whose client has gone. uvicorn's only option for them is its level, which is that of its errors."""
CLOSED = "websocket.close"
"""Part of the error when a message is sent after the connection was closed."""
GONE = "the handler is closed"
"""uvloop's message about a connection just closed by the client; a step later it raises none."""


def quiet_uvicorn() -> None:
    """Keep out of the log what clients can cause by what they send or by hanging up."""
    leave_out("uvicorn.error", UNSAID)


def trusted_proxies(config: Config) -> Callable[[str], bool]:
    """Return a check whether an address is a proxy's that uvicorn believes about its clients.

    uvicorn reads the setting only inside its middleware, which a connection doesn't get to.
    """
    return _TrustedHosts(config.forwarded_allow_ips or "").__contains__


def is_after_close(error: Exception) -> bool:
    """Return whether a message was sent to a WebSocket that is closed already.

    uvicorn raises a plain ``RuntimeError``, so only its text tells.
    """
    return CLOSED in str(error)


def is_after_hang_up(error: RuntimeError) -> bool:
    """Return whether something was written to a connection that the client has just closed.

    uvloop raises a plain ``RuntimeError`` too; asyncio's own loop raises nothing.
    """
    return GONE in str(error)
