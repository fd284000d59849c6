"""Runs PostgreSQL and Valkey out of wheels for the demo and the tests, and stops them for certain.

``python -m api.demo.servers --dir DIRECTORY [--fast]`` prints one JSON line with both addresses
once both servers answer, and stops them when its standard input ends or on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import fcntl
import json
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from api.demo.embedded import ServersError, failure, start_postgres, start_valkey, tail
from api.demo.guard import stop_requests
from db.tenancy import APPLICATION

START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class ServerUrls:
    """Where the two servers answer: a libpq URL and a Redis URL."""

    database_url: str
    """As the owner of everything, whom row-level security doesn't bind."""
    valkey_url: str


def as_application(owner_url: str) -> str:
    """Give the URL of the same database for the role that serves; these servers trust a name."""
    return owner_url.replace("//postgres@", f"//{APPLICATION}@", 1)


@contextlib.contextmanager
def running_servers(directory: Path, *, fast: bool) -> Iterator[ServerUrls]:
    """Run both servers in a process of their own while the ``with`` block runs.

    They keep their data and logs in ``directory``, and stop by themselves if the caller is killed.
    ``fast`` gives up safety against power loss. Raises ServersError with the end of the log if
    they do not answer within 60 seconds.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "api.demo.servers", "--dir", str(directory)]
    log = directory / "servers.log"
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603 - the command is this module
            command + ["--fast"] * fast,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        try:
            ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
            line = process.stdout.readline() if ready else b""
            if not line:
                raise ServersError(f"the servers did not start; the end of {log}:\n{tail(log)}")
            yield ServerUrls(**json.loads(line))
        finally:
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


async def serve(directory: Path, *, fast: bool) -> None:
    """Start both servers, print their addresses, and run until cancelled; then stop both.

    Raises ServersError if one of them does not start, or ends although nobody stopped it.
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
    parser = argparse.ArgumentParser(prog="python -m api.demo.servers", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where data and logs are kept")
    parser.add_argument("--fast", action="store_true", help="unsafe against power loss: for tests")
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
