"""Runs PostgreSQL and Valkey from wheels for the demo and the tests, and always stops them.

``python -m dev.servers --dir DIRECTORY [--fast]`` prints one JSON line with both addresses once
both servers answer, and stops them when its standard input ends or on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import fcntl
import json
import sys
from pathlib import Path

from dev.servers.embedded import ServersError, failure, start_postgres, start_valkey
from dev.servers.guard import stop_requests
from dev.servers.running import ServerUrls


async def serve(directory: Path, *, fast: bool) -> None:
    """Start both servers, print their addresses, and run until cancelled; then stop both.

    Raises ServersError if one of them does not start, or ends without being stopped.
    """
    async with contextlib.AsyncExitStack() as stack:
        valkey, valkey_url = await start_valkey(directory, stack)
        postgres, database_url = await start_postgres(directory, stack, fast=fast)
        print(json.dumps(dataclasses.asdict(ServerUrls(database_url, valkey_url))), flush=True)
        ends = [asyncio.create_task(server.wait()) for server in (valkey, postgres)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        raise failure(directory, valkey if ends[0].done() else postgres)


async def _serve_until_stopped(directory: Path, *, fast: bool) -> None:
    stop = asyncio.create_task(stop_requests().wait())
    serving = asyncio.create_task(serve(directory, fast=fast))
    await asyncio.wait({stop, serving}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main() -> None:
    """Run both servers until told to stop, alone on their directory."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.servers",
        description="Run PostgreSQL and Valkey until standard input ends or on SIGTERM or SIGINT."
        " Print one JSON line with both addresses once both answer.",
    )
    parser.add_argument("--dir", type=Path, required=True, help="folder for data and logs")
    parser.add_argument(
        "--fast", action="store_true", help="not safe against power loss; for tests"
    )
    options = parser.parse_args()
    directory = options.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "servers.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"servers are already running in {directory}")
        try:
            asyncio.run(_serve_until_stopped(directory, fast=options.fast))
        except ServersError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
