"""Times servers in turn, round by round, once each has been seen to reply with the right pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.reading.ask import Asker, Figures, write_pages
from bench.reading.pages import Question, Truth
from bench.reading.servers import Server
from bench.reading.sizes import ReadSizes
from bench.waiting import BenchError


@dataclass(frozen=True, slots=True)
class Cell:
    """A server, and the pages that it is asked for, which it has been seen to get right."""

    server: Server
    pages: Path


class Rounds:
    """Checks cells and times them; ``directory`` keeps the files of pages."""

    def __init__(self, asker: Asker, sizes: ReadSizes, directory: Path) -> None:
        self._asker = asker
        self._sizes = sizes
        self._directory = directory
        self._cells = 0

    async def cell(self, server: Server, truth: Truth, questions: Sequence[Question]) -> Cell:
        """Return a cell; raises BenchError if the server replies with a wrong page."""
        pages = []
        for question in questions:
            reply = await server.fetch(question)
            page, right = reply.page(), await truth.page(question)
            if server.own_cursors:
                page, right = _without_cursors(page), _without_cursors(right)
            if page != right:
                raise BenchError(f"{server.name} replies with a wrong page for {question}")
            pages.append((server.request(question), reply.body))
        self._cells += 1
        return Cell(server, write_pages(self._directory / f"pages_{self._cells}", pages))

    async def time(self, cells: Sequence[Cell], *, connections: int) -> list[list[Figures]]:
        """Time each cell once a round, each round in another order; return each cell's rounds."""
        found: list[list[Figures]] = [[] for _ in cells]
        places = list(range(len(cells)))
        for _ in range(self._sizes.rounds):
            for place in places:
                cell = cells[place]
                figures = await self._asker.ask(
                    cell.server.port,
                    cell.pages,
                    connections=connections,
                    warm_up=self._sizes.warm_up,
                    seconds=self._sizes.seconds,
                    tls=cell.server.tls is not None,
                )
                found[place].append(figures)
            places = places[1:] + places[:1]
        return found


def _without_cursors(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page without cursors, but with how many differ, and whether the last ends it."""
    cursors = [edge["cursor"] for edge in page["edges"]]
    return {
        "nodes": [edge["node"] for edge in page["edges"]],
        "places": len(set(cursors)),
        "hasNextPage": page["pageInfo"]["hasNextPage"],
        "ends": page["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None),
    }
