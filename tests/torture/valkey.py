"""The run's own Valkey, which can be flushed, cut, frozen, stopped and restarted."""

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dev.servers.embedded import start_valkey
from dev.servers.guard import Guarded
from tests.support.simulated import until


class Valkey:
    """A Valkey that runs from ``start`` until ``stack`` closes."""

    def __init__(self, directory: Path, stack: AsyncExitStack) -> None:
        self._directory = directory
        self._stack = stack
        self.url = ""
        self._command: list[str] = []
        self._process: Guarded | None = None
        self._pid = 0

    async def start(self) -> None:
        """Start it, empty; the second time on the first one's port."""
        if self._process is None:
            self._process, self.url = await start_valkey(self._directory, self._stack)
            self._pid = await self._asked(_own_pid)
            self._command = psutil.Process(self._pid).cmdline()
        elif self._process.returncode is not None:
            log = self._directory / "valkey.log"
            self._process = await Guarded.start("valkey", self._command, log=log)
            self._stack.push_async_callback(self._process.stop)
            await until(self._answers, seconds=20)
            self._pid = await self._asked(_own_pid)

    async def stop(self) -> None:
        """Stop it for real: its contents are gone, and connections are refused."""
        if self._process is not None:
            await self._process.stop()

    def freeze(self) -> None:
        """Keep it from answering, with its connections open."""
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it continue, if it runs."""
        if self._process is not None and self._process.returncode is None:
            os.kill(self._pid, signal.SIGCONT)

    async def flush(self) -> None:
        """Delete every job and everything else in it."""
        await self._asked(lambda client: client.flushall())

    async def cut(self) -> None:
        """Close everybody else's connections."""
        await self._asked(lambda client: client.client_kill_filter(_type="normal", skipme=True))

    async def _answers(self) -> bool:
        try:
            return bool(await self._asked(lambda client: client.ping()))
        except (RedisError, OSError):
            return False

    async def _asked(self, question: Callable[[Any], Awaitable[Any]]) -> Any:
        async with Redis.from_url(self.url) as client:
            return await question(client)


async def _own_pid(client: Any) -> int:
    return int((await client.info("server"))["process_id"])
