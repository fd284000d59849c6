"""The command ``python -m tests.torture``: a long torture run; exits 1 if a verdict isn't 0."""

import argparse
import asyncio
import logging
import sys
import time

from rich.console import Console

from tests.torture.report import print_report
from tests.torture.run import Options, torture


def main() -> None:
    """Run, report, and keep the logs of a run that isn't clean."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture",
        description="Run the torture test; exit 1 if a verdict isn't 0.",
    )
    parser.add_argument(
        "--messages", type=int, default=100_000, help="messages to accept at least (%(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=time.time_ns() % 1_000_000,
        help="number that every decision follows from (random)",
    )
    parser.add_argument(
        "--workers", type=int, default=3, help="worker processes, two or more (%(default)s)"
    )
    arguments = parser.parse_args()
    options = Options(arguments.messages, arguments.seed, max(2, arguments.workers))
    # It logs each connection that the run cuts on purpose.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    console = Console()
    console.print(f"seed {options.seed}")
    outcome = asyncio.run(torture(options))
    print_report(outcome, console)
    if not outcome.clean:
        console.print(f"The logs are in {outcome.logs}.")
        sys.exit(1)


main()
