"""Runs: what was planned and what became of it."""

from datetime import datetime
from functools import partial

import strawberry

from db.attempts import attempts_of_run
from db.rows import RefusalCount as Count
from db.runs import count_attempts
from schema.context import Info
from schema.inputs import cursor, page_size, read_cursor
from schema.types.connection import Connection, connection
from schema.types.enums import RunState, SmsBlockReason, Trigger
from schema.types.node import Node
from schema.types.recall import ContactAttempt


@strawberry.type
class RefusalCount:
    """How many were refused for one reason."""

    reason: SmsBlockReason
    count: int


def refusal_counts(counts: list[Count]) -> list[RefusalCount]:
    """Convert db's counts."""
    return [RefusalCount(reason=SmsBlockReason(c.reason), count=c.count) for c in counts]


@strawberry.type
class Run(Node):
    """Messages that were accepted together.

    Its numbers count messages; each refused recall counts as one.
    """

    @strawberry.field
    def trigger(self) -> Trigger:
        """MANUAL: sendRecalls; AUTOMATED: the schedule, or startAutomatedRun."""
        return Trigger(self.row["trigger"])

    @strawberry.field
    def state(self) -> RunState:
        """FINISHED: nothing of it waits or is being sent."""
        return RunState(self.row["state"])

    @strawberry.field
    def started_at(self) -> datetime:
        """When it was accepted."""
        at: datetime = self.row["started_at"]
        return at

    @strawberry.field
    def finished_at(self) -> datetime | None:
        """When it finished."""
        at: datetime | None = self.row["finished_at"]
        return at

    @strawberry.field
    def actor(self) -> str | None:
        """Who started it; null for the schedule."""
        found: str | None = self.row["actor"]
        return found

    @strawberry.field
    def planned(self) -> int:
        """All of them, whatever their state."""
        return int(self.row["planned"])

    @strawberry.field
    def queued(self) -> int:
        """Waiting or being sent."""
        return int(self.row["queued"])

    @strawberry.field
    def sent(self) -> int:
        """Accepted by the gateway, delivered ones among them."""
        return int(self.row["sent"])

    @strawberry.field
    def refused(self) -> int:
        """Refused by the rule."""
        return int(self.row["refused"])

    @strawberry.field
    def failed(self) -> int:
        """Refused by the gateway, or not delivered."""
        return int(self.row["failed"])

    @strawberry.field
    def unknown(self) -> int:
        """They may or may not have been accepted by the gateway."""
        return int(self.row["unknown"])

    @strawberry.field
    def cancelled(self) -> int:
        """No longer wanted before they were sent."""
        return int(self.row["cancelled"])

    @strawberry.field
    def skipped(self) -> int:
        """Recalls that were left out: closed, or with a message on its way already."""
        return int(self.row["skipped"])

    @strawberry.field
    async def refusals(self, info: Info) -> list[RefusalCount]:
        """The refused by reason, most first."""
        return refusal_counts(await info.context.loaders.refusals_of_run.load(self.row["id"]))

    @strawberry.field
    async def attempts(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ContactAttempt]:
        """In the order in which they were planned."""
        run = (info.context.pool, info.context.practice_id, self.row["id"])
        page = await attempts_of_run(
            *run, first=page_size(first), after=read_cursor(after, "attempts")
        )
        return connection(
            page,
            after=after,
            cursor_of=lambda row: cursor("attempts", row["id"]),
            node_of=lambda row: ContactAttempt(row=row),
            count=partial(count_attempts, *run),
        )


@strawberry.type
class RunPreview:
    """What the next automated run would do, counted by the same rule."""

    messages: int
    recalls: int
    segments: int
    overridden: int = strawberry.field(
        description="messages that go although consent is withheld or can't be read"
    )
    refusals: list[RefusalCount]
    next_run_at: datetime | None = strawberry.field(
        description="null where no category is automated"
    )
