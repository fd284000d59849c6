"""Waits for conditions and commands, and reports what failed."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02


class BenchError(Exception):
    """The measurement can't be made; the message says why."""


async def until(condition: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """Wait until the condition holds; raises BenchError, naming ``what``, after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():  # noqa: ASYNC110
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise BenchError(f"{what}: not within {seconds:.0f} s") from None


async def command(*arguments: str) -> str:
    """Run a command to its end; return what it printed, or raise BenchError if it fails."""
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise BenchError(f"{arguments[0]} failed:\n{output.decode(errors='replace')}")
    return output.decode()
