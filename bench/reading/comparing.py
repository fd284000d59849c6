"""What is compared: ours with each peer, and ours with itself when it has more to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.reading.ask import Figures
from bench.reading.data import READ
from bench.reading.pages import ALL_DEPTHS, Question, Truth, last_page, questions
from bench.reading.rounds import Rounds
from bench.reading.servers import Server, Servers
from bench.report import Line, ratio_line, spread

AT_ONCE = 32
"""Connections that ask each server at once when servers are compared."""
SMALL_PAGE, LARGE_PAGE = 20, 100


@dataclass(frozen=True, slots=True)
class Side:
    """Our server on one database, with what it must reply there."""

    server: Server
    truth: Truth

    async def questions(
        self, *, depths: Sequence[float] = ALL_DEPTHS, blocked: bool | None = None
    ) -> list[Question]:
        """Return the small pages to ask for."""
        return await questions(self.truth.pool, SMALL_PAGE, depths=depths, blocked=blocked)


async def with_peers(
    rounds: Rounds, servers: Servers, ours: Side
) -> tuple[list[Line], list[tuple[str, ...]]]:
    """Compare ours with each peer; return the lines, and a row of figures for each server."""
    goals: tuple[tuple[Server, dict[int, float]], ...] = (
        (await servers.unbound(READ, ours.truth.pool), {SMALL_PAGE: 0.85, LARGE_PAGE: 0.85}),
        (await servers.limit(READ), {SMALL_PAGE: 0.95, LARGE_PAGE: 1}),
        (await servers.native(READ), {}),  # told: what Python costs
        (await servers.postgraphile(READ), {SMALL_PAGE: 3.7, LARGE_PAGE: 3.3}),
        (await servers.mercurius(READ), {SMALL_PAGE: 1.05, LARGE_PAGE: 1.15}),
        (await servers.tuned_strawberry(READ), {SMALL_PAGE: 8, LARGE_PAGE: 8}),
    )
    lines, rows = [], []
    for first in (SMALL_PAGE, LARGE_PAGE):
        asked = await questions(ours.truth.pool, first)
        asked.append(await last_page(ours.truth.pool, first))
        compared = (ours.server, *(peer for peer, _ in goals))
        cells = [await rounds.cell(server, ours.truth, asked) for server in compared]
        mine, *theirs = await rounds.time(cells, connections=AT_ONCE)
        for (peer, goal), figures in zip(goals, theirs, strict=True):
            what = f"page of {first} ÷ {peer.name}"
            lines.append(rate_line(what, mine, figures, at_least=goal.get(first)))
        for server, figures in zip(compared, (mine, *theirs), strict=True):
            rows.append(_row(server.name, first, figures))
    return lines, rows


async def deep_with_first(rounds: Rounds, ours: Side) -> Line:
    """Compare pages behind nine tenths of the list with first pages."""
    deep = await ours.questions(depths=(0.9,))
    first = await ours.questions(depths=(0,))
    return await _times(
        rounds, "a page at 90% depth ÷ the first", (ours, deep), (ours, first), at_most=1.3
    )


async def filtered_with_all(rounds: Rounds, ours: Side) -> Line:
    """Compare pages of blocked recalls with unfiltered ones that begin at the same places."""
    depths = (0, 0.3, 0.6, 0.9)  # what the first must say takes a second each to find out
    blocked = await ours.questions(depths=depths, blocked=True)
    unfiltered = await ours.questions(depths=depths)
    what = "blocked: true ÷ no filter"
    return await _times(rounds, what, (ours, blocked), (ours, unfiltered), at_most=3)


async def more_blocks_with_few(rounds: Rounds, ours: Side, more: Side) -> Line:
    """Compare pages when ten times as many numbers are blocked with the same pages as usual."""
    asked = await ours.questions()
    what = "ten times the blocks ÷ the usual number"
    return await _times(rounds, what, (more, asked), (ours, asked), at_most=1.3)


async def large_with_usual(rounds: Rounds, ours: Side, large: Side, times: int) -> Line:
    """Compare pages of lists that are ``times`` times as long with those of the usual ones."""
    what = f"{times} times the recalls ÷ the usual number"
    return await _times(
        rounds,
        what,
        (large, await large.questions()),
        (ours, await ours.questions()),
        at_most=1.5,
    )


async def _times(
    rounds: Rounds,
    what: str,
    more: tuple[Side, Sequence[Question]],
    usual: tuple[Side, Sequence[Question]],
    *,
    at_most: float,
) -> Line:
    """Compare how long pages take, one after another: the p50 of each round."""
    cells = [await rounds.cell(side.server, side.truth, asked) for side, asked in (more, usual)]
    mine, other = await rounds.time(cells, connections=1)
    times, others = ([figures.p50 for figures in found] for found in (mine, other))
    return void(what, mine, other) or ratio_line(what, times, others, "{:.2f} ms", at_most=at_most)


def rate_line(
    what: str,
    mine: Sequence[Figures],
    other: Sequence[Figures],
    *,
    at_least: float | None = None,
) -> Line:
    """Return the line that compares replies a second, or says that there is nothing to compare."""
    rates, others = ([figures.rate for figures in found] for found in (mine, other))
    return void(what, mine, other) or ratio_line(
        what, rates, others, "{:,.0f}/s", at_least=at_least
    )


def void(what: str, *sides: Sequence[Figures]) -> Line | None:
    """Return the line of a void comparison; None if there were replies and all were right."""
    every = [figures for found in sides for figures in found]
    bad = [figures for figures in every if figures.bad]
    if bad:
        total = sum(figures.bad for figures in bad)
        return Line(what, f"VOID: {total} bad replies, first: {bad[0].first_bad}", met=False)
    if not all(figures.replies for figures in every):
        return Line(what, "VOID: no reply within a round", met=False)
    return None


def _row(name: str, first: int, found: Sequence[Figures]) -> tuple[str, ...]:
    nothing = void(name, found)
    if nothing:
        return (f"page of {first}", name, nothing.ours, "", "")
    return (
        f"page of {first}",
        name,
        spread([figures.rate for figures in found], "{:,.0f}"),
        spread([figures.p50 for figures in found], "{:.1f}"),
        spread([figures.p99 for figures in found], "{:.1f}"),
    )
