"""The command ``python -m bench.practices``: how long people wait while others are busy.

Each part is a module of ``bench.many`` that says what its figures are. A figure is the worst of the
rounds, each of which begins with a fresh database; its goal is met if every round meets it.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.command import Length, measured, say, some_of
from bench.databases import Databases
from bench.gateway import build
from bench.many import deadlocks, large, migrating, neighbour, nine, stopped
from bench.many.figures import Figure, worst_lines
from bench.report import Line, machine, print_rows
from dev.servers.running import ServerUrls

PARTS = {
    "nine": nine,
    "large": large,
    "stopped": stopped,
    "migrate": migrating,
    "deadlocks": deadlocks,
    "neighbour": neighbour,
}
ROUNDS = 5
ROOMY = 8 * 2**30
"""Bytes: the largest template, its copy and PostgreSQL's log take most of it."""


@click.command()
@click.option("--quick", is_flag=True, help="One round, to check that it works.")
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
def main(quick: bool, rounds: int, only: str) -> None:
    """Measure how long a person, a block, a STOP and /healthz wait while others are busy.

    Leaves nothing behind.
    """
    parts = some_of(list(PARTS), only)
    rounds = 1 if quick else rounds
    lines = _lines(parts, rounds)
    rows = [(line.what, line.ours, line.goal, line.met_text, line.rounds) for line in lines]
    title = f"Many practices, on {machine()}; the worst of {rounds} rounds"
    print_rows(title, ("", "ours", "goal", "met", "each round"), rows)


def measure(length: Length, parts: Sequence[str] = tuple(PARTS)) -> list[Line]:
    """Return the lines: of all rounds in full, else of one."""
    return _lines(parts, ROUNDS if length is Length.FULL else 1)


def _lines(parts: Sequence[str], rounds: int) -> list[Line]:
    async def lines(servers: ServerUrls, directory: Path) -> list[Line]:
        return await _measure(Databases(servers, directory), parts, rounds)

    return measured(lines, roomy=ROOMY)


async def _measure(databases: Databases, parts: Sequence[str], rounds: int) -> list[Line]:
    say("preparing")
    await databases.prepare()
    program = await build("gateway", databases.directory)
    lines: list[Line] = []
    for name in parts:
        part = PARTS[name]
        say(f"{name}: making the practices")
        await part.prepare(databases)
        found: list[list[Figure]] = []
        for number in range(1, rounds + 1):
            say(f"{name}: round {number}")
            found.append(await part.measure(databases, program))
        lines += worst_lines(found)
    return lines


if __name__ == "__main__":
    main()
