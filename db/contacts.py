"""Calls made and letters posted, as staff record them and undo them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.identity import Actor
from db.audit import record
from db.tenancy import in_practice
from db.types import IdempotencyConflictError, Pool, Reader


@dataclass(frozen=True, slots=True)
class Recorded:
    """The attempts that stand for the recalls, and the recalls that were left out."""

    attempt_ids: list[int]
    left_out: list[int]


async def record_contacts(
    pool: Pool,
    practice_id: int,
    recall_ids: Sequence[int],
    *,
    kind: str,
    note: str | None,
    actor: Actor,
    keys: Sequence[str] | None = None,
    tab: str | None = None,
) -> Recorded:
    """Record a call or a letter for each recall; it counts as the step that is due.

    What is queued for a recall is cancelled first, and gives its step back. Recalls are left out
    that are closed, that aren't in ``tab`` (if given) any more, or whose patient has died or is
    inactive. ``keys`` are the recalls' idempotency keys: one that was used returns the same attempt
    again. The recalls must be the practice's. Raises ``IdempotencyConflictError`` if a key was used
    for another recall or kind; then nothing is recorded.
    """
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_steps($1)", practice_id)
        rows = await connection.fetch(
            "select * from logic.record_contacts($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            practice_id,
            recall_ids,
            [None] * len(recall_ids) if keys is None else keys,
            kind,
            note,
            tab,
            actor.name,
            actor.kind,
            actor.id,
        )
        if any(row["conflict"] for row in rows):
            raise IdempotencyConflictError
        done = [row for row in rows if row["attempt_id"] is not None]
        new = [row for row in done if not row["known"]]
        await record(
            connection,
            practice_id,
            actor,
            "CONTACT_RECORDED",
            patients=[row["patient_id"] for row in new],
            subjects=[f"ContactAttempt:{row['attempt_id']}" for row in new],
            details={"kind": kind},
        )
    left_out = [row["recall_id"] for row in rows if row["attempt_id"] is None]
    return Recorded([row["attempt_id"] for row in done], left_out)


async def unknown_contacts(reader: Reader, practice_id: int, ids: Sequence[int]) -> list[int]:
    """Return those of ``ids`` that aren't calls or letters of the practice."""
    known = await reader.fetch(
        "select id from contact_attempts where practice_id = $1 and id = any($2) and kind <> 'SMS'",
        practice_id,
        ids,
    )
    return sorted(set(ids) - {row["id"] for row in known})


async def undo_contacts(
    pool: Pool, practice_id: int, attempt_ids: Sequence[int], *, actor: Actor
) -> None:
    """Undo calls and letters that were recorded by mistake; their steps are due again.

    One that was undone before stays so.
    """
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_steps($1)", practice_id)
        undone = await connection.fetch(
            "select * from logic.undo_contacts($1, $2)", practice_id, attempt_ids
        )
        await record(
            connection,
            practice_id,
            actor,
            "CONTACT_UNDONE",
            patients=[row["patient_id"] for row in undone],
            subjects=[f"ContactAttempt:{row['attempt_id']}" for row in undone],
        )
