"""Whose operation may run now: by what their viewer and their practice have used of late."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeVar

from starlette.types import Scope

from api.metering import metered
from api.rate import MAX_KEYS, Rates
from core.cost import COST, BusyError, Cost
from core.identity import Viewer
from schema.concurrency import MAX_OPERATIONS, Slots

T = TypeVar("T")

LOOP_SHARE, DATABASE_SHARE = 0.25, 1.25
"""Seconds of the event loop, and of connections, that a viewer may take each second.

A quarter of a process, and one connection and a bit of those of a kind.
"""
BURST_SECONDS = 1.0
"""How much of its share may be taken at once by who was quiet for so long."""
DELAY_SECONDS = 1.0
"""For how long who took more is made to wait before the next; who took more than that is told."""
MAX_SECONDS = 10.0
"""For how long nobody waits longer, whatever a clock says that they have taken."""
PRACTICE = 3
"""Viewers' budgets that a practice has for all of its own, whatever tokens it makes."""
PRACTICE_SHARES = 2
"""Viewers' shares and turns that it has: half of a process is what others can count on."""

LARGE = 65_536
"""Bytes of a body from which there has to be room for it; a list of a thousand ids has a third."""
ROOM = {"viewer": 1, "practice": 2, "everybody": 6}
"""How many of those a process takes in at a time: in memory each is several times as large."""


class Shares:
    """What is taken of a process: ``share`` times as much as a viewer may."""

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._paid: dict[str, float] = {}
        """When what was taken will have been paid for by waiting, for who took some lately."""

    def owed(self, key: str) -> float:
        """Give the seconds until there is a share again for ``key``."""
        paid = self._paid.get(key)
        return 0.0 if paid is None else max(0.0, paid - BURST_SECONDS - time.monotonic())

    def charge(self, key: str, seconds: float) -> None:
        """Take what a viewer may in so many seconds."""
        now = time.monotonic()
        paid = max(now, self._paid.pop(key, now)) + seconds / self._share
        if len(self._paid) >= MAX_KEYS:
            del self._paid[next(iter(self._paid))]
        self._paid[key] = min(paid, now + MAX_SECONDS)


class Admission:
    """Takes operations off budgets of ``rate`` a second for each viewer; 0 sets none.

    How many there are is known before they are run, and counted over all processes. What they cost
    is known afterwards, and is this process's.
    """

    def __init__(self, valkey_url: str, rate: float) -> None:
        self._viewers = Rates(valkey_url, rate)
        self._practices = Rates(valkey_url, PRACTICE * rate)
        self._limited = bool(rate)
        self._shares = Shares(), Shares(PRACTICE_SHARES)
        self._slots = Slots(MAX_OPERATIONS)
        self._practices_slots = Slots(PRACTICE_SHARES * MAX_OPERATIONS)
        self._rooms = {of: Slots(most) for of, most in ROOM.items()}

    async def try_acquire(self, viewer: Viewer) -> float:
        """Take one operation; gives 0, or the seconds until there is more."""
        wait = await self._viewers.try_acquire(viewer.key)
        wait = wait or await self._practices.try_acquire(_practice(viewer))
        if not wait and (owed := self._owed(viewer)) > DELAY_SECONDS:
            return owed
        return wait

    async def pay(self, viewer: Viewer) -> None:
        """Wait in the middle of an operation until its viewer has a share again."""
        if (cost := COST.get()) is not None:
            self._charge(viewer, cost)
        await asyncio.sleep(self._owed(viewer))

    async def run(self, viewer: Viewer, operation: Coroutine[Any, Any, T]) -> T:
        """Run an operation that was admitted, and take what it cost."""
        cost = Cost()
        try:
            return await metered(operation, cost)
        finally:
            self._charge(viewer, cost)

    def turn(self, viewer: Viewer) -> AbstractAsyncContextManager[None]:
        """Give the turn of a viewer's operation, to be waited for; ``BusyError`` in the end.

        Who took a little more than their share waits for it in their turn. How much that is may
        have become known only after they were admitted, of many operations at once.
        """
        return _Turn(self, viewer)

    async def begin(self, viewer: Viewer) -> None:
        """Begin a turn."""
        await self._slots.take(viewer.key)
        try:
            owed = self._owed(viewer)
            if owed > DELAY_SECONDS:
                raise BusyError
            if owed:
                await asyncio.sleep(owed)
            await self._practices_slots.take(_practice(viewer))
        except BaseException:
            self._slots.give_back(viewer.key)
            raise

    def end(self, viewer: Viewer, cost: Cost | None) -> None:
        """End a turn, and take what it cost."""
        if cost is not None:
            self._charge(viewer, cost)
        self._practices_slots.give_back(_practice(viewer))
        self._slots.give_back(viewer.key)

    def room(self, viewer: Viewer, scope: Scope) -> AbstractAsyncContextManager[None]:
        """Give room for the request's body, to be waited for; ``BusyError`` in the end.

        Nothing of a large one is read before.
        """
        return self._room(viewer) if _is_large(scope) else nullcontext()

    @asynccontextmanager
    async def _room(self, viewer: Viewer) -> AsyncIterator[None]:
        rooms = self._rooms
        async with (
            rooms["viewer"].of(viewer.key),
            rooms["practice"].of(_practice(viewer)),
            rooms["everybody"].of(""),
        ):
            yield

    async def close(self) -> None:
        """Close the connections."""
        await self._viewers.close()
        await self._practices.close()

    def _owed(self, viewer: Viewer) -> float:
        if not self._limited:
            return 0.0
        of_viewer, of_practice = self._shares
        return max(of_viewer.owed(viewer.key), of_practice.owed(_practice(viewer)))

    def _charge(self, viewer: Viewer, cost: Cost) -> None:
        of_viewer, of_practice = self._shares
        loop, database = cost.unpaid()
        seconds = loop / LOOP_SHARE + database / DATABASE_SHARE
        of_viewer.charge(viewer.key, seconds)
        of_practice.charge(_practice(viewer), seconds)


class _Turn(AbstractAsyncContextManager[None]):
    """A turn, from when it is waited for; a generator would cost each read as much again."""

    __slots__ = ("_admission", "_cost", "_viewer")

    def __init__(self, admission: Admission, viewer: Viewer) -> None:
        self._admission = admission
        self._viewer = viewer
        self._cost = COST.get()

    async def __aenter__(self) -> None:
        await self._admission.begin(self._viewer)

    async def __aexit__(self, *_error: object) -> None:
        self._admission.end(self._viewer, self._cost)


def _practice(viewer: Viewer) -> str:
    return f"practice:{viewer.practice_id}"


def _is_large(scope: Scope) -> bool:
    """Tell whether a body is large, or doesn't say how large it will be."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or int(value) > LARGE
    return bool(scope["method"] == "POST")
