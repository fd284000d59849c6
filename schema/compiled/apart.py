"""Runs long Python work in a thread, so that the event loop runs every few milliseconds."""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from typing import ParamSpec, TypeVar

from core.cost import COST

T = TypeVar("T")
P = ParamSpec("P")

THREAD = ThreadPoolExecutor(1, thread_name_prefix="recalls documents")
"""Only one: two would compete for the interpreter, and take more of it from the loop."""


async def apart(work: Callable[P, T], *positional: P.args, **named: P.kwargs) -> T:
    """Return what the work returns. Its time is part of the operation's cost."""
    took, cost = 0.0, COST.get()

    def timed() -> T:
        nonlocal took
        began = thread_time()
        # All that a parser makes lives until it ends: scanning it, and everything else with it,
        # again and again would keep the loop waiting for nothing.
        gc.disable()
        try:
            return work(*positional, **named)
        finally:
            gc.enable()
            took = thread_time() - began

    try:
        return await asyncio.get_running_loop().run_in_executor(THREAD, timed)
    finally:
        if cost is not None:
            cost.loop += took
