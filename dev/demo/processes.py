"""The demo's child processes: started in order, watched, and stopped in reverse order."""

import asyncio
import contextlib
import errno
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from dev.demo.directory import DemoError
from dev.servers.embedded import ServersError, failure
from dev.servers.guard import Guarded

HOST = "127.0.0.1"
START_SECONDS = 50.0
POLL_SECONDS = 0.05


class Processes:
    """Processes that run until ``stack`` closes; make it inside a running event loop."""

    def __init__(self, stack: contextlib.AsyncExitStack, logs: Path) -> None:
        self._stack = stack
        self._logs = logs
        self._watchers: list[asyncio.Task[None]] = []
        self.death: asyncio.Future[ServersError] = asyncio.get_running_loop().create_future()
        """The error that names the first process to end without being stopped."""

    def watch(self, process: Guarded, logs: Path) -> None:
        """Take note if the process, which logs in ``logs``, ends by itself."""

        async def watched() -> None:
            await process.wait()
            if not self.death.done():
                self.death.set_result(failure(logs, process))

        self._watchers.append(asyncio.create_task(watched()))

    async def start(self, name: str, *arguments: str, env: Mapping[str, str]) -> Guarded:
        """Run Python with the arguments, under a guard, with a fresh log in ``name``.log."""
        process = await self._guarded(name, arguments, env)
        self.watch(process, self._logs)
        return process

    async def complete(self, name: str, *arguments: str, env: Mapping[str, str]) -> None:
        """Run Python with the arguments to its end; raises ServersError if it fails."""
        process = await self._guarded(name, arguments, env)
        if await process.wait() != 0:
            raise failure(self._logs, process)

    async def _guarded(
        self, name: str, arguments: tuple[str, ...], env: Mapping[str, str]
    ) -> Guarded:
        log = self._logs / f"{name}.log"
        log.unlink(missing_ok=True)
        process = await Guarded.start(name, [sys.executable, *arguments], env=env, log=log)
        self._stack.push_async_callback(process.stop)
        return process

    async def answers(self, process: Guarded, url: str) -> None:
        """Wait until the process answers at ``url``; raises ServersError if it does not."""
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while time.monotonic() < deadline:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(url) as response:
                        if response.ok:
                            return
                await asyncio.sleep(POLL_SECONDS)
        raise failure(self._logs, process)


def check_port(port: int, variable: str) -> None:
    """Raise DemoError if nothing can listen on the port, which the variable ``variable`` sets."""
    with socket.socket() as probe:
        # As servers do, so that connections that have just ended are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DemoError(f"Port {port} can't be used: {error.strerror}.") from None
            raise DemoError(
                f"Port {port} is in use: stop what uses it, or choose another: "
                f"make demo {variable}={port + 1}"
            ) from None
