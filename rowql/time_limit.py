"""A limit on the time of operations, with one timer for all: nearly all of them end long before."""

import asyncio
import time
from types import TracebackType
from typing import Any


class TimeLimit:
    """The limit for the tasks of a process; ``seconds`` None sets none.

    ``asyncio.timeout`` for each would cost a page of a list as much as writing it.
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._until: dict[asyncio.Task[Any], tuple[float, int]] = {}
        """When each task's time is up, and how often it had been cancelled before; the oldest is
        first, because all have the same time."""
        self._over: dict[asyncio.Task[Any], int] = {}
        """The tasks whose time is up, with how often each had been cancelled before."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        """Begin the current task's time. Raises ``TimeoutError`` inside when it is over."""
        task: Any = asyncio.current_task()
        if self.seconds is None:
            return
        self._until[task] = time.monotonic() + self.seconds, task.cancelling()
        loop = task.get_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(self.seconds, self._look)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """End it; raise ``TimeoutError`` if it was cancelled for that alone."""
        task: Any = asyncio.current_task()
        self._until.pop(task, None)
        before = self._over.pop(task, None)
        if before is None:
            return
        if task.uncancel() <= before and kind is asyncio.CancelledError:
            raise TimeUpError

    def _look(self) -> None:
        """Cancel the tasks whose time is up, and look again when the next one's is."""
        self._timer, now = None, time.monotonic()
        for task, (until, before) in list(self._until.items()):
            if until > now:
                loop = task.get_loop()
                self._timer = loop.call_later(until - now, self._look)
                break
            del self._until[task]
            self._over[task] = before
            task.cancel()


class TimeUpError(TimeoutError):
    """An operation took longer than its limit allows."""
