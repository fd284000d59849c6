"""The context of every resolver: the viewer, the database, and the practice it may read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from core.identity import Actor, Viewer
from core.slots import Slots
from db.audit_buffer import AuditBuffer
from db.change_feed import ChangeFeed
from db.types import Pool, Reader, Row
from rowql import Columns, Lookup

MAX_PREVIEWS = 2
"""A viewer's previews at a time: each reads up to a thousand recalls, or a whole practice."""


class Wake(Protocol):
    """Wakes the workers. It may fail silently: what was accepted is still sent, only later."""

    async def wake_planner(self) -> None:
        """Have the accepted runs planned."""

    async def wake_canceller(self) -> None:
        """Have the queued messages of stopped runs cancelled."""

    async def wake_delivery(self, *, after: int = 0) -> None:
        """Have messages delivered that are ready, or will be ``after`` seconds from now."""


@dataclass(frozen=True, slots=True)
class Access:
    """How people sign in: whether access tokens work too, and how long their sessions last."""

    staff_tokens: bool = True
    idle: timedelta = timedelta(hours=1)
    """Time after which an unused session ends."""
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Resources:
    """Resources that the operations of a process share.

    ``pool`` is for changes, ``previews`` for reading up to a thousand recalls at once, ``reads``
    for all other reads.
    """

    pool: Pool
    previews: Pool
    reads: Reader
    change_feed: ChangeFeed
    wake: Wake
    audit_buffer: AuditBuffer
    turn: Callable[[Viewer], AbstractAsyncContextManager[None]]
    """Waits for a slot for the viewer's operation, and holds it."""
    access: Access = Access()
    preview_slots: Slots = field(default_factory=lambda: Slots(MAX_PREVIEWS))


class Context:
    """The context of one operation."""

    def __init__(
        self,
        resources: Resources,
        *,
        viewer: Viewer | None = None,
        origin: str | None = None,
        in_turn: bool = False,
    ) -> None:
        self._resources = resources
        self.connection_params: dict[str, Any] = {}
        """What a WebSocket client sent when it connected."""
        self.loaders: dict[Any, DataLoader[Any, Any]] = {}
        """The lookups in progress, if graphql-core runs the operation."""
        self._viewer = viewer
        self._in_turn = in_turn
        self.origin = origin
        """The client's address."""

    @property
    def pool(self) -> Pool:
        """The connections for changes."""
        return self._resources.pool

    @property
    def reads(self) -> Reader:
        """The connections for reading a page at a time."""
        return self._resources.reads

    @property
    def change_feed(self) -> ChangeFeed:
        """Tells subscribers what changes."""
        return self._resources.change_feed

    @property
    def wake(self) -> Wake:
        """Wakes the workers."""
        return self._resources.wake

    @property
    def access(self) -> Access:
        """How people sign in."""
        return self._resources.access

    @property
    def viewer(self) -> Viewer:
        """The viewer; nothing is resolved before it is known."""
        if self._viewer is None:
            raise LookupError("an operation without a viewer")
        return self._viewer

    @viewer.setter
    def viewer(self, viewer: Viewer) -> None:
        self._viewer = viewer

    @property
    def actor(self) -> Actor:
        """The viewer as the audit trail names it, with the client's address."""
        return self.viewer.acting(self.origin)

    def shown(self, *, people: int = 0, lists: int = 0, searches: int = 0) -> None:
        """Count the people and list pages that the answer shows, and its searches."""
        counts = self._resources.audit_buffer
        counts.shown(self.viewer, people=people, lists=lists, searches=searches)

    def note(self, action: str, subject: str | None = None, **details: Any) -> None:
        """Record an audit event for something that the viewer does, but that changes nothing."""
        self._resources.audit_buffer.event(
            self.practice_id, self.actor, action, subject=subject, details=details
        )

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a slot for this operation and hold it, unless it has one already."""
        return nullcontext() if self._in_turn else self._resources.turn(self.viewer)

    @asynccontextmanager
    async def previewing(self) -> AsyncIterator[Pool]:
        """Wait for one of the viewer's preview slots, hold it, and yield the pool for previews."""
        async with self._resources.preview_slots.of(self.viewer.key):
            yield self._resources.previews

    @property
    def practice_id(self) -> int:
        """The practice whose data this operation may touch."""
        return self.viewer.practice_id

    @property
    def scope(self) -> tuple[Reader, int]:
        """The first arguments of every read in db: the connections, and the practice to read."""
        return self._resources.reads, self.viewer.practice_id


Info: TypeAlias = strawberry.Info[Context, None]


def of_practice(
    read: Callable[[Reader, int, Sequence[Any], Columns], Awaitable[Sequence[Row]]],
    *,
    of_people: bool = False,
) -> Callable[[Info], Lookup]:
    """Return a lookup's function, given one of db's that reads many keys of a practice at once.

    Set ``of_people`` if its rows show people who are not in the rows above them.
    """

    def find(info: Info) -> Lookup:
        async def rows(keys: Sequence[Any], columns: Columns) -> Sequence[Row]:
            found = await read(*info.context.scope, keys, columns)
            if of_people:
                info.context.shown(people=len(found))
            return found

        return Lookup(rows)

    return find
