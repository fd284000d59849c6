"""The command ``python -m bench.floor``: fails if a page or a send costs far more than it did.

The last thing in ``.ci/run``; takes a minute. Each floor lies below what is measured on an idle
machine (0.64 to 0.70; 0.64 to 0.88), so that noise doesn't reach it. So a page that costs a third
more is noticed, and a fifth only sometimes; a send, at two to three times its cost. A comparison
that misses its floor is made up to twice more before it counts: a machine may have hiccups.
"""

import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import click

from bench import delivery
from bench.command import measured, say
from bench.databases import Databases
from bench.reading.ask import Asker
from bench.reading.comparing import AT_ONCE, SMALL_PAGE
from bench.reading.data import READ, make_lists
from bench.reading.pages import Truth, questions
from bench.reading.rounds import Rounds
from bench.reading.servers import Servers
from bench.reading.sizes import Lists, ReadSizes
from bench.sizes import FLOOR
from bench.stage import Stage
from db.pool import open_owner_pool
from dev.servers.running import ServerUrls

READS = ReadSizes(
    lists=Lists(patients=4_000, recalls=10_000, blocks=600),
    large=None,
    rounds=3,
    warm_up=0.5,
    seconds=2,
)
ROOMY = 4 * 2**30
"""Bytes that the servers take."""
TRIES = 3
Compare = Callable[[ServerUrls, Path], Coroutine[None, None, list[float]]]


async def page_to_limit(servers: ServerUrls, directory: Path) -> list[float]:
    """Return each round's ratio: pages of 20 a second, ours ÷ the limit's."""
    databases = Databases(servers, directory)
    await databases.prepare()
    await make_lists(databases, READ, READS.lists)
    async with AsyncExitStack() as stack:
        pool = await open_owner_pool(databases.database_url(READ), name="bench")
        await stack.enter_async_context(pool)
        started = Servers(databases, stack)
        both = [await started.ours(READ, pool), await started.limit(READ)]
        rounds = Rounds(await Asker.build(directory), READS, directory)
        asked = await questions(pool, SMALL_PAGE)
        cells = [await rounds.cell(server, Truth(pool), asked) for server in both]
        ours, limit = await rounds.time(cells, connections=AT_ONCE)
    bad = sum(figures.bad for figures in (*ours, *limit))
    if bad:
        raise click.ClickException(f"{bad} bad replies")
    return [mine.rate / other.rate for mine, other in zip(ours, limit, strict=True)]


async def send_to_bare_client(servers: ServerUrls, directory: Path) -> list[float]:
    """Return each round's ratio: messages a second, ours ÷ the bare client's."""
    stage = Stage(servers, directory, FLOOR)
    await stage.prepare()
    return await delivery.ratios_to_bare_client(stage)


FLOORS: dict[str, tuple[Compare, float]] = {
    "page of 20 ÷ the limit": (page_to_limit, 0.55),
    "delivery ÷ bare client": (send_to_bare_client, 0.3),
}


@click.command()
def main() -> None:
    """Compare ours with the limit and with the bare client, briefly; fail below the floors."""
    fell = [name for name, (compare, floor) in FLOORS.items() if not _holds(name, compare, floor)]
    sys.exit(1 if fell else 0)


def _holds(name: str, compare: Compare, floor: float) -> bool:
    for _ in range(TRIES):
        say(name)
        ratios = measured(compare, roomy=ROOMY)
        rounds = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        held = median(ratios) >= floor
        click.echo(f"{name}: {median(ratios):.2f} ({rounds}); floor {floor:g}")
        if held:
            return True
    return False


if __name__ == "__main__":
    main()
