"""Limits on a server's connections: how many there are, and how long clients may stall."""

import asyncio
import resource
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.server import ServerState

from api.addresses import Places, networks_of
from api.rate import Budgets
from api.uvicorn_patches import trusted_proxies

EACH, SITE = 200, 800
"""Connections of an address, and of an IPv6 /48, except those of trusted proxies."""
OPENED, OPENED_SECONDS = 50.0, 4.0
"""Connections a second that such an address may open, and how many seconds' worth at once.

A connection costs as much as a small request; clients that keep one open pay that once.
"""
MAX_CONNECTIONS = 4_000
"""Connections of a process, or half the files that it may open if that is less."""
LOOK_SECONDS = 1.0
"""Seconds between checks of all connections."""
SECONDS = {
    "head": 10.0,
    "again": 5.0,
    "sending": 30.0,
    "body": 10.0,
    "reading": 30.0,
    "closing": 5.0,
}
"""Seconds that a client may take to send a request's head, and after an answer to begin the next;
to send a body, or the rest of one that is unwanted; to read any of what it is sent; and to take
what is left when the connection closes."""
Wait = tuple[str, int]
"""What the client is waited for, and a number that changes when there is progress."""


class Connection(Protocol):
    """What ``Connections`` needs of a connection."""

    waited: tuple[Wait | None, float]
    """What was waited for at the last check, and since when."""

    def waits(self) -> Wait | None:
        """Return what the client is waited for, or None if it is the client that waits."""

    def idles(self) -> bool:
        """Return whether it can be closed without losing anything."""

    def give_up(self, what: str) -> None:
        """Close it, because ``what`` took too long."""


class Connections:
    """The connections of one server.

    Each address is limited, except trusted proxies: those limit their clients themselves. When
    there are too many in all, an idle one makes room, so that silent clients keep nobody out. All
    are checked once a second, so that a request that arrives whole costs no timer.
    """

    _of: ClassVar[WeakKeyDictionary[ServerState, "Connections"]] = WeakKeyDictionary()

    def __init__(self, config: Config, loop: asyncio.AbstractEventLoop) -> None:
        self._is_trusted = trusted_proxies(config)
        self._loop = loop
        self._most = min(MAX_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._places = Places(EACH, SITE)
        self._opening = (
            Budgets(OPENED, OPENED_SECONDS),
            Budgets(OPENED * SITE / EACH, OPENED_SECONDS),
        )
        # Oldest first. By transport: a connection that becomes a WebSocket stays the same one.
        self._open: dict[asyncio.BaseTransport, tuple[Connection, str | None]] = {}
        self._looking: asyncio.TimerHandle | None = None

    @classmethod
    def of(
        cls, server: ServerState, config: Config, loop: asyncio.AbstractEventLoop
    ) -> "Connections":
        """Return the server's connections."""
        found = cls._of.get(server)
        if found is None:
            found = cls._of[server] = cls(config, loop)
        return found

    def enter(self, connection: Connection, transport: asyncio.BaseTransport) -> bool:
        """Count a connection, new or upgraded; return False if there is no room for it."""
        known = self._open.get(transport)
        if known is not None:
            self._open[transport] = (connection, known[1])
            return True
        peer = transport.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else None
        counted = None if host is None or self._is_trusted(host) else str(host)
        if counted is not None and not self._may_open(counted):
            return False
        if len(self._open) >= self._most and not self._make_room():
            return False
        if counted is not None and not self._places.take(counted):
            return False
        self._open[transport] = (connection, counted)
        if self._looking is None:
            self._looking = self._loop.call_later(LOOK_SECONDS, self._look)
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """Stop counting a connection."""
        _, counted = self._open.pop(transport, (None, None))
        if counted is not None:
            self._places.give_back(counted)
        if not self._open and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _may_open(self, host: str) -> bool:
        budgets = zip(self._opening, networks_of(host), strict=False)
        return all(budget.take(network)[0] for budget, network in budgets)

    def _make_room(self) -> bool:
        for transport, (connection, _) in self._open.items():
            if connection.idles():
                self.leave(transport)
                connection.give_up("closing")
                return True
        return False

    def _look(self) -> None:
        now = self._loop.time()
        for connection, _ in list(self._open.values()):
            wait = connection.waits()
            before, since = connection.waited
            if wait != before:
                connection.waited = (wait, now)
            elif wait is not None and now - since >= SECONDS[wait[0]]:
                connection.give_up(wait[0])
        self._looking = self._loop.call_later(LOOK_SECONDS, self._look)
