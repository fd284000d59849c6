"""syncRecalls: takes in the PMS's recall list."""

import asyncio
from datetime import date

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


async def sync_recalls(info: Info, input: list[RecallInput]) -> SyncResult:  # noqa: A002
    """Upsert recalls by the PMS's own ids, up to 1000 rows a call, all or nothing."""
    await asyncio.sleep(0)  # a thousand rows take some milliseconds at each step
    rows = [
        RecallRow(
            pms_id=row.pms_id,
            patient_pms_id=row.patient_pms_id,
            reason=row.reason,
            urgency=row.urgency,
            due_date=row.due_date,
            completed=row.completed,
        )
        for row in input
    ]
    await asyncio.sleep(0)
    context = info.context
    taken = await upsert_recalls(context.pool, context.practice_id, rows, by=context.actor)
    return sync_result(taken)
