"""Runs: what was planned and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import strawberry

from db.attempts import attempts_of_runs, count_attempts
from db.runs import refusals_of_runs
from db.types import RefusalCount as Count
from rowql import (
    Columns,
    Connection,
    Cursor,
    FromRow,
    Lookup,
    Page,
    column,
    lookup,
)
from schema.context import Info, of_practice
from schema.inputs import cursors, page_size, read_cursor
from schema.types.enums import (
    ACTOR_ID,
    ACTOR_KIND,
    ActorKind,
    AttemptState,
    RunState,
    SmsBlockReason,
    Trigger,
)
from schema.types.node import Node
from schema.types.recall import ContactAttempt


@strawberry.type
class RefusalCount(FromRow):
    """How many were refused for one reason."""

    reason: SmsBlockReason = column(convert=SmsBlockReason)
    count: int = column()


def refusal_counts(counts: list[Count]) -> list[RefusalCount]:
    """Return db's counts, converted."""
    return [RefusalCount(row={"reason": c.reason, "count": c.count}) for c in counts]


def _attempts(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    states: list[AttemptState] | None = None,
) -> Lookup:
    """In the order in which they were planned; only those in ``states``, if given."""
    size, place = page_size(first), read_cursor(after, "attempts")
    wanted = None if states is None else [state.name for state in states]

    async def read(run_ids: Sequence[Any], columns: Columns) -> Sequence[Any]:
        rows = await attempts_of_runs(
            *info.context.scope, run_ids, first=size, after=place, states=wanted, columns=columns
        )
        info.context.shown(people=len(rows), lists=1)
        return rows

    count = partial(count_attempts, *info.context.scope, states=wanted)
    return Lookup(read, Page(size, after, count))


@strawberry.type
class Run(Node):
    """Messages that were accepted together.

    Its numbers count messages; each refused recall counts as one.
    """

    trigger: Trigger = column(
        convert=Trigger,
        description="MANUAL: sendRecalls; AUTOMATED: the schedule or startAutomatedRun.",
    )
    state: RunState = column(
        convert=RunState, description="FINISHED: none of its messages is waiting or being sent."
    )
    started_at: datetime = column(description="When it was accepted.")
    finished_at: datetime | None = column(description="When it finished; null if it has not.")
    held_until: datetime | None = column(
        description="No message is handed over before this time; null if it was not held."
    )
    stopped_at: datetime | None = column(
        description="From then on no more messages were handed over; null if it was not stopped."
    )
    actor: str | None = column(description="Who started it; null for the schedule.")
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    planned: int = column(description="All messages, whatever their state.")
    queued: int = column(description="Waiting or being sent.")
    sent: int = column(description="Accepted by the gateway, including delivered ones.")
    refused: int = column(description="Refused by the rule.")
    failed: int = column(description="Refused by the gateway, or not delivered.")
    unknown: int = column(description="May or may not have been accepted by the gateway.")
    cancelled: int = column(description="No longer wanted before they were sent.")
    skipped: int = column(
        description="Recalls that were left out: closed, or with a message already on its way."
    )
    refusals: list[RefusalCount] = lookup(
        of_practice(refusals_of_runs),
        key="id",
        by="run_id",
        description="Refused messages by reason, most frequent first.",
    )
    attempts: Connection[ContactAttempt] = lookup(
        _attempts,
        key="id",
        by="run_id",
        cursor=Cursor(cursors, "attempts", ("id",)),
    )


@strawberry.type
class RunPreview:
    """What the next automated run would do, by the same rule."""

    messages: int
    recalls: int
    segments: int
    overridden: int = strawberry.field(
        description="Messages that will be sent although consent is withheld or can't be read."
    )
    refusals: list[RefusalCount]
    next_run_at: datetime | None = strawberry.field(description="Null if no category is automated.")
