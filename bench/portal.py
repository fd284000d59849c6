"""The command ``python -m bench.portal``: how quickly the portal works, and whether it grows.

How to run it: ``make bench-portal``, or with ``BENCH="--quick --only open,act"`` for less of it. It
needs Chromium, and the portal's build. The machine must do nothing else: Chromium, the API and
PostgreSQL share its cores. All times are by the browser's own clock, from the event until the frame
that shows the change was painted; a frame comes every 17 ms.

- open: from navigation to the first rows. The peer is a bare page that makes one request for the
  same rows, on the same server: what Chromium, the API and PostgreSQL take by themselves.
- act: from a key to the change on the screen, in a tab of 100,000 recalls.
- day: what a receptionist does in eight hours, one action after another without the pauses in
  between, with a colleague's or the PMS's change after each. What the page and the API hold is
  counted at the end of each hour, after a garbage collection, with the same screen in view. The
  "peer" is the end of the first hour. The heap includes the code that the engine compiles; the
  data are objects, arrays, strings and functions alone, from a snapshot of the heap.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from bench.browsing import acting, day, opening
from bench.browsing.acting import Acting
from bench.browsing.colleagues import Colleagues
from bench.browsing.data import BROWSED, PRACTICE, make_practice
from bench.browsing.desk import desk
from bench.browsing.receptionist import Receptionist
from bench.browsing.sizes import SIZES, BrowseSizes
from bench.client import Client
from bench.command import Length, measured, say, some_of
from bench.databases import Databases
from bench.gateway import build, running_gateway
from bench.report import Line, machine, print_rows, print_table
from bench.stage import Shipped, shipped
from core.identity import Role
from db.pool import open_owner_pool
from db.tokens import create_token
from db.types import Pool
from dev.servers.running import ServerUrls

PARTS = ("open", "act", "day")
LATENCY_MS = (20, 50)
SEED = 1
HOURLY = ("after hour", "heap MB", "data MB", "nodes", "listeners", "documents", "API MB (PSS)")
ROOMY = 4 * 2**30
"""Bytes: the template, its copy and PostgreSQL's log take most of it."""
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Office:
    """The practice's staff and PMS, and the shipped processes they use."""

    processes: Shipped
    pool: Pool
    http: aiohttp.ClientSession
    api_url: str
    api_pid: int

    async def token(self, role: Role) -> str:
        """Return a new token of the practice."""
        return await create_token(self.pool, PRACTICE, role.title(), role)

    async def client(self, role: Role) -> Client:
        """Return a client of the API with a new token."""
        return Client(self.http, await self.token(role))


@click.command()
@click.option("--quick", is_flag=True, help="A small part of it, to check that it works.")
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
def main(quick: bool, only: str) -> None:
    """Measure the portal's first view, its time to act, and what it holds after a day's work.

    Takes about 10 minutes on two cores; with --quick, less than one. Leaves nothing behind.
    """
    length = Length.QUICK if quick else Length.FULL
    sizes = SIZES[length]
    lines, rows = _tables(length, some_of(PARTS, only))
    if rows:
        headings = (
            "after hour",
            "heap MB",
            "data MB",
            "nodes",
            "listeners",
            "documents",
            "API MB (PSS)",
        )
        print_rows(f"A day of {sizes.hours} hours, {sizes.actions} actions each", headings, rows)
    rounds = f"median (least – most) of {sizes.rounds} rounds"
    print_table(f"The portal, on {machine()}; {sizes.recalls:,} recalls; {rounds}", lines)


def measure(length: Length, parts: Sequence[str] = PARTS) -> list[Line]:
    """Return the lines of the table."""
    return _tables(length, parts)[0]


def _tables(length: Length, parts: Sequence[str]) -> tuple[list[Line], Rows]:
    async def tables(servers: ServerUrls, directory: Path) -> tuple[list[Line], Rows]:
        return await measure_on(Databases(servers, directory), SIZES[length], parts)

    return measured(tables, roomy=ROOMY)


async def measure_on(
    databases: Databases, sizes: BrowseSizes, parts: Sequence[str]
) -> tuple[list[Line], Rows]:
    """Measure the parts, one after another; return their lines, and the hours of the day."""
    say(f"making {sizes.recalls:,} recalls")
    await databases.prepare()
    await make_practice(databases, sizes)
    lines: list[Line] = []
    rows: Rows = []
    async with _office(databases) as office:
        token = await office.token(Role.RECEPTIONIST)
        if "open" in parts:
            say("open")
            bare_url = await office.processes.start_server("bare_page", "bench.peers.bare_page")
            async with desk(office.api_url, token) as ours, desk(bare_url, token) as bare:
                lines += await opening.measure(ours, bare, token, sizes.rounds)
        if "act" in parts:
            say("act")
            async with desk(office.api_url, token) as ours:
                colleague = await office.client(Role.ADMIN)
                lines += await acting.measure(Acting(ours, colleague, sizes.depth), sizes.rounds)
        if "day" in parts:
            say("day")
            async with desk(office.api_url, token) as ours:
                staff, pms = await office.client(Role.ADMIN), await office.client(Role.CONNECTOR)
                colleagues = await Colleagues.of(office.pool, staff, pms, SEED)
                receptionist = Receptionist(ours, SEED)
                grown, rows = await day.measure(
                    ours, office.api_pid, receptionist, colleagues, sizes
                )
                lines += grown
    return lines, rows


@asynccontextmanager
async def _office(databases: Databases) -> AsyncIterator[Office]:
    """Run the API, a worker and the gateway on a copy of the practice."""
    program = await build("gateway", databases.directory)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(running_gateway(program, LATENCY_MS))
        url = await stack.enter_async_context(databases.clone(BROWSED))
        processes = await stack.enter_async_context(shipped(databases, url, gateway))
        pool = await stack.enter_async_context(
            await open_owner_pool(url, name="bench", connections=2)
        )
        await processes.start_worker()
        api_url = await processes.start_api()
        http = await stack.enter_async_context(aiohttp.ClientSession(api_url))
        yield Office(processes, pool, http, api_url, processes.api_pid())


if __name__ == "__main__":
    main()
