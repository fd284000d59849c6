"""The command ``python -m tests.siege.fuzz``: fuzzes for a while; exits 1 if it found a bug."""

import argparse
import asyncio
import shutil
import sys
import time
from pathlib import Path

from tests.siege.fuzz.replay import replay
from tests.siege.fuzz.run import Result, fuzz
from tests.siege.stage import staged

FOUND = Path("var") / "fuzz"


async def _fuzz(seconds: float, seed: int, directory: Path) -> Result:
    async with staged() as stage:
        return await fuzz(stage, seconds, seed, directory)


async def _replay(kept: Path) -> None:
    async with staged() as stage:
        await replay(stage, kept)


def main() -> None:
    """Fuzz and report."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.siege.fuzz",
        description="Fuzz for a while; exit 1 if that finds a bug.",
    )
    parser.add_argument(
        "--seconds", type=float, default=600, help="length of the run (%(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=time.time_ns() % 1_000_000,
        help="number that all cases follow from (random)",
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="send the cases kept in a finding's file again"
    )
    arguments = parser.parse_args()
    if arguments.replay:
        asyncio.run(_replay(arguments.replay))
        return
    directory = FOUND / f"{arguments.seed}"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    print(f"seed {arguments.seed}; what is found is kept in {directory}", flush=True)
    result = asyncio.run(_fuzz(arguments.seconds, arguments.seed, directory.resolve()))
    print("\n".join([*result.found, str(result)]))
    if result.found:
        sys.exit(1)


main()
