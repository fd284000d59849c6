"""A network that can fail: relays connections, and loses or holds what goes through them.

Run as a process of its own (``python -m tests.torture.relay name=port=target …``), so that no
measurement waits for it. It reads commands from its standard input, one per line, and ends with it:
``name lose requests``, ``name hold answers``, ``name hold both``, ``name pass``, ``name cut``.
For each message that it passes on to the gateway, it prints when it had it
(``passing REFERENCE TIME``), because a busy simulator reads it seconds later.
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
    """The target of connections, and what is lost or held in either direction."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.halves: set[Half] = set()
        self.losing: set[str] = set()
        self.holding: set[str] = set()

    def command(self, what: str, way: str = "both") -> None:
        """Carry out one of the module's commands."""
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
        """Accept a connection, and join it with a new one to the target."""
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
        if ours.transport.is_closing() or theirs.transport.is_closing():
            ours.transport.abort()
            theirs.transport.abort()  # and lose what was held for it: it never arrives late
            return
        ours.other, theirs.other = theirs, ours
        ours.go_on()
        theirs.go_on()


class Half(asyncio.Protocol):
    """One end of a relayed connection: its data goes ``way``, to the other end."""

    transport: asyncio.Transport

    def __init__(self, route: Route, way: str) -> None:
        self._route = route
        self._way = way
        self._held = bytearray()
        self._lost = False
        self.other: Half | None = None
        self.connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection."""
        self.transport = cast(asyncio.Transport, transport)
        self._route.halves.add(self)

    def data_received(self, data: bytes) -> None:
        """Pass the data on, hold it or lose it."""
        # Once some is lost, the rest is useless. At the gateway, it's important that it never
        # arrives late: a real kernel gives up what isn't acknowledged, so nothing comes after all.
        self._lost = self._lost or self._way in self._route.losing
        if self._lost:
            return
        if self._way == "requests":
            for reference in REFERENCE.findall(data):
                print("passing", reference.decode(), time.time(), flush=True)
        self._held += data
        self.go_on()

    def go_on(self) -> None:
        """Write the held data, unless the route holds this way; lose it if the other end went."""
        if self.other is not None and self._held and self._way not in self._route.holding:
            if not self.other.transport.is_closing():
                self.other.transport.write(bytes(self._held))
            self._held.clear()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the other end, too; held data is lost with it."""
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
