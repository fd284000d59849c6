"""syncPatients: takes in the PMS's patients."""

import asyncio
from datetime import date

import strawberry

from db.sync import PatientRow, upsert_patients
from schema.context import Info
from schema.types.enums import PatientStatus
from schema.types.sync import SyncResult, sync_result


@strawberry.input
class PatientInput:
    """A patient as the PMS has them; ``smsConsent`` is null if it recorded none."""

    pms_id: str
    first_name: str
    last_name: str
    birth_date: date | None = None
    mobile: str | None = None
    sms_consent: bool | None = None
    status: PatientStatus = PatientStatus.ACTIVE


async def sync_patients(info: Info, input: list[PatientInput]) -> SyncResult:  # noqa: A002
    """Upsert patients by the PMS's own ids, up to 1000 rows a call, all or nothing."""
    await asyncio.sleep(0)  # a thousand rows take some milliseconds at each step
    rows = [
        PatientRow(
            pms_id=row.pms_id,
            first_name=row.first_name,
            last_name=row.last_name,
            birth_date=row.birth_date,
            mobile=row.mobile,
            sms_consent=row.sms_consent,
            status=row.status.value,
        )
        for row in input
    ]
    await asyncio.sleep(0)
    context = info.context
    taken = await upsert_patients(context.pool, context.practice_id, rows, by=context.actor)
    return sync_result(taken)
