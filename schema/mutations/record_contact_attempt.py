"""recordContactAttempt: records a call made or a letter posted."""

from typing import Annotated

import strawberry

from db import recalls
from db.attempts import get_attempts
from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import idempotency_key, optional_text, read_id
from schema.mutations.started import used_before
from schema.types.enums import ContactKind
from schema.types.recall import ContactAttempt
from schema.types.send_problems import UnknownRecalls, unknown_recalls


@strawberry.input
class RecordContactAttemptInput:
    """What was done for which recall."""

    recall_id: strawberry.ID
    kind: ContactKind = strawberry.field(
        description="PHONE or LETTER; an SMS is sent by sendRecalls, not recorded."
    )
    note: str | None = None
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A repeated key returns the same attempt, and takes no second step.",
    )


RecordContactAttemptResult = Annotated[
    ContactAttempt | UnknownRecalls, strawberry.union("RecordContactAttemptResult")
]


async def record_contact_attempt(
    info: Info,
    input: RecordContactAttemptInput,  # noqa: A002
) -> RecordContactAttemptResult:
    """Record a call or a letter; it counts as the step that is due.

    An SMS that is queued for the recall is no longer sent.
    """
    context = info.context
    recall_id = read_id(input.recall_id, "Recall", "recallId")
    if input.kind is ContactKind.SMS:
        raise BadUserInputError("kind is PHONE or LETTER; an SMS is sent by sendRecalls.", "kind")
    note = optional_text(input.note, "note")
    if await recalls.unknown_recalls(*context.scope, [recall_id]):
        return unknown_recalls([recall_id])
    key = input.idempotency_key
    with used_before():
        attempt_id = await recalls.record_contact(
            context.pool,
            context.practice_id,
            recall_id,
            kind=input.kind.value,
            note=note,
            actor=context.actor,
            idempotency_key=None if key is None else idempotency_key(key),
        )
    [row] = await get_attempts(*context.scope, [attempt_id])
    info.context.shown(people=1)
    return ContactAttempt(row=row)
