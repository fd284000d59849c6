"""Runs the program in bench/ask.c, which asks a server for pages and compares every reply."""

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.gateway import build
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
    """The program, ready to run."""

    def __init__(self, program: Path) -> None:
        self._program = program

    @classmethod
    async def build(cls, directory: Path) -> "Asker":
        """Compile the program."""
        return cls(await build("ask", directory))

    async def ask(
        self, port: int, pages: Path, *, connections: int, warm_up: float, seconds: float
    ) -> Figures:
        """Ask for the file's pages, over and over, on ``connections`` connections at once."""
        printed = await command(
            str(self._program), str(port), str(connections), str(warm_up), str(seconds), str(pages)
        )
        return Figures(**json.loads(printed))


def write_pages(path: Path, pages: Iterable[tuple[bytes, bytes]]) -> Path:
    """Write the program's input: HTTP requests, each with the body that must come back."""
    with path.open("wb") as file:
        for request, body in pages:
            file.write(struct.pack("=II", len(request), len(body)) + request + body)
    return path
