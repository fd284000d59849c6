"""The directory where the demo keeps its data and logs, and tells scripts how to reach it."""

import asyncio
import contextlib
import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

STOP_SECONDS = 15.0
POLL_SECONDS = 0.1


class DemoError(Exception):
    """The demo can't go on; the message says why and what to do."""


class Directory:
    """``var/``: the servers' data, the logs, and ``demo.json`` with the addresses and tokens."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.servers = self.path / "servers"
        self.logs = self.path / "log"
        self._description = self.path / "demo.json"
        self._seeded = self.servers / "seeded"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others out during the ``with`` block; raises DemoError if one is already there."""
        self.servers.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        # The lock of `python -m dev.servers`, which must not run here either.
        with (self.servers / "servers.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoError(
                    f"A demo is already running in {self.path}: stop it first."
                ) from None
            yield

    @property
    def seeded(self) -> bool:
        """Whether the data is complete: a demo stopped while seeding leaves only part of it."""
        return self._seeded.exists()

    def mark_seeded(self) -> None:
        """Remember that the data is complete."""
        self._seeded.touch()

    async def erase(self) -> None:
        """Remove the data and ``demo.json``; raises DemoError while PostgreSQL runs on the data."""
        data = self.servers / "postgres"
        deadline = time.monotonic() + STOP_SECONDS
        while (pid := _postgres_on(data)) is not None:
            # A killed demo's PostgreSQL stops by itself.
            if time.monotonic() > deadline:
                raise DemoError(f"PostgreSQL (process {pid}) still uses {data}: stop it first.")
            await asyncio.sleep(POLL_SECONDS)
        self._seeded.unlink(missing_ok=True)
        self._description.unlink(missing_ok=True)
        if data.exists():
            shutil.rmtree(data)

    def take_tokens(self) -> dict[str, dict[str, str]]:
        """Return the tokens in ``demo.json``, by practice and role, and remove it.

        Scripts that wait for the file find it again once everything answers.
        """
        tokens = {}
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            practices = json.loads(self._description.read_text())["practices"]
            tokens = {practice["id"]: dict(practice["tokens"]) for practice in practices}
        self._description.unlink(missing_ok=True)
        return tokens

    def describe(self, description: dict[str, Any]) -> None:
        """Write ``demo.json``, whole or not at all, readable by its owner only."""
        draft = self.path / "demo.json.new"
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(description, indent=2) + "\n")
        draft.rename(self._description)


def _postgres_on(data: Path) -> int | None:
    """Return the process id of the PostgreSQL that runs on ``data``, or None."""
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
        if str(data) in psutil.Process(pid).cmdline():
            return pid
    return None
