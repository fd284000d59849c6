"""recordConsentChecks and removeConsentChecks: consent as staff have looked it up in the PMS."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from db import consent_checks
from db.recalls import get_patients
from schema.context import Info
from schema.inputs import global_id, read_ids
from schema.types.recall import Patient
from schema.types.send_problems import UnknownPatients


@strawberry.input
class PatientIdsInput:
    """1 to 1000 patients."""

    patient_ids: list[strawberry.ID]


@strawberry.type
class ConsentChecks:
    """The patients as they are now."""

    patients: list[Patient]


RecordConsentChecksResult = Annotated[
    ConsentChecks | UnknownPatients, strawberry.union("RecordConsentChecksResult")
]
RemoveConsentChecksResult = Annotated[
    ConsentChecks | UnknownPatients, strawberry.union("RemoveConsentChecksResult")
]


async def record_consent_checks(
    info: Info,
    input: PatientIdsInput,  # noqa: A002
) -> RecordConsentChecksResult:
    """Remember that staff have looked up in the PMS that these patients agree to SMS.

    It holds for the number that each has now, and only where the PMS shares no consent: then staff
    aren't asked again. A number that is blocked stays so.
    """
    return await _change(info, input, consent_checks.record_consent_checks)


async def remove_consent_checks(
    info: Info,
    input: PatientIdsInput,  # noqa: A002
) -> RemoveConsentChecksResult:
    """Forget recordConsentChecks: staff are asked again."""
    return await _change(info, input, consent_checks.remove_consent_checks)


async def _change(
    info: Info, given: PatientIdsInput, change: Callable[..., Any]
) -> ConsentChecks | UnknownPatients:
    context = info.context
    keys = list(dict.fromkeys(read_ids(given.patient_ids, "Patient", "patientIds")))
    if unknown := await consent_checks.unknown_patients(*context.scope, keys):
        return UnknownPatients(
            message="These patients are not in your practice's list. Nothing was done.",
            patient_ids=[global_id("Patient", key) for key in unknown],
        )
    await change(context.pool, context.practice_id, keys, actor=context.actor)
    rows = {row["id"]: row for row in await get_patients(*context.scope, keys)}
    context.shown(people=len(rows))
    return ConsentChecks(patients=[Patient(row=rows[key]) for key in keys])
