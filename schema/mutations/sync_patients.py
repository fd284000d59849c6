"""syncPatients: takes in the PMS's patients."""

from datetime import date
from typing import Annotated, Any

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


def patient_row(*, status: PatientStatus, **values: Any) -> PatientRow:
    """Return the row for an input's values."""
    return PatientRow(status=status.value, **values)


Patients = Annotated[list[PatientRow], strawberry.argument(graphql_type=list[PatientInput])]
"""Inputs, of which ``make_directly`` makes rows."""


async def sync_patients(info: Info, input: Patients) -> SyncResult:  # noqa: A002
    """Upsert patients by the PMS's own ids, up to 1000 rows a call, all or nothing."""
    context = info.context
    taken = await upsert_patients(context.pool, context.practice_id, input, by=context.actor)
    return sync_result(taken)
