"""What a second process brings: ours beside the limit, which shares nothing between processes.

The asker and PostgreSQL take their part of the same cores, so with two cores it can't be twice as
much for either; ours should gain what the limit gains. Every process has its own connections to
PostgreSQL.
"""

from collections.abc import Sequence

from bench.reading.ask import Figures
from bench.reading.comparing import AT_ONCE, SMALL_PAGE, Side, rate_line, void
from bench.reading.data import READ
from bench.reading.pages import questions
from bench.reading.rounds import Rounds
from bench.reading.servers import Servers
from bench.report import Line, ratio_line

PROCESSES = 2


async def with_processes(rounds: Rounds, servers: Servers, ours: Side) -> list[Line]:
    """Return the lines: what two processes answer against one, ours and the limit's."""
    compared = (
        await servers.ours(READ, ours.truth.pool, processes=PROCESSES),
        ours.server,
        await servers.limit(READ, processes=PROCESSES),
        await servers.limit(READ),
    )
    asked = await questions(ours.truth.pool, SMALL_PAGE)
    cells = [await rounds.cell(server, ours.truth, asked) for server in compared]
    return gain_lines(*await rounds.time(cells, connections=AT_ONCE))


def gain_lines(
    both: Sequence[Figures],
    alone: Sequence[Figures],
    limit_both: Sequence[Figures],
    limit_alone: Sequence[Figures],
) -> list[Line]:
    """Return the line of each side's gain, and the one that compares them, round by round."""
    what = f"{PROCESSES} processes ÷ 1"
    lines = [
        rate_line(f"{what}: ours", both, alone),
        rate_line(f"{what}: the limit", limit_both, limit_alone),
    ]
    nothing = void(f"{what}: ours ÷ the limit", both, alone, limit_both, limit_alone)
    if nothing:
        return [*lines, nothing]
    gains = [two.rate / one.rate for two, one in zip(both, alone, strict=True)]
    limits = [two.rate / one.rate for two, one in zip(limit_both, limit_alone, strict=True)]
    compared = ratio_line(f"{what}: ours ÷ the limit", gains, limits, "× {:.2f}", at_least=0.95)
    return [*lines, compared]
