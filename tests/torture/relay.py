"""A network that can fail: relays connections, and loses or holds what goes through them.

Run as a process of its own (``python -m tests.torture.relay name=port=target …``), so that nobody's
measuring waits for it. It takes commands, a line each, and ends with whoever gives them:
``name lose requests``, ``name hold answers``, ``name hold both``, ``name pass``, ``name cut``.
Of each message that it passes on to the gateway it says when it had it
(``passing REFERENCE TIME``): a busy simulator reads it seconds later.
"""

import asyncio
import re
import sys
import time
from typing import cast

import uvloop

REFERENCE = re.compile(rb"reference%3D([0-9a-f.-]+)")
WAYS = {"requests": ("requests",), "answers": ("answers",), "both": ("requests", "answers")}


class Route:
    """Where connections lead, and what befalls what goes either way."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.halves: set[Half] = set()
        self.losing: set[str] = set()
        self.holding: set[str] = set()

    def command(self, what: str, way: str = "both") -> None:
        """Do one of the things that the module tells of."""
        match what:
            case "lose":
                self.losing.update(WAYS[way])
            case "hold":
                self.holding.update(WAYS[way])
            case "pass" | "cut":
                self.losing.clear()
                self.holding.clear()
                for half in list(self.halves):
                    if what == "cut":
                        half.transport.abort()
                    else:
                        half.go_on()

    def accept(self) -> "Half":
        """Take a connection, and make the one to the target that it is joined with."""
        ours = Half(self, "requests")
        ours.connecting = asyncio.create_task(self._connect(ours))
        return ours

    async def _connect(self, ours: "Half") -> None:
        loop = asyncio.get_running_loop()
        theirs = Half(self, "answers")
        try:
            if self._target.startswith("/"):
                await loop.create_unix_connection(lambda: theirs, self._target)
            else:
                host, _, port = self._target.rpartition(":")
                await loop.create_connection(lambda: theirs, host, int(port))
        except OSError:
            ours.transport.abort()
            return
        if ours.transport.is_closing():
            theirs.transport.abort()  # and what was held for it is lost: it never comes late
            return
        ours.other, theirs.other = theirs, ours
        ours.go_on()
        theirs.go_on()


class Half(asyncio.Protocol):
    """One end of a relayed connection: what it reads goes ``way``, to the other end."""

    transport: asyncio.Transport

    def __init__(self, route: Route, way: str) -> None:
        self._route = route
        self._way = way
        self._held = bytearray()
        self._lost = False
        self.other: Half | None = None
        self.connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)
        self._route.halves.add(self)

    def data_received(self, data: bytes) -> None:
        """Pass it on, or don't."""
        # Once some is lost the rest is of no use. That it never comes late matters at the gateway:
        # a real network's kernel gives up what isn't acknowledged, and so nothing comes after all.
        self._lost = self._lost or self._way in self._route.losing
        if self._lost:
            return
        if self._way == "requests":
            for reference in REFERENCE.findall(data):
                print("passing", reference.decode(), time.time(), flush=True)
        self._held += data
        self.go_on()

    def go_on(self) -> None:
        """Write what was held, unless it is to be held."""
        if self.other is not None and self._held and self._way not in self._route.holding:
            self.other.transport.write(bytes(self._held))
            self._held.clear()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the other end, too; what is held is lost with it."""
        self._route.halves.discard(self)
        if self.other is not None:
            if error is None:
                self.other.transport.close()
            else:
                self.other.transport.abort()


async def _relay(arguments: list[str]) -> None:
    loop = asyncio.get_running_loop()
    routes: dict[str, Route] = {}
    for argument in arguments:
        name, port, target = argument.split("=")
        routes[name] = Route(target)
        await loop.create_server(routes[name].accept, "127.0.0.1", int(port), backlog=1024)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    print("relaying", flush=True)
    while line := await commands.readline():
        name, *command = line.decode().split()
        routes[name].command(*command)


if __name__ == "__main__":
    uvloop.run(_relay(sys.argv[1:]))
