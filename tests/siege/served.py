"""The shipped process with a watch on its event loop: ``python -m tests.siege.served serve``.

Whenever the loop stood still for too long, it writes a line in JSON to the file that
RECALLS_SIEGE_SEEN names: when, for how long, how much of that it had a processor, how long it
waited for one, and where it was then. It also does so whenever an error was logged: when and what.
"""

import asyncio
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

import api.app
from api.__main__ import main
from core.logging import end_discreetly

TICK, LONG = 0.01, 0.1
LOOK = 0.025
FRAMES = 12


class Watch:
    """Ticks on the loop, and a thread that looks where the loop is when the ticks stop."""

    def __init__(self, into: TextIO) -> None:
        self._into = into
        self._thread = threading.get_ident()
        # Nanoseconds on a processor, and waiting for one; kept open, it stays this thread's own.
        self._schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._ticked = time.monotonic()
        self._where: list[str] = []

    async def tick(self) -> None:
        """Tick, and report when the last tick was long ago."""
        threading.Thread(target=self._look, daemon=True).start()
        while True:
            self._ticked, worked, waited = time.monotonic(), time.thread_time(), self._waited()
            self._where = []
            await asyncio.sleep(TICK)
            now = time.monotonic()
            gap = now - self._ticked - TICK
            if gap > LONG:
                told: dict[str, Any] = {"at": now, "stood": round(gap, 4)}
                told["worked"] = round(time.thread_time() - worked, 4)
                told["waited"] = round(self._waited() - waited, 4)
                print(json.dumps(told | {"where": self._where}), file=self._into, flush=True)

    def _waited(self) -> float:
        return int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9

    def _look(self) -> None:
        while True:
            time.sleep(LOOK)
            if time.monotonic() - self._ticked > LONG and not self._where:
                found, frame = list[str](), sys._current_frames().get(self._thread)
                while frame is not None and len(found) < FRAMES:
                    code = frame.f_code
                    name = "/".join(Path(code.co_filename).parts[-2:])
                    found.append(f"{name}:{frame.f_lineno} {code.co_name}")
                    frame = frame.f_back
                self._where = found


class Errors(logging.Handler):
    """Handler that reports logged errors."""

    def __init__(self, into: TextIO) -> None:
        super().__init__(logging.ERROR)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        """Report an error."""
        told = {"at": time.monotonic(), "said": f"{record.name} {record.getMessage()}"}
        print(json.dumps(told), file=self._into, flush=True)


def watched(make: Any) -> Any:
    """Return a factory that makes the application and starts watching its loop."""

    def made() -> Any:
        into = Path(os.environ["RECALLS_SIEGE_SEEN"]).open("a")  # noqa: SIM115 - to the end
        logging.getLogger().addHandler(Errors(into))
        made.task = asyncio.get_running_loop().create_task(Watch(into).tick())  # type: ignore[attr-defined]
        return make()

    return made


if __name__ == "__main__":
    api.app.make_app = watched(api.app.make_app)
    end_discreetly()
    main()
