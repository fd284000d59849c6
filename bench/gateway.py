"""Builds and runs the gateway in gateway.c, and asks it what arrived when."""

import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.waiting import BenchError, command, until
from dev.servers.guard import Guarded

SOURCES = Path(__file__).parent
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived since the last reset; times are in seconds, by the machine's clock."""

    count: int
    first: float
    last: float
    watched: list[tuple[str, float]]
    """Number and time of each message to a number with the watched prefix."""

    @property
    def per_second(self) -> float:
        """Messages a second from the first one's arrival to the last one's."""
        return (self.count - 1) / (self.last - self.first)


class Gateway:
    """A running gateway."""

    def __init__(self, port: int, http: aiohttp.ClientSession) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self._http = http

    async def arrivals(self) -> Arrivals:
        """Return what has arrived."""
        async with self._http.get("/stats", raise_for_status=True) as answer:
            told = await answer.json()
        watched = [(number, time) for number, time in told["watched"]]
        return Arrivals(told["count"], told["first"], told["last"], watched)

    async def reset(self) -> None:
        """Forget what has arrived."""
        async with self._http.post("/reset", raise_for_status=True):
            return

    async def until_arrived(self, count: int, seconds: float) -> Arrivals:
        """Return the arrivals once there are ``count``; raises BenchError if they don't come."""

        async def arrived() -> bool:
            return (await self.arrivals()).count >= count

        await until(arrived, seconds, f"{count:,} messages at the gateway")
        return await self.arrivals()


async def build(source: str, directory: Path, *options: str, name: str = "") -> Path:
    """Compile bench/``source``.c into the directory; return the program.

    ``options`` are the compiler's, libraries among them; ``name`` is the program's, by default the
    source's.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise BenchError("Parts of the bench are written in C: install a compiler named cc")
    file = SOURCES / f"{source}.c"
    program = directory / (name or file.stem)
    await command(compiler, "-O2", "-o", str(program), str(file), *options)
    return program


@asynccontextmanager
async def running_gateway(
    program: Path, latency_ms: tuple[float, float], watched: str = "+"
) -> AsyncIterator[Gateway]:
    """Run the program that ``build`` made, answering after ``latency_ms`` (least, most)."""
    port = free_port()
    least, most = latency_ms
    arguments = [str(program), str(port), str(least), str(most), watched]
    process = await Guarded.start("gateway", arguments, log=program.with_suffix(".log"))
    async with aiohttp.ClientSession(f"http://{HOST}:{port}") as http:
        gateway = Gateway(port, http)

        async def answers() -> bool:
            try:
                await gateway.arrivals()
            except aiohttp.ClientConnectorError:
                return False
            return True

        try:
            await until(answers, 10, "the gateway's start")
            yield gateway
        finally:
            await process.stop()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
