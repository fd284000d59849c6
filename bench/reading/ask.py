"""Runs the program in bench/ask.c, which asks a server for pages and compares every reply."""

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.gateway import build
from bench.reading.programs import build_over_tls
from bench.waiting import command


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run of the program found; times are in milliseconds."""

    replies: int
    rate: float
    """Replies a second."""
    p50: float
    p99: float
    bad: int
    """Replies that were not the expected one, including those of the warm-up."""
    first_bad: str


class Asker:
    """The program, ready to run; ``over_tls`` is the one that asks over TLS."""

    def __init__(self, program: Path, over_tls: Path | None = None) -> None:
        self._program = program
        self._over_tls = over_tls

    @classmethod
    async def build(cls, directory: Path, *, tls: bool = False) -> "Asker":
        """Compile the program; with ``tls`` also the one that asks over TLS."""
        over_tls = await build_over_tls(directory) if tls else None
        return cls(await build("ask", directory), over_tls)

    async def ask(
        self,
        port: int,
        pages: Path,
        *,
        connections: int,
        warm_up: float,
        seconds: float,
        tls: bool = False,
    ) -> Figures:
        """Ask for the file's pages, over and over, on ``connections`` connections at once."""
        program = self._over_tls if tls else self._program
        printed = await command(
            str(program), str(port), str(connections), str(warm_up), str(seconds), str(pages)
        )
        return Figures(**json.loads(printed))


def write_pages(path: Path, pages: Iterable[tuple[bytes, bytes]]) -> Path:
    """Write the program's input: HTTP requests, each with the body that must come back."""
    with path.open("wb") as file:
        for request, body in pages:
            file.write(struct.pack("=II", len(request), len(body)) + request + body)
    return path
