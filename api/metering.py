"""Metering of operations: the time that the event loop spends on each."""

import asyncio
from collections.abc import Coroutine, Iterator
from time import perf_counter
from typing import Any, TypeVar

from core.cost import COST, Cost

T = TypeVar("T")


async def metered(operation: Coroutine[Any, Any, T], cost: Cost) -> T:
    """Run the operation and return its result; ``cost`` grows meanwhile.

    Waiting costs nothing. Tasks that the operation begins are counted too, if ``task_of`` is the
    loop's task factory.
    """
    outer = COST.set(cost)
    try:
        result: T = await _Timed(operation, cost)
    finally:
        COST.reset(outer)
    return result


def task_of(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T], **options: Any
) -> "asyncio.Task[T]":
    """Return a task, as a loop's task factory; one begun by an operation adds to its cost."""
    cost = COST.get()
    return asyncio.Task(
        coroutine if cost is None else _Timed(coroutine, cost), loop=loop, **options
    )


class _Timed(Coroutine[Any, Any, T]):
    """A coroutine whose every step is timed."""

    __slots__ = ("_coroutine", "_cost")

    def __init__(self, coroutine: Coroutine[Any, Any, T], cost: Cost) -> None:
        self._coroutine = coroutine
        self._cost = cost

    def send(self, value: Any) -> Any:
        """Run the next step."""
        began = perf_counter()
        try:
            return self._coroutine.send(value)
        finally:
            self._cost.loop += perf_counter() - began

    def throw(self, *error: Any) -> Any:
        """Run the next step, which raises the error first."""
        began = perf_counter()
        try:
            return self._coroutine.throw(*error)
        finally:
            self._cost.loop += perf_counter() - began

    def close(self) -> None:
        """End the coroutine."""
        self._coroutine.close()

    def __getattr__(self, name: str) -> Any:
        """Return the coroutine's own attributes: anyio asks whether it is running, say."""
        return getattr(self._coroutine, name)

    def __await__(self) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        # What ``send`` does, without a call: every step of every operation comes by here.
        began = perf_counter()
        try:
            return self._coroutine.send(None)
        finally:
            self._cost.loop += perf_counter() - began
