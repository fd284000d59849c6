"""The command ``python -m bench``: every figure that the project claims, on one page.

How to run it: ``make bench``; ``make bench BENCH=--write`` also puts the tables into
docs/performance.md, which explains them. The machine must do nothing else.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bench import portal, practices, read, send, starting
from bench.command import Length, say
from bench.report import Line, machine, print_table
from bench.waiting import command

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
READ = ("peers", "tls", "processes", "depth", "filter", "blocks", "count")
SEND = ("delivery", "latency")
SECTIONS: dict[str, Callable[[Length], list[Line]]] = {
    "Reading": lambda length: read.measure(length, READ),
    "Sending": lambda length: send.measure(length, SEND),
    "A neighbour": lambda length: practices.measure(length, ("neighbour",)),
    "Starting": starting.measure,
    "The portal": portal.measure,
}
HEADINGS = ("", "ours", "peer", "ours ÷ peer", "goal", "met")


@click.command()
@click.option("--quick", is_flag=True, help="So little that it only shows that all of it works.")
@click.option("--only", default=",".join(SECTIONS), help=f"Some of: {', '.join(SECTIONS)}.")
@click.option("--write", is_flag=True, help="Put the tables into docs/performance.md.")
def main(quick: bool, only: str, write: bool) -> None:
    """Measure everything briefly, and print one page; takes some 18 minutes on two cores.

    Each benchmark by itself measures for longer, and more.
    """
    chosen = [name.strip() for name in only.split(",")]
    if not set(chosen) <= set(SECTIONS):
        raise click.BadParameter(f"choose from {', '.join(SECTIONS)}", param_hint="--only")
    began = time.monotonic()
    found: dict[str, list[Line]] = {}
    for name in chosen:
        say(name)
        found[name] = SECTIONS[name](Length.QUICK if quick else Length.SHORT)
        print_table(name, found[name])
    minutes = (time.monotonic() - began) / 60
    day = time.strftime("%Y-%m-%d")
    kind = "a quick run, " if quick else ""
    run = f"{day}, commit {commit()}, {machine()}, {kind}{minutes:.0f} minutes"
    click.echo(f"{run}. Medians (least – most) of rounds in turn.")
    if write:
        PAGE.write_text(written(PAGE.read_text(), found, run))


def written(page: str, found: dict[str, list[Line]], run: str) -> str:
    """Return the page with the tables of this run, each in place of the one of its section.

    A void comparison is no figure, and is left out.
    """
    for name, lines in found.items():
        figures = [line for line in lines if not line.ours.startswith("VOID")]
        table = _table([HEADINGS, ("---",) * len(HEADINGS), *map(_cells, figures)])
        text = f"<!-- {name} -->\n{table}\n\n*{run}.*\n<!-- end -->"
        block = re.compile(rf"<!-- {name} -->.*?<!-- end -->", re.DOTALL)
        page, count = block.subn(lambda _: text, page)  # noqa: B023 - used at once
        if count != 1:
            raise click.ClickException(f"{PAGE.name} has no place for: {name}")
    return page


def _cells(line: Line) -> Sequence[str]:
    return line.what, line.ours, line.peer, line.ratio, line.goal, line.met_text


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def commit() -> str:
    """Return the commit that is measured."""
    return asyncio.run(
        command("git", "-C", str(PAGE.parent), "rev-parse", "--short", "HEAD")
    ).strip()


if __name__ == "__main__":
    main()
