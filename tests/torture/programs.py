"""Our programs as processes of their own, to start, freeze, kill and stop."""

import asyncio
import contextlib
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

from tests.support.simulated import until

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 30.0


class Program:
    """``python -m`` with arguments; its output is appended to ``name``.log in ``logs``."""

    def __init__(self, name: str, *arguments: str, env: Mapping[str, str], logs: Path) -> None:
        self.frozen = False
        self._arguments = arguments
        self._env = env
        self.log = logs / f"{name}.log"
        self._process: Process | None = None

    async def start(self) -> None:
        """Start the process."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._arguments,
                cwd=ROOT,
                env=self._env,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._running().pid

    @property
    def ended(self) -> bool:
        """Return whether it has ended, for whatever reason."""
        return self._running().returncode is not None

    async def complete(self) -> None:
        """Run it to its end. Raises RuntimeError if it fails."""
        if not await self.succeeds():
            raise RuntimeError(f"it failed; {self.log} says why")

    async def succeeds(self) -> bool:
        """Run it to its end; return whether it succeeded."""
        await self.start()
        return await self._running().wait() == 0

    async def says(self, words: str, seconds: float) -> None:
        """Wait until it has logged the words. Raises RuntimeError if it ends before that."""

        async def said() -> bool:
            if self.ended:
                raise RuntimeError(f"it ended; {self.log} says why")
            return words in self.log.read_text(errors="replace")

        await until(said, seconds)

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        stdin = self._running().stdin
        assert stdin is not None
        stdin.write(f"{line}\n".encode())

    def freeze(self) -> None:
        """Freeze it (SIGSTOP)."""
        self.frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it continue (SIGCONT)."""
        self.frozen = False
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """End it at once (SIGKILL), frozen or not."""
        self.frozen = False
        self._signal(signal.SIGKILL)
        await self._running().wait()

    async def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait; kill it after half a minute."""
        self.thaw()
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._running().wait()
        except TimeoutError:
            await self.kill()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._running().send_signal(number)

    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError("it was not started")
        return self._process


def free_port() -> int:
    """Return a loopback port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
