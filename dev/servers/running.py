"""Both servers in a process of their own, which stops with its parent."""

import contextlib
import dataclasses
import json
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from db.tenancy import APPLICATION
from dev.servers.embedded import ServersError, tail

START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclasses.dataclass(frozen=True)
class ServerUrls:
    """Where the two servers answer: a libpq URL and a Redis URL."""

    database_url: str
    """As the owner of everything, which row-level security doesn't bind."""
    valkey_url: str


def as_application(owner_url: str) -> str:
    """Return the same database's URL for the role that serves; these servers trust a name."""
    return owner_url.replace("//postgres@", f"//{APPLICATION}@", 1)


@contextlib.contextmanager
def running_servers(directory: Path, *, fast: bool) -> Iterator[ServerUrls]:
    """Run both servers in a process of their own during the ``with`` block.

    They keep their data and logs in ``directory``, and stop by themselves if the caller is killed.
    ``fast`` gives up safety against power loss. Raises ServersError with the end of the log if
    they do not answer within 60 seconds.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "dev.servers", "--dir", str(directory)]
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
