"""undoContactAttempts: takes back calls and letters that were recorded by mistake."""

from typing import Annotated

import strawberry

from db.attempts import get_attempts
from db.contacts import undo_contacts, unknown_contacts
from schema.context import Info
from schema.inputs import global_id, read_ids
from schema.types.recall import ContactAttempt
from schema.types.send_problems import UnknownContactAttempts


@strawberry.input
class ContactAttemptIdsInput:
    """1 to 1000 calls or letters."""

    attempt_ids: list[strawberry.ID]


@strawberry.type
class Undone:
    """The attempts as they are now."""

    attempts: list[ContactAttempt]


UndoContactAttemptsResult = Annotated[
    Undone | UnknownContactAttempts, strawberry.union("UndoContactAttemptsResult")
]


async def undo_contact_attempts(
    info: Info,
    input: ContactAttemptIdsInput,  # noqa: A002
) -> UndoContactAttemptsResult:
    """Undo calls and letters: they are CANCELLED, and their recalls due as before."""
    context = info.context
    keys = read_ids(input.attempt_ids, "ContactAttempt", "attemptIds")
    if unknown := await unknown_contacts(*context.scope, keys):
        return UnknownContactAttempts(
            message="These are not calls or letters of your practice. Nothing was undone.",
            attempt_ids=[global_id("ContactAttempt", key) for key in unknown],
        )
    await undo_contacts(context.pool, context.practice_id, keys, actor=context.actor)
    rows = await get_attempts(*context.scope, keys)
    context.shown(people=len(rows))
    return Undone(attempts=[ContactAttempt(row=row) for row in rows])
