"""What every resolver has at hand: who asks, the database, and whose data it may read."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import strawberry
from strawberry.dataloader import DataLoader

from db.audit import Actor
from db.news import News
from db.rows import Pool, Reader, Row
from db.tokens import Viewer
from schema.compiled import Columns, Lookup


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


class Context:
    """One operation's surroundings: ``pool`` for what changes something, ``reads`` for reading."""

    def __init__(
        self,
        pool: Pool,
        reads: Reader,
        news: News,
        wake: Wake,
        *,
        viewer: Viewer | None = None,
        origin: str | None = None,
        access: Access = Access(),
    ) -> None:
        self.pool = pool
        self.reads = reads
        self.news = news
        self.wake = wake
        self.access = access
        self.connection_params: dict[str, Any] = {}
        """What a WebSocket's client said when it connected."""
        self.batches: dict[Any, DataLoader[Any, Any]] = {}
        """The lookups under way of an operation that graphql-core runs."""
        self._viewer = viewer
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
        return Actor(self.viewer.name, self.viewer.role, self.origin)

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
) -> Callable[[Info], Lookup]:
    """Make a lookup's function of one of db's that reads many keys of a practice at once."""

    def find(info: Info) -> Lookup:
        async def rows(keys: Sequence[Any], columns: Columns) -> Sequence[Row]:
            return await read(*info.context.scope, keys, columns)

        return Lookup(rows)

    return find
