"""Admission: whether an operation may run now, by its viewer's and practice's recent use."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from api.metering import metered
from api.rate import MAX_KEYS, Rates
from core.cost import COST, BusyError, Cost
from core.identity import Viewer
from core.slots import Slots

T = TypeVar("T")

LOOP_SHARE, DATABASE_SHARE = 0.25, 1.25
"""Seconds of the event loop, and of connections, that a viewer may use each second.

A quarter of a process, and a little more than one connection of each kind.
"""
BURST_SECONDS = 1.0
"""Seconds of its share that a viewer may save up while idle, and use at once."""
DELAY_SECONDS = 1.0
"""Longest wait for a viewer over its share; one that owes more is refused."""
LEFT_SECONDS = 0.0001
"""Seconds of the event loop after its turn that an operation isn't charged for."""
MAX_SECONDS = 10.0
"""Longest wait that a viewer can owe, whatever the clock says it has used."""
MAX_OPERATIONS = 6
"""A viewer's operations in progress.

As many as a browser has connections: a page of the portal sends its queries at once.
"""
PRACTICE = 3
"""Viewers' budgets that a practice has for all its viewers, however many tokens it makes."""
PRACTICE_SHARES = 2
"""Viewers' shares and slots that a practice has: other practices can count on half a process."""

LARGE = 65_536
"""Bytes from which a body must wait for room; a list of a thousand ids has a third of that."""
ROOM = {"viewer": 1, "practice": 2, "everybody": 6}
"""Large bodies that a process reads at a time: each takes several times its size in memory."""


class Shares:
    """A process's use by key; each key may use ``share`` times a viewer's share."""

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._paid: dict[str, float] = {}
        """When waiting will have paid off each key's use; only keys used recently are kept."""

    def owed(self, key: str) -> float:
        """Return the seconds until ``key`` has a share again."""
        return max(0.0, self.paid(key) - BURST_SECONDS - time.monotonic())

    def paid(self, key: str) -> float:
        """Return when waiting will have paid off what ``key`` has used; 0 if that is nothing."""
        return self._paid.get(key, 0.0)

    def charge(self, key: str, seconds: float) -> None:
        """Charge ``seconds`` of a viewer's share to ``key``."""
        now = time.monotonic()
        paid = max(now, self._paid.pop(key, now)) + seconds / self._share
        if len(self._paid) >= MAX_KEYS:
            del self._paid[next(iter(self._paid))]
        self._paid[key] = min(paid, now + MAX_SECONDS)


class Admission:
    """Budgets of ``rate`` operations a second for each viewer, and shares of this process.

    With a rate of 0 neither is limited. The number of operations is known before they run and
    counted over all processes; their cost is known afterwards, and counted for this process.
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
        """Take one operation off the budgets; return 0, or the seconds to wait if refused."""
        wait = 0.0
        if not self._viewers.take_held(viewer.key):
            wait = await self._viewers.try_acquire(viewer.key)
        if not wait and not self._practices.take_held(viewer.practice_key):
            wait = await self._practices.try_acquire(viewer.practice_key)
        if not wait and (owed := self._owed(viewer)) > DELAY_SECONDS:
            return owed
        return wait

    async def pay(self, viewer: Viewer) -> None:
        """Charge an operation's cost so far, and wait until its viewer has a share again."""
        if (cost := COST.get()) is not None:
            self._charge(viewer, cost)
        await asyncio.sleep(self._owed(viewer))

    async def run(self, viewer: Viewer, operation: Coroutine[Any, Any, T]) -> T:
        """Run an admitted operation, and charge what of its cost isn't charged yet."""
        cost = Cost()
        try:
            return await metered(operation, cost)
        finally:
            # Nearly always its turn has ended just now, with what it cost.
            if cost.loop - cost.paid[0] > LEFT_SECONDS or cost.database != cost.paid[1]:
                self._charge(viewer, cost)

    def turn(self, viewer: Viewer) -> AbstractAsyncContextManager[None]:
        """Return a context manager that holds a slot for a viewer's operation.

        Entering it waits for the slot, or raises ``BusyError`` if none comes free in time. A viewer
        slightly over its share waits for that too, in its slot: of many operations at once, the
        cost may have become known only after they were admitted.
        """
        return _Turn(self, viewer)

    def begin_at_once(self, viewer: Viewer) -> bool:
        """Take a slot, if one is free and the share is paid off; return whether."""
        if self._owed(viewer) or not self._slots.take_free(viewer.key):
            return False
        if not self._practices_slots.take_free(viewer.practice_key):
            self._slots.give_back(viewer.key)
            return False
        return True

    async def begin(self, viewer: Viewer) -> None:
        """Take a slot and pay off the share. Raises ``BusyError`` if that would take too long."""
        await self._slots.take(viewer.key)
        try:
            owed = self._owed(viewer)
            if owed > DELAY_SECONDS:
                raise BusyError
            if owed:
                await asyncio.sleep(owed)
            await self._practices_slots.take(viewer.practice_key)
        except BaseException:
            self._slots.give_back(viewer.key)
            raise

    def end(self, viewer: Viewer, cost: Cost | None) -> None:
        """Give the slot back, and charge what the operation cost."""
        if cost is not None:
            self._charge(viewer, cost)
        self._practices_slots.give_back(viewer.practice_key)
        self._slots.give_back(viewer.key)

    @asynccontextmanager
    async def room(self, viewer: Viewer) -> AsyncIterator[None]:
        """Hold room for a large body (``is_large``).

        Entering waits, or raises ``BusyError`` if that takes too long. Nothing of the body is read
        before.
        """
        rooms = self._rooms
        async with (
            rooms["viewer"].of(viewer.key),
            rooms["practice"].of(viewer.practice_key),
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
        paid = max(of_viewer.paid(viewer.key), of_practice.paid(viewer.practice_key))
        return max(0.0, paid - BURST_SECONDS - time.monotonic())

    def _charge(self, viewer: Viewer, cost: Cost) -> None:
        of_viewer, of_practice = self._shares
        loop, database = cost.unpaid()
        seconds = loop / LOOP_SHARE + database / DATABASE_SHARE
        of_viewer.charge(viewer.key, seconds)
        of_practice.charge(viewer.practice_key, seconds)


class _Turn(AbstractAsyncContextManager[None]):
    """An operation's slot, awaited on entry; a generator would cost each read twice as much."""

    __slots__ = ("_admission", "_cost", "_viewer")

    def __init__(self, admission: Admission, viewer: Viewer) -> None:
        self._admission = admission
        self._viewer = viewer
        self._cost = COST.get()

    async def __aenter__(self) -> None:
        if not self._admission.begin_at_once(self._viewer):
            await self._admission.begin(self._viewer)

    async def __aexit__(self, *_error: object) -> None:
        self._admission.end(self._viewer, self._cost)


def is_large(length: bytes | None, method: str) -> bool:
    """Return whether a body is large, or may be because its length isn't announced."""
    if length is None:
        return method == "POST"
    return not length.isdigit() or int(length) > LARGE
