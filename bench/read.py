"""The command ``python -m bench.read``: measures the recall list over HTTP, prints two tables.

How to run it: ``make bench-read``, or with ``BENCH="--quick --only peers,depth"`` for less of it.
The machine must do nothing else: everything shares two cores.

How to read it: a ratio is of two figures of one round; the table has the median of the rounds, with
the least and the most in brackets. Trust the ratios: if the machine does something else meanwhile,
the figures themselves move. Every reply is compared, byte by byte, with the expected page; a line
with a single wrong reply is VOID.

What is asked for: 200 pages, of 20 practices at 10 depths (recall, category, patient, smsStatus),
and one page that ends a list. Ours is ``python -m api serve``, asked with a token of the practice;
peers are told the practice and check nothing. Each is one process (in the part "processes" also
two) with as many connections to the same database, and reads the same stored columns by the same
statement, except PostGraphile, which writes its own. Node is the version that
``requirements-node.txt`` pins. Before anything is timed, each server's pages are compared with what
the rule itself says, not with what is stored. A line without a goal is only told.

The part "count" measures the count of a tab beside a count of an index alone.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import click

from bench.command import Length, measured, say, some_of
from bench.databases import Databases
from bench.reading import comparing, counting, processes, tls
from bench.reading.ask import Asker
from bench.reading.comparing import AT_ONCE, Side
from bench.reading.data import LARGE, MORE_BLOCKS, READ, make_lists, make_more_blocks
from bench.reading.pages import Truth
from bench.reading.programs import has_libssl
from bench.reading.rounds import Rounds
from bench.reading.servers import CONNECTIONS, Servers
from bench.reading.sizes import SIZES, ReadSizes
from bench.report import Line, machine, print_rows, print_table
from db.pool import open_owner_pool
from dev.servers.running import ServerUrls

PARTS = ("peers", "tls", "processes", "depth", "filter", "blocks", "count", "size")
ROOMY = 10 * 2**30
"""Bytes: the large lists and PostgreSQL's log of making them take most of it."""
Rows = list[tuple[str, ...]]


@click.command()
@click.option("--quick", is_flag=True, help="A fiftieth of it, to check that it works.")
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
def main(quick: bool, only: str) -> None:
    """Measure our list side by side with peers, and with itself when it has more to do.

    Takes about 16 minutes on two cores; with --quick, two, without the large lists.
    Leaves nothing behind but the peers' packages.
    """
    parts = some_of(PARTS, only)
    length = Length.QUICK if quick else Length.FULL
    sizes = SIZES[length]
    lines, rows = _tables(length, parts)
    rounds = f"median (least – most) of {sizes.rounds} rounds, in turn"
    lists = f"{sizes.lists.recalls:,} recalls, {sizes.lists.patients:,} patients"
    if rows:
        headings = (f"{AT_ONCE} connections", "server", "replies a second", "p50 ms", "p99 ms")
        print_rows(f"Each server by itself; {rounds}", headings, rows)
    print_table(f"Reading, on {machine()}; {lists}; {rounds}", lines)
    click.echo(
        f"Rates: {AT_ONCE} connections. Times: p50 of pages of 20, one after another. Each server: "
        f"one process, {CONNECTIONS} connections to PostgreSQL. Only ours authenticates requests."
    )


def measure(length: Length, parts: Sequence[str] = PARTS) -> list[Line]:
    """Return the lines of the second table."""
    return _tables(length, parts)[0]


def _tables(length: Length, parts: Sequence[str]) -> tuple[list[Line], Rows]:
    async def tables(servers: ServerUrls, directory: Path) -> tuple[list[Line], Rows]:
        return await _measure(Databases(servers, directory), SIZES[length], parts)

    return measured(tables, roomy=ROOMY)


async def _make(databases: Databases, sizes: ReadSizes, parts: Sequence[str]) -> None:
    say("preparing")
    await databases.prepare()
    say(f"making {sizes.lists.recalls:,} recalls")
    await make_lists(databases, READ, sizes.lists)
    if "blocks" in parts:
        await make_more_blocks(databases, sizes.lists.blocks * 9)
    if "size" in parts and sizes.large:
        say(f"making {sizes.large.recalls:,} recalls")
        await make_lists(databases, LARGE, sizes.large)
    if "count" in parts:
        say("making recalls to count")
        await counting.make_counted(databases, sizes)


async def _measure(
    databases: Databases, sizes: ReadSizes, parts: Sequence[str]
) -> tuple[list[Line], Rows]:
    await _make(databases, sizes, parts)
    async with AsyncExitStack() as stack:
        servers = Servers(databases, stack)
        asker = await Asker.build(databases.directory, tls="tls" in parts and has_libssl())
        rounds = Rounds(asker, sizes, databases.directory)

        async def side(database: str) -> Side:
            pool = await open_owner_pool(databases.database_url(database), name="bench")
            await stack.enter_async_context(pool)
            return Side(await servers.ours(database, pool), Truth(pool))

        ours = await side(READ)
        lines: list[Line] = []
        rows: Rows = []
        if "depth" in parts:
            say("depth")
            lines.append(await comparing.deep_with_first(rounds, ours))
        if "filter" in parts:
            say("filter")
            lines.append(await comparing.filtered_with_all(rounds, ours))
        if "blocks" in parts:
            say("blocks")
            more = await side(MORE_BLOCKS)
            lines.append(await comparing.more_blocks_with_few(rounds, ours, more))
        if "count" in parts:
            say("count")
            counted = await open_owner_pool(
                databases.database_url(counting.COUNTED), name="bench", connections=2
            )
            await stack.enter_async_context(counted)
            lines += await counting.counts(databases, servers, counted, asker, sizes)
        if "size" in parts and sizes.large:
            say("size")
            large = await side(LARGE)
            times = sizes.large.recalls // sizes.lists.recalls
            lines.append(await comparing.large_with_usual(rounds, ours, large, times))
        if "tls" in parts:
            say("tls")
            lines = await tls.with_tls(rounds, servers, ours) + lines
        if "processes" in parts:
            say("processes")
            lines = await processes.with_processes(rounds, servers, ours) + lines
        if "peers" in parts:
            say("peers")
            compared, rows = await comparing.with_peers(rounds, servers, ours)
            lines = compared + lines
    return lines, rows


if __name__ == "__main__":
    main()
