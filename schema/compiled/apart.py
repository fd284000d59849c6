"""Does what takes Python long apart from the event loop, which goes on every few milliseconds."""

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
"""One, for two would only take the interpreter from each other, and more from the loop."""


async def apart(work: Callable[P, T], *positional: P.args, **named: P.kwargs) -> T:
    """Give what the work gives. Its time is part of what the operation costs."""
    took, cost = 0.0, COST.get()

    def timed() -> T:
        nonlocal took
        began = thread_time()
        # What a parser makes is all alive until it ends: to look through it, again and again, and
        # through all else with it, keeps the loop waiting for nothing.
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
