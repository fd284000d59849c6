"""Runs long Python work in a thread, so that the event loop runs every few milliseconds."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import thread_time
from typing import ParamSpec, TypeAlias, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

Meter: TypeAlias = Callable[[float], None]
"""Called with the seconds of CPU time that a piece of work took in the thread."""

WORKER_THREAD = ThreadPoolExecutor(1, thread_name_prefix="rowql")
"""Only one: two would compete for the interpreter, and take more of it from the loop."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold off the garbage collector.

    All that a parser makes lives until it ends: scanning it, and everything else with it, again and
    again would keep the loop waiting for nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def on_worker_thread(
    meter: Meter | None, work: Callable[P, T], *positional: P.args, **named: P.kwargs
) -> T:
    """Return what the work returns. ``meter``, if any, is called in the caller's context.

    If cancelled, it waits for the work to end, if it has begun: that is metered too.
    """
    took = 0.0

    def timed() -> T:
        nonlocal took
        began = thread_time()
        try:
            with _uncollected():
                return work(*positional, **named)
        finally:
            took = thread_time() - began

    running = WORKER_THREAD.submit(timed)
    ended = asyncio.wrap_future(running)
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        if not running.cancel():
            await asyncio.wait([ended])
        raise
    finally:
        if meter is not None:
            meter(took)
