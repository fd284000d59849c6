"""Attackers, canaries and fuzzers as processes of their own, and what they say."""

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
    """Run ``python -m tests.siege.NAME``, and kill it in the end if it lives then."""
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
    """Give the next line that it says; raises RuntimeError where it ended."""
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a process of the siege ended; see above")
    return line


def begin_now(process: Child) -> None:
    """Have one begin that said that it is ready."""
    assert process.stdin is not None
    process.stdin.write(b"go\n")


async def told_by(process: Child, seconds: float) -> dict[str, Any]:
    """Give what a process says in the end; nothing where that takes longer."""
    assert process.stdin is not None
    process.stdin.write_eof()
    try:
        async with asyncio.timeout(seconds):
            found: dict[str, Any] = json.loads(await line_of(process))
            return found
    except TimeoutError:
        return {}
