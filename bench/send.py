"""The command ``python -m bench.send``: measures the way of a message, prints one table."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from api.demo.embedded import ServersError, tail
from api.demo.servers import running_servers
from bench import ceiling, delivery, latency, memory, planning
from bench.data import make_large
from bench.report import Line, machine, print_table
from bench.sizes import FULL, QUICK
from bench.stage import Stage
from bench.waiting import BenchError

PARTS = ("gateway", "delivery", "planning", "memory", "latency")
ROOMY = 12 * 2**30
"""Bytes: the large practice, its copy and PostgreSQL's log of the run take most of it."""


@click.command()
@click.option("--quick", is_flag=True, help="A twentieth of it, to see that it works.")
@click.option("--only", default=",".join(PARTS), help=f"Some of: {','.join(PARTS)}.")
def main(quick: bool, only: str) -> None:
    """Measure our sending side by side with the simplest thing that does the same.

    Takes some 12 minutes on two cores; with --quick, one and a half. Leaves nothing behind.
    """
    parts = only.split(",")
    if not set(parts) <= set(PARTS):
        raise click.BadParameter(f"some of {', '.join(PARTS)}", param_hint="--only")
    sizes = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="recalls-bench-", dir=_memory()) as name:
        directory = Path(name)
        try:
            with running_servers(directory, fast=True) as servers:
                lines = asyncio.run(_measure(Stage(servers, directory, sizes), parts))
        except (BenchError, ServersError) as error:
            raise click.ClickException(f"{error}{_last_words(directory)}") from None
    rounds = f"median (least – most) of {sizes.rounds} rounds, peer and ours in turn"
    print_table(f"Sending, on {machine()}; {rounds}", lines)


async def _measure(stage: Stage, parts: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    alone: list[float] = []
    _say("preparing")
    await stage.prepare()
    if "gateway" in parts:
        _say("gateway")
        lines += await ceiling.measure(stage)
    if "delivery" in parts:
        _say("delivery")
        lines += await delivery.measure(stage)
    if set(parts) & {"planning", "memory", "latency"}:
        _say("making the large practice")
        await make_large(stage)
    if "planning" in parts:
        _say("planning")
        planned, alone = await planning.measure(stage)
        lines += planned
    if "memory" in parts:
        _say("memory")
        lines += await memory.measure(stage)
    if "latency" in parts:
        _say("latency")
        lines += await latency.measure(stage, alone or [await planning.alone(stage)])
    return lines


def _say(what: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {what} ...", err=True)


def _memory() -> str | None:
    """Give a directory in memory where the machine has a roomy one: disks differ, and are slow."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOMY
    return str(memory) if roomy else None


def _last_words(directory: Path) -> str:
    """Give the end of each log, which are about to be removed."""
    logs = [log for log in sorted(directory.glob("*.log")) if log.stat().st_size]
    return "".join(f"\n\nThe end of {log.name}:\n{tail(log)}" for log in logs)


if __name__ == "__main__":
    main()
