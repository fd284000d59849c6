"""Audit events and counts buffered in memory, so that no answer waits for their writing.

Readers and strangers could otherwise fill the disk, so their actions are counted. What viewers were
shown goes into the hour's counts. An event is written once; similar ones in the following hour
become one more event, which says how many times.
"""

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg

from core.identity import KINDS, Actor, Viewer
from core.logging import without_values
from db.audit import record
from db.people_shown import Shown, add_people_shown
from db.tenancy import in_practice
from db.types import Pool

WRITE_SECONDS = 5.0
"""Seconds until what is buffered is written."""
CHECK_SECONDS = 60.0
"""Seconds between checks for events whose hour is over."""
ALIKE_SECONDS = 3600.0
"""Seconds after an event during which similar ones are only counted."""
MAX_ALIKE = 50
"""Events per actor, action and hour that are kept apart by what they are about."""
LAST_SECONDS = 3.0
"""Seconds that the process's end waits for what isn't written yet."""
PERMANENT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""Errors that another try would meet again: such an event must not hold up the others."""
logger = logging.getLogger(__name__)


class _EventKey(NamedTuple):
    """What events that are counted as one have in common."""

    whose: tuple[int, str, int | None, str]
    """The practice, the actor's kind and id, and the action."""
    subject: str | None
    details: str
    origin: str | None


@dataclass(slots=True)
class _Buffered:
    actor: Actor
    times: int = 0
    until: float = 0.0
    """Until when further ones are only counted; 0 if none has been written."""


class AuditBuffer:
    """The buffer of one process; nothing is written before ``start``."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._shown: dict[tuple[int, str, int], list[int]] = {}
        """By the viewer's practice, table and id: rows about people, pages of lists, searches."""
        self._events: dict[_EventKey, _Buffered] = {}
        self._alike: Counter[tuple[int, str, int | None, str]] = Counter()
        self._some = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start writing what is buffered, every few seconds."""
        self._writing = asyncio.create_task(self._run())

    def shown(self, viewer: Viewer, *, people: int = 0, lists: int = 0, searches: int = 0) -> None:
        """Count what the viewer is shown about people."""
        # On the path of every read, so it does no more than this.
        who = viewer.practice_id, viewer.kept_in, viewer.id
        counts = self._shown.get(who)
        if counts is None:
            counts = self._shown[who] = [0, 0, 0]
            self._some.set()
        counts[0] += people
        counts[1] += lists
        counts[2] += searches

    def event(
        self,
        practice_id: int,
        actor: Actor,
        action: str,
        *,
        subject: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Buffer an event that stands for all similar ones within the hour."""
        whose = practice_id, actor.kind, actor.id, action
        like = _EventKey(whose, subject, json.dumps(details or {}, default=str), actor.origin)
        if like not in self._events and self._alike[whose] >= MAX_ALIKE:
            like = _EventKey(whose, None, "{}", None)
            actor = Actor(actor.name, actor.role, None, actor.kind, actor.id)
        if like not in self._events:
            self._events[like] = _Buffered(actor)
            self._alike[whose] += 1
        self._events[like].times += 1
        self._some.set()

    async def close(self) -> None:
        """Write what is buffered, and stop."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self._write(float("inf"))
        except Exception as error:
            logger.error("the last of the audit buffer is lost: %s", without_values(error))

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._some.wait()
            await asyncio.sleep(WRITE_SECONDS)
            self._some.clear()
            try:
                await self._write(time.monotonic())
            except Exception as error:
                # Kept, and retried with what comes next.
                self._some.set()
                logger.warning("the audit buffer can't be written yet: %s", without_values(error))

    async def _write(self, now: float) -> None:
        shown, self._shown = self._shown, {}
        try:
            await add_people_shown(
                self._pool,
                [
                    Shown(of, KINDS[table], key, *counts)
                    for (of, table, key), counts in shown.items()
                ],
            )
        except BaseException:
            for who, counts in shown.items():
                added = self._shown.get(who, [0, 0, 0])
                self._shown[who] = [one + other for one, other in zip(counts, added, strict=True)]
            raise
        for like, noted in list(self._events.items()):
            if noted.times and now >= noted.until:
                try:
                    await self._write_event(like, noted)
                except PERMANENT as error:
                    noted.times = 0
                    logger.error("an audit event is lost: %s", without_values(error))
                noted.until = now + ALIKE_SECONDS
            elif now >= noted.until:
                del self._events[like]
                self._alike[like.whose] -= 1
                if not self._alike[like.whose]:
                    del self._alike[like.whose]

    async def _write_event(self, like: _EventKey, noted: _Buffered) -> None:
        times = noted.times
        details = json.loads(like.details) | ({"times": times} if times > 1 else {})
        practice_id, *_, action = like.whose
        async with in_practice(self._pool, practice_id) as connection:
            await record(
                connection,
                practice_id,
                noted.actor,
                action,
                subject=like.subject,
                details=details or None,
            )
        noted.times -= times
