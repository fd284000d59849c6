"""The command ``python -m bench.migrate``: who waits, and how long, while the database is migrated.

A worker sends a hundred messages a second, and people read, send and block (``bench.upgrading``).
Each part is one ``python -m db migrate`` beside them:

- upgrade: from a former release, whose worker and API are replaced as soon as it says so;
- same: nothing has changed;
- triggers: db/sql/triggers.sql has, so that the tables' triggers are created anew;
- columns: the rule has, so that a tenth of all recalls get another answer in their stored columns.

The peer of each figure is the same figure for as long a time right after it, or for a minute if
that is less, without a migration.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click

from bench.command import measured, say, some_of
from bench.databases import Databases
from bench.gateway import build, running_gateway
from bench.many.figures import GIVE_UP
from bench.releases import ROOT, before_newest_revision, former, migrate
from bench.report import Line, machine, print_table
from bench.stage import settings
from bench.upgrading.data import PRACTICES, fill
from bench.upgrading.parts import PARTS, Migrations
from bench.upgrading.sizes import FULL_RECALLS, QUICK_RECALLS, MigrateSizes, sizes_of
from bench.waiting import BenchError
from db.pool import open_owner_pool
from dev.servers.running import ServerUrls

DATABASE = "migrated"
LATENCY_MS = (20, 50)
ROOMY = 12 * 2**30
"""Bytes: the recalls, what is rewritten of them and PostgreSQL's log take most of it."""
WAL = "alter system set max_wal_size = '2GB'"


@click.command()
@click.option("--quick", is_flag=True, help="A twenty-fifth of it, to check that it works.")
@click.option("--recalls", type=click.IntRange(5_000), default=FULL_RECALLS, show_default=True)
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
@click.option("--before", help="The former release, a commit. [default: before the last revision]")
def main(quick: bool, recalls: int, only: str, before: str | None) -> None:
    """Measure how long messages and people wait while the database is migrated.

    Prints each part's figures as they come, and all of them at the end. Leaves nothing behind.
    """
    parts = some_of(list(PARTS), only)
    sizes = sizes_of(QUICK_RECALLS if quick else recalls)

    async def measure_on(servers: ServerUrls, directory: Path) -> list[Line]:
        return await measure(Databases(servers, directory), sizes, parts, before)

    found = measured(measure_on, roomy=ROOMY)
    what = f"{sizes.recalls:,} recalls of {PRACTICES} practices, {sizes.rate} messages a second"
    print_table(f"Migrating, on {machine()}; {what}; peer: no migration", found)


async def measure(
    databases: Databases, sizes: MigrateSizes, parts: Sequence[str], before: str | None
) -> list[Line]:
    """Measure the parts, one after another, on one database."""
    say("preparing")
    await databases.prepare()
    await databases.administer(WAL, "select pg_reload_conf()", f"create database {DATABASE}")
    release = ROOT
    if "upgrade" in parts:
        before = before or await before_newest_revision()
        release = await former(before, databases.directory / "former")
    async with _migrations(databases, sizes, release) as migrations:
        found: list[Line] = []
        for part in (part for part in PARTS if part in parts):
            what = PARTS[part].format(before=before)
            say(what)
            figures = await migrations.measure(part, what)
            for line in figures:
                say(f"{line.what}: {line.ours}, peer {line.peer or 'none'}")
            found += figures
        say("comparing what was sent with what arrived")
        return found + (await migrations.account()).lines()


@asynccontextmanager
async def _migrations(
    databases: Databases, sizes: MigrateSizes, release: Path
) -> AsyncIterator[Migrations]:
    """Yield what can be measured once the release's worker is sending."""
    url = databases.database_url(DATABASE)
    program = await build("gateway", databases.directory)
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(running_gateway(program, LATENCY_MS))
        env = settings(databases, url, gateway.url)
        env["RECALLS_GATEWAY_RATE"] = str(sizes.rate)
        log = databases.directory / "migrate.log"
        if not await migrate(release, env, log=log, seconds=GIVE_UP):
            raise BenchError("the empty database wasn't migrated")
        say(f"making {sizes.recalls:,} recalls")
        await fill(databases, url, sizes)
        pool = await stack.enter_async_context(
            await open_owner_pool(url, name="bench", connections=4)
        )
        migrations = Migrations(databases.directory, sizes, env, gateway, pool)
        stack.push_async_callback(migrations.stop)
        say("planning the runs")
        await migrations.begin(release)
        yield migrations


if __name__ == "__main__":
    main()
