"""syncRecalls: takes in the PMS's recall list."""

from datetime import date
from typing import Annotated

import strawberry

from db.sync import RecallRow, upsert_recalls
from schema.context import Info
from schema.types.sync import SyncResult, sync_result


@strawberry.input
class RecallInput:
    """A recall as the PMS has it; its patient must have been synced before."""

    pms_id: str
    patient_pms_id: str
    reason: str
    urgency: str | None = None
    due_date: date
    completed: bool = False


Recalls = Annotated[list[RecallRow], strawberry.argument(graphql_type=list[RecallInput])]
"""Inputs, of which ``make_directly`` makes rows."""


async def sync_recalls(info: Info, input: Recalls) -> SyncResult:  # noqa: A002
    """Upsert recalls by the PMS's own ids, up to 1000 rows a call, all or nothing."""
    context = info.context
    taken = await upsert_recalls(context.pool, context.practice_id, input, by=context.actor)
    return sync_result(taken)
