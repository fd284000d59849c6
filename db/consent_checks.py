"""That staff have checked a patient's consent in a PMS that doesn't share it."""

from collections.abc import Sequence

from core.identity import Actor
from db.audit import record
from db.tenancy import in_practice
from db.types import Pool, Reader


async def record_consent_checks(
    pool: Pool, practice_id: int, patient_ids: Sequence[int], *, actor: Actor
) -> None:
    """Remember that the patients agree to SMS to the number that each has now.

    Patients without a valid number are passed over.
    """
    await _set(
        pool,
        practice_id,
        "CONSENT_CHECKED",
        actor,
        """
        update patients set consent_checked_mobile = mobile, consent_checked_at = now(),
                            consent_checked_by = $3
        where practice_id = $1 and id = any($2) and mobile is not null
        returning id
        """,
        patient_ids,
        actor.name,
    )


async def remove_consent_checks(
    pool: Pool, practice_id: int, patient_ids: Sequence[int], *, actor: Actor
) -> None:
    """Forget that consent was checked, so that staff are asked again."""
    await _set(
        pool,
        practice_id,
        "CONSENT_CHECK_REMOVED",
        actor,
        """
        update patients set consent_checked_mobile = null, consent_checked_at = null,
                            consent_checked_by = null
        where practice_id = $1 and id = any($2) and consent_checked_at is not null
        returning id
        """,
        patient_ids,
    )


async def _set(
    pool: Pool, practice_id: int, action: str, actor: Actor, statement: str, *arguments: object
) -> None:
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_denormalised($1)", practice_id)
        rows = await connection.fetch(statement, practice_id, *arguments)
        await record(connection, practice_id, actor, action, patients=[row["id"] for row in rows])


async def unknown_patients(reader: Reader, practice_id: int, ids: Sequence[int]) -> list[int]:
    """Return those of ``ids`` that aren't patients of the practice."""
    known = await reader.fetch(
        "select id from patients where practice_id = $1 and id = any($2)", practice_id, ids
    )
    return sorted(set(ids) - {row["id"] for row in known})
