"""The command ``python -m bench.send``: measures a message's path, prints one table."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench import ceiling, delivery, latency, memory, planning
from bench.command import Length, measured, say, some_of
from bench.data import make_large
from bench.report import Line, machine, print_table
from bench.sizes import SIZES
from bench.stage import Stage
from dev.servers.running import ServerUrls

PARTS = ("gateway", "delivery", "planning", "memory", "latency")
ROOMY = 12 * 2**30
"""Bytes: the large practice, its copy and PostgreSQL's log of the run take most of it."""


@click.command()
@click.option("--quick", is_flag=True, help="A twentieth of it, to check that it works.")
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
def main(quick: bool, only: str) -> None:
    """Measure our sending side by side with the simplest thing that does the same.

    Takes about 12 minutes on two cores; with --quick, one and a half. Leaves nothing behind.
    """
    parts = some_of(PARTS, only)
    length = Length.QUICK if quick else Length.FULL
    lines = measure(length, parts)
    rounds = f"median (least – most) of {SIZES[length].rounds} rounds, peer and ours in turn"
    print_table(f"Sending, on {machine()}; {rounds}", lines)


def measure(length: Length, parts: Sequence[str] = PARTS) -> list[Line]:
    """Return the lines of the table."""

    async def lines(servers: ServerUrls, directory: Path) -> list[Line]:
        return await _measure(Stage(servers, directory, SIZES[length]), parts)

    return measured(lines, roomy=ROOMY)


async def _measure(stage: Stage, parts: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    alone: list[float] = []
    say("preparing")
    await stage.prepare()
    if "gateway" in parts:
        say("gateway")
        lines += await ceiling.measure(stage)
    if "delivery" in parts:
        say("delivery")
        lines += await delivery.measure(stage)
    if set(parts) & {"planning", "memory", "latency"}:
        say("making the large practice")
        await make_large(stage)
    if "planning" in parts:
        say("planning")
        planned, alone = await planning.measure(stage)
        lines += planned
    if "memory" in parts:
        say("memory")
        lines += await memory.measure(stage)
    if "latency" in parts:
        say("latency")
        lines += await latency.measure(stage, alone or [await planning.alone(stage)])
    return lines


if __name__ == "__main__":
    main()
