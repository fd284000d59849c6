"""The command ``python -m bench.starting``: what starting the processes costs, and their memory.

How to run it: ``make bench-start``, or with ``BENCH="--rounds 9"``.

How to read it: CPU time is that of the process and its children, from its first instruction to its
first answer to /healthz. If the machine does something else meanwhile, that grows too; trust the
ratios, each of two starts right after each other.

The peer is the libraries alone: uvicorn, Starlette and a Strawberry schema of one field, without
PostgreSQL, Valkey or settings. A manifest of trusted documents is served besides the portal's.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import aiohttp
import click
import psutil

from api.documents import sha256
from bench.command import Length, measured, say
from bench.databases import EMPTY, Databases
from bench.gateway import HOST, free_port
from bench.report import Line, machine, print_table, ratio_line, spread
from bench.stage import pid_of, settings
from bench.waiting import BenchError, until
from dev.demo.processes import Processes
from dev.servers.running import ServerUrls

ROUNDS = 5
MANY = 1_000
"""Documents of the large manifest."""
MAX_CPU_SECONDS = 1.0
MAX_MORE_BY_MANY = 1.1
"""How much more a start may cost with the large manifest."""
ROOMY = 2**30
"""Bytes that the servers take."""
GIVE_UP = 60.0
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
GATEWAY = "http://127.0.0.1:9"
"""Nothing is sent here."""


@dataclass(frozen=True, slots=True)
class Start:
    """What one start took: seconds, and megabytes at its end."""

    cpu: float
    wall: float
    pss: float
    rss: float


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=ROUNDS, show_default=True)
def main(rounds: int) -> None:
    """Measure starts of the API and of a worker, side by side with what the libraries alone take.

    Takes about a minute on two cores. Leaves nothing behind.
    """
    lines = _lines(rounds)
    times = f"median (least – most) of {rounds} rounds, in turn"
    print_table(f"Starting, on {machine()}; peer: the libraries alone; {times}", lines)


def measure(length: Length) -> list[Line]:
    """Return the lines of the table."""
    return _lines(1 if length is Length.QUICK else ROUNDS)


def _lines(rounds: int) -> list[Line]:
    async def lines(servers: ServerUrls, directory: Path) -> list[Line]:
        return await measure_on(Databases(servers, directory), rounds)

    return measured(lines, roomy=ROOMY)


async def measure_on(databases: Databases, rounds: int) -> list[Line]:
    """Measure a start of each kind in each round, one after another."""
    say("preparing")
    await databases.prepare()
    # As in production, where everything is compiled; the first round would compile it otherwise.
    ours = settings(databases, databases.database_url(EMPTY), GATEWAY)
    env = {name: value for name, value in os.environ.items() if name != UNCOMPILED} | ours
    few, many = (_manifest(databases.directory, count) for count in (1, MANY))
    serve = partial(_served, databases.directory, env)
    await serve("api", "serve")
    await _working(databases.directory, env)
    say("starting")
    found: dict[str, list[Start]] = {"peer": [], "few": [], "many": [], "worker": []}
    for _ in range(rounds):
        found["peer"].append(await serve("bench.peers.one_field"))
        found["few"].append(await serve("api", "serve", documents=few))
        found["many"].append(await serve("api", "serve", documents=many))
        found["worker"].append(await _working(databases.directory, env))
    return lines_of(**found)


def lines_of(
    peer: list[Start], few: list[Start], many: list[Start], worker: list[Start]
) -> list[Line]:
    """Return the table; the peer of the large manifest is the small one."""
    cpu = [start.cpu for start in few]
    goal = Line(
        "API, one document: CPU",
        spread(cpu, "{:.2f} s"),
        goal=f"≤ {MAX_CPU_SECONDS:g} s",
        met=median(cpu) <= MAX_CPU_SECONDS,
    )
    return [
        goal,
        ratio_line("  beside the libraries", cpu, [s.cpu for s in peer], "{:.2f} s"),
        ratio_line("  wall", [s.wall for s in few], [s.wall for s in peer], "{:.2f} s"),
        ratio_line("  memory, PSS", [s.pss for s in few], [s.pss for s in peer], "{:.1f} MB"),
        ratio_line("  memory, RSS", [s.rss for s in few], [s.rss for s in peer], "{:.1f} MB"),
        ratio_line(
            f"API, {MANY:,} documents; peer: with one: CPU",
            [s.cpu for s in many],
            cpu,
            "{:.2f} s",
            at_most=MAX_MORE_BY_MANY,
        ),
        ratio_line("  wall", [s.wall for s in many], [s.wall for s in few], "{:.2f} s"),
        ratio_line(
            "  memory, PSS",
            [s.pss for s in many],
            [s.pss for s in few],
            "{:.1f} MB",
            at_most=MAX_MORE_BY_MANY,
        ),
        Line("worker: CPU", spread([s.cpu for s in worker], "{:.2f} s")),
        Line("  wall", spread([s.wall for s in worker], "{:.2f} s")),
        Line("  memory, PSS", spread([s.pss for s in worker], "{:.1f} MB")),
    ]


def _manifest(directory: Path, count: int) -> Path:
    """Write a manifest of so many queries, each some three hundred characters long."""
    texts = [
        f"query List{n}($after: String) {{ recalls(first: 20, after: $after) {{ nodes {{"
        " id reason dueDate urgency state category { name }"
        " patient { firstName lastName mobile sharesMobileWith { firstName } }"
        " smsStatus { blocked reason overridable message } }"
        " pageInfo { hasNextPage endCursor } } }"
        for n in range(count)
    ]
    path = directory / f"{count}.json"
    path.write_text(json.dumps({sha256(text): text for text in texts}))
    return path


async def _served(
    directory: Path, env: dict[str, str], *command: str, documents: Path | None = None
) -> Start:
    """Start a process that serves until it answers; return what that took."""
    port = free_port()
    own = {"RECALLS_HOST": HOST, "RECALLS_PORT": str(port)}
    if documents is not None:
        own["RECALLS_TRUSTED_DOCUMENTS"] = str(documents)
    async with AsyncExitStack() as stack, aiohttp.ClientSession() as http:

        async def answers() -> bool:
            try:
                async with http.get(f"http://{HOST}:{port}/healthz") as answer:
                    return answer.ok
            except aiohttp.ClientError:
                return False

        processes = Processes(stack, directory)
        await processes.start(command[0], "-m", *command, env=env | own)
        await until(answers, GIVE_UP, f"the start of {command[0]}")
        return _taken(sys.executable, "-m", *command)


async def _working(directory: Path, env: dict[str, str]) -> Start:
    """Start a worker until it takes work; return what that took."""
    log = directory / "worker.log"
    async with AsyncExitStack() as stack:

        async def ready() -> bool:
            return "ready for work" in await asyncio.to_thread(log.read_text)

        await Processes(stack, directory).start("worker", "-m", "workers", env=env)
        await until(ready, GIVE_UP, "the worker's start")
        return _taken(sys.executable, "-m", "workers")


def _taken(*command: str) -> Start:
    """Return what the process with this command, and its children, have taken so far."""
    process = psutil.Process(pid_of(*command))
    family = [process, *process.children(recursive=True)]
    memory = [each.memory_full_info() for each in family]
    return Start(
        cpu=sum(sum(each.cpu_times()[:4]) for each in family),
        wall=_age(process.pid),
        pss=sum(each.pss for each in memory) / 1e6,
        rss=sum(each.rss for each in memory) / 1e6,
    )


def _age(pid: int) -> float:
    """Return the seconds since the process was made, to a hundredth."""
    if sys.platform != "linux":
        raise BenchError("Starts are measured by Linux's /proc")
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
