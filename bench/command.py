"""What the commands have in common: a directory in memory with servers, progress and errors."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from bench.waiting import BenchError
from dev.servers.embedded import ServersError, tail
from dev.servers.running import ServerUrls, running_servers

T = TypeVar("T")


class Length(StrEnum):
    """How much a benchmark measures.

    Those that ``make bench`` may run have ``measure(length, parts)``, which returns their lines.
    """

    QUICK = "quick"
    """So little that it only shows that the benchmark works."""
    SHORT = "short"
    """Minutes: enough for a figure, with more noise."""
    FULL = "full"
    """What the goals are for."""


def measured(measure: Callable[[ServerUrls, Path], Coroutine[Any, Any, T]], *, roomy: int) -> T:
    """Measure on servers in a directory that is removed afterwards; it takes ``roomy`` bytes.

    If measuring fails, the command ends with the end of each log.
    """
    with tempfile.TemporaryDirectory(prefix="recalls-bench-", dir=_memory(roomy)) as name:
        directory = Path(name)
        try:
            with running_servers(directory, fast=True) as servers:
                return asyncio.run(measure(servers, directory))
        except (BenchError, ServersError) as error:
            raise click.ClickException(f"{error}{_last_words(directory)}") from None


def some_of(parts: Sequence[str], only: str) -> list[str]:
    """Return the parts that the option ``--only`` names."""
    chosen = only.split(",")
    if not set(chosen) <= set(parts):
        raise click.BadParameter(f"choose from {', '.join(parts)}", param_hint="--only")
    return chosen


def say(what: str) -> None:
    """Print what is being done, for the person waiting."""
    click.echo(f"{time.strftime('%H:%M:%S')} {what} ...", err=True)


def _memory(roomy: int) -> str | None:
    """Return a directory in memory if it has room, else None: disks differ, and are slow."""
    memory = Path("/dev/shm")  # noqa: S108
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > roomy
    return str(memory) if is_roomy else None


def _last_words(directory: Path) -> str:
    """Return the end of each log, since they are about to be removed."""
    logs = [log for log in sorted(directory.glob("*.log")) if log.stat().st_size]
    return "".join(f"\n\nThe end of {log.name}:\n{tail(log)}" for log in logs)
