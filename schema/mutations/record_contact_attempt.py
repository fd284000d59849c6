"""recordContactAttempt and recordContactAttempts: record calls made and letters posted."""

import hashlib
from typing import Annotated

import strawberry

from db.attempts import get_attempts
from db.contacts import Recorded, record_contacts
from db.recalls import get_recalls
from db.recalls import unknown_recalls as unknown
from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import idempotency_key, optional_text, read_id, read_ids
from schema.mutations.started import used_before
from schema.types.enums import ContactKind, RecallTab
from schema.types.recall import ContactAttempt, Recall
from schema.types.send_problems import ContactNotRecorded, UnknownRecalls, unknown_recalls

DIVIDED = {RecallTab.TO_ACTION, RecallTab.CALLS, RecallTab.LETTERS}
"""The tabs that an open, due recall is in one of."""
KIND = "PHONE or LETTER; an SMS is sent by sendRecalls, not recorded."
TAB = (
    "TO_ACTION, CALLS or LETTERS: record nothing for a recall that is no longer in this tab,"
    " because somebody else has dealt with it. Left out, or another: any open recall."
)


@strawberry.input
class RecordContactAttemptInput:
    """What was done for which recall."""

    recall_id: strawberry.ID
    kind: ContactKind = strawberry.field(description=KIND)
    note: str | None = None
    tab: RecallTab | None = strawberry.field(default=None, description=TAB)
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A repeated key returns the same attempt, and takes no second step.",
    )


@strawberry.input
class RecordContactAttemptsInput:
    """What was done for which recalls."""

    recall_ids: list[strawberry.ID] = strawberry.field(description="1 to 1000 ids.")
    kind: ContactKind = strawberry.field(description=KIND)
    note: str | None = strawberry.field(default=None, description="The same for each.")
    tab: RecallTab | None = strawberry.field(default=None, description=TAB)
    idempotency_key: str = strawberry.field(
        description="A repeated key returns the same attempts, and takes no second step."
    )


@strawberry.type
class ContactsRecorded:
    """The attempts, and the recalls that were left out."""

    attempts: list[ContactAttempt]
    left_out: list[Recall] = strawberry.field(
        description="Closed, no longer in the tab, or the patient has died or is inactive."
    )


RecordContactAttemptResult = Annotated[
    ContactAttempt | UnknownRecalls | ContactNotRecorded,
    strawberry.union("RecordContactAttemptResult"),
]
RecordContactAttemptsResult = Annotated[
    ContactsRecorded | UnknownRecalls, strawberry.union("RecordContactAttemptsResult")
]


async def record_contact_attempt(
    info: Info,
    input: RecordContactAttemptInput,  # noqa: A002
) -> RecordContactAttemptResult:
    """Record a call or a letter; it counts as the step that is due.

    An SMS that is queued for the recall is no longer sent.
    """
    recall_id = read_id(input.recall_id, "Recall", "recallId")
    _not_an_sms(input.kind)
    if await unknown(*info.context.scope, [recall_id]):
        return unknown_recalls([recall_id])
    key = input.idempotency_key
    keys = None if key is None else [idempotency_key(key)]
    recorded = await _record(info, input, [recall_id], keys)
    if recorded.left_out:
        [recall] = await get_recalls(*info.context.scope, [recall_id])
        info.context.shown(people=1)
        return ContactNotRecorded(
            message="Not recorded: this recall is closed or has been dealt with already.",
            recall=Recall(row=recall),
        )
    [row] = await get_attempts(*info.context.scope, recorded.attempt_ids)
    info.context.shown(people=1)
    return ContactAttempt(row=row)


async def record_contact_attempts(
    info: Info,
    input: RecordContactAttemptsInput,  # noqa: A002
) -> RecordContactAttemptsResult:
    """Record a call or a letter for each of many recalls, like recordContactAttempt."""
    recall_ids = list(dict.fromkeys(read_ids(input.recall_ids, "Recall", "recallIds")))
    _not_an_sms(input.kind)
    if missing := await unknown(*info.context.scope, recall_ids):
        return unknown_recalls(missing)
    key = idempotency_key(input.idempotency_key)
    # Of one length, however long the key is.
    keys = [hashlib.sha256(f"{each} {key}".encode()).hexdigest() for each in recall_ids]
    recorded = await _record(info, input, recall_ids, keys)
    rows = await get_attempts(*info.context.scope, recorded.attempt_ids)
    left_out = await get_recalls(*info.context.scope, recorded.left_out)
    info.context.shown(people=len(recall_ids))
    return ContactsRecorded(
        attempts=[ContactAttempt(row=row) for row in rows],
        left_out=[Recall(row=row) for row in left_out],
    )


def _not_an_sms(kind: ContactKind) -> None:
    if kind is ContactKind.SMS:
        raise BadUserInputError("kind is PHONE or LETTER; an SMS is sent by sendRecalls.", "kind")


async def _record(
    info: Info,
    given: RecordContactAttemptInput | RecordContactAttemptsInput,
    recall_ids: list[int],
    keys: list[str] | None,
) -> Recorded:
    with used_before():
        return await record_contacts(
            info.context.pool,
            info.context.practice_id,
            recall_ids,
            kind=given.kind.value,
            note=optional_text(given.note, "note"),
            actor=info.context.actor,
            keys=keys,
            tab=given.tab.value if given.tab in DIVIDED else None,
        )
