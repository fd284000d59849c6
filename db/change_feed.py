"""The change feed: tells clients that a run has progressed or a practice's data has changed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from random import uniform

import asyncpg

from db.pool import SESSION_SETTINGS
from db.runs import get_runs
from db.tenancy import in_practice
from db.types import Pool, Row

KINDS = frozenset({"RECALLS", "BLOCKS", "RUNS", "SETUP"})
"""Kinds of change in a practice."""
GATHER_SECONDS = 0.2
"""Seconds, or up to twice as many, for which changes are gathered into one notification.

Otherwise all subscribers of a practice would be notified at the same moment, again and again.
"""
ANSWER_SECONDS = 5.0
"""Seconds within which PostgreSQL must answer, or the connection counts as lost."""
REST_FACTOR = 4
"""A watcher rests this many times as long as it took to count."""


class _Subscriber:
    """A subscriber to a practice, and what has changed since it was last notified."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.changed = asyncio.Event()

    def add(self, kinds: Iterable[str]) -> None:
        self.kinds |= set(kinds)
        self.changed.set()

    def take(self) -> frozenset[str]:
        taken, self.kinds = frozenset(self.kinds), set()
        self.changed.clear()
        return taken


class ChangeFeed:
    """Delivers PostgreSQL's notifications through one listening connection.

    Notifications that are lost with a dropped connection are recovered by polling: each watcher and
    subscriber checks for itself every ``patience`` seconds.
    """

    def __init__(self, database_url: str, *, patience: float = 2.0) -> None:
        self._database_url = database_url
        self._patience = patience
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._subscribers: dict[str, set[_Subscriber]] = {}
        self._connection: asyncpg.Connection | None = None
        self._answered_at = 0.0
        self._opening = asyncio.Lock()

    async def watch(self, pool: Pool, practice_id: int, run_id: int) -> AsyncGenerator[Row, None]:
        """Yield the run as it is now, then after every change, and end when it has finished.

        Yields nothing if the practice has no such run.
        """
        key = f"{practice_id}:{run_id}"
        changed = asyncio.Event()
        self._watchers.setdefault(key, set()).add(changed)
        try:
            last: Row | None = None
            while True:
                changed.clear()
                await self._listen()
                began = time.monotonic()
                async with in_practice(pool, practice_id) as connection:
                    rows = await get_runs(connection, practice_id, [run_id])
                took = time.monotonic() - began
                if not rows:
                    return
                if rows[0] != last:
                    last = rows[0]
                    yield last
                if last["state"] == "FINISHED":
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), self._patience)
                # Counting a run of a million takes long, and the run changes ten times a second.
                await asyncio.sleep(REST_FACTOR * took)
        finally:
            self._watchers[key].discard(changed)
            if not self._watchers[key]:
                del self._watchers[key]

    async def subscribe(self, practice_id: int) -> AsyncGenerator[frozenset[str], None]:
        """Yield the kinds of what has changed in the practice, without end; at first all of them.

        Yields all of them again if notifications may have been lost.
        """
        subscriber, subscribers = (
            _Subscriber(),
            self._subscribers.setdefault(str(practice_id), set()),
        )
        subscriber.add(KINDS)
        subscribers.add(subscriber)
        try:
            while True:
                await self._listen()
                with suppress(TimeoutError):
                    await asyncio.wait_for(subscriber.changed.wait(), self._patience)
                if subscriber.kinds:
                    yield subscriber.take()
                    await asyncio.sleep(GATHER_SECONDS * uniform(1, 2))  # noqa: S311 - spread out
        finally:
            subscribers.discard(subscriber)
            if not subscribers:
                self._subscribers.pop(str(practice_id), None)

    async def _listen(self) -> None:
        async with self._opening:
            if self._connection is not None and await self._answers(self._connection):
                return
            connection = await asyncpg.connect(
                self._database_url,
                server_settings={"application_name": "recalls change feed", **SESSION_SETTINGS},
            )
            try:
                await connection.add_listener("run_progress", self._run_progressed)
                await connection.add_listener("changes", self._practice_changed)
            except BaseException:  # the client may have hung up meanwhile
                connection.terminate()
                raise
            self._connection, self._answered_at = connection, time.monotonic()
            for subscribers in self._subscribers.values():
                for subscriber in subscribers:
                    subscriber.add(KINDS)

    async def _answers(self, connection: asyncpg.Connection) -> bool:
        """Return whether the connection is alive, and end it if not. Seldom asks the server."""
        if time.monotonic() < self._answered_at + self._patience:
            return not connection.is_closed()
        try:
            await connection.execute("select", timeout=ANSWER_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            connection.terminate()
            return False
        self._answered_at = time.monotonic()
        return True

    def _run_progressed(
        self, _connection: object, _pid: int, _channel: str, payload: object
    ) -> None:
        for changed in self._watchers.get(str(payload), ()):
            changed.set()
        practice, _, _run = str(payload).partition(":")
        self._notify(practice, {"RUNS", "RECALLS"})

    def _practice_changed(
        self, _connection: object, _pid: int, _channel: str, payload: object
    ) -> None:
        practice, _, kind = str(payload).partition(":")
        self._notify(practice, {kind})

    def _notify(self, practice: str, kinds: Iterable[str]) -> None:
        for subscriber in self._subscribers.get(practice, ()):
            subscriber.add(kinds)

    async def close(self) -> None:
        """Close the listening connection."""
        if self._connection is not None:
            await self._connection.close()
