"""Attackers, canaries and fuzzers as processes of their own, and their output."""

import asyncio
import json
import sys
from asyncio.subprocess import Process as Child
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.torture.programs import ROOT


@asynccontextmanager
async def child(name: str, *arguments: str) -> AsyncIterator[Child]:
    """Run ``python -m tests.siege.NAME``; kill it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"tests.siege.{name}",
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(process: Child) -> bytes:
    """Return its next line of output. Raises RuntimeError if it has ended."""
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a process of the siege ended; see above")
    return line


def begin_now(process: Child) -> None:
    """Have a process begin that has said that it's ready."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")


async def told_by(process: Child, seconds: float) -> dict[str, Any]:
    """Return a process's final output, or nothing if that takes more than ``seconds``."""
    assert process.stdin is not None
    process.stdin.write_eof()
    try:
        async with asyncio.timeout(seconds):
            found: dict[str, Any] = json.loads(await line_of(process))
            return found
    except TimeoutError:
        return {}
