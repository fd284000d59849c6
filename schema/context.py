"""What every resolver has at hand: who asks, the database, and whose data it may read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from core.identity import Actor, Viewer
from db.audit_buffer import AuditBuffer
from db.change_feed import ChangeFeed
from db.types import Pool, Reader, Row
from schema.compiled import Columns, Lookup
from schema.concurrency import MAX_PREVIEWS, Slots


class Wake(Protocol):
    """Wakes the workers. It may fail silently: what was accepted is sent all the same, later."""

    async def wake_planner(self) -> None:
        """Have the runs planned that are to be."""

    async def wake_canceller(self) -> None:
        """Have cancelled what waits of runs that were stopped."""

    async def wake_delivery(self, *, after: int = 0) -> None:
        """Have what is ready delivered, or what will be ``after`` seconds from now."""


@dataclass(frozen=True, slots=True)
class Access:
    """How people get in: whether by access tokens too, and how long a session of one lasts."""

    staff_tokens: bool = True
    idle: timedelta = timedelta(hours=1)
    """After which it ends unused."""
    longest: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Resources:
    """What the operations of a process share.

    ``pool`` is for what changes something, ``previews`` for what looks at a thousand recalls at
    once, ``reads`` for all other reading.
    """

    pool: Pool
    previews: Pool
    reads: Reader
    change_feed: ChangeFeed
    wake: Wake
    audit_buffer: AuditBuffer
    turn: Callable[[Viewer], AbstractAsyncContextManager[None]]
    """Gives the turn of a viewer's operation, to be waited for."""
    access: Access = Access()
    preview_slots: Slots = field(default_factory=lambda: Slots(MAX_PREVIEWS))


class Context:
    """One operation's surroundings."""

    def __init__(
        self,
        resources: Resources,
        *,
        viewer: Viewer | None = None,
        origin: str | None = None,
        in_turn: bool = False,
    ) -> None:
        self._resources = resources
        self.pool = resources.pool
        self.reads = resources.reads
        self.change_feed = resources.change_feed
        self.wake = resources.wake
        self.audit_buffer = resources.audit_buffer
        self.access = resources.access
        self.connection_params: dict[str, Any] = {}
        """What a WebSocket's client said when it connected."""
        self.batches: dict[Any, DataLoader[Any, Any]] = {}
        """The lookups under way of an operation that graphql-core runs."""
        self._viewer = viewer
        self._in_turn = in_turn
        self.origin = origin
        """The address of the client."""

    @property
    def viewer(self) -> Viewer:
        """Who asks; nothing is resolved before that is known."""
        if self._viewer is None:
            raise LookupError("an operation without a viewer")
        return self._viewer

    @viewer.setter
    def viewer(self, viewer: Viewer) -> None:
        self._viewer = viewer

    @property
    def actor(self) -> Actor:
        """Who is to be named in the audit trail, and the address they asked from."""
        return self.viewer.acting(self.origin)

    def shown(self, *, people: int = 0, lists: int = 0, searches: int = 0) -> None:
        """Note how many people the answer shows, in how many pages, and whether they are sought."""
        self.audit_buffer.shown(self.viewer, people=people, lists=lists, searches=searches)

    def note(self, action: str, subject: str | None = None, **details: Any) -> None:
        """Note what the viewer does that changes nothing, and yet is told in the audit trail."""
        self.audit_buffer.event(
            self.practice_id, self.actor, action, subject=subject, details=details
        )

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Give the turn of this operation, to be waited for, unless it has it already."""
        return nullcontext() if self._in_turn else self._resources.turn(self.viewer)

    @asynccontextmanager
    async def previewing(self) -> AsyncIterator[Pool]:
        """Wait for the turn of the viewer's preview, and give the connections for it."""
        async with self._resources.preview_slots.of(self.viewer.key):
            yield self._resources.previews

    @property
    def practice_id(self) -> int:
        """Whose data this operation may touch."""
        return self.viewer.practice_id

    @property
    def scope(self) -> tuple[Reader, int]:
        """What every read of db begins with: the connections, and whose data may be read."""
        return self.reads, self.practice_id


Info: TypeAlias = strawberry.Info[Context, None]


def of_practice(
    read: Callable[[Reader, int, Sequence[Any], Columns], Awaitable[Sequence[Row]]],
    *,
    of_people: bool = False,
) -> Callable[[Info], Lookup]:
    """Make a lookup's function of one of db's that reads many keys of a practice at once.

    ``of_people`` where its rows show people who are not in the rows above.
    """

    def find(info: Info) -> Lookup:
        async def rows(keys: Sequence[Any], columns: Columns) -> Sequence[Row]:
            found = await read(*info.context.scope, keys, columns)
            if of_people:
                info.context.shown(people=len(found))
            return found

        return Lookup(rows)

    return find
