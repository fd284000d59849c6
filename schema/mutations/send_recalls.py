"""sendRecalls: the manual send."""

import asyncio
from typing import Annotated

import strawberry

from db import sending
from db.recalls import get_recalls
from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import idempotency_key, read_ids
from schema.mutations.started import nothing_to_send, started, used_before
from schema.types.recall import Recall
from schema.types.run import Run, refusal_counts
from schema.types.send_problems import (
    ConsentConfirmationRequired,
    NothingToSend,
    UnknownRecalls,
    unknown_recalls,
)

MAX_HOLD_SECONDS = 60


@strawberry.input
class SendRecallsInput:
    """Which recalls, and whether staff have decided to proceed."""

    recall_ids: list[strawberry.ID] = strawberry.field(description="1 to 1000 ids.")
    proceed_without_consent: bool = False
    confirmed_recall_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="The recalls that proceedWithoutConsent applies to: those that staff were"
        " asked about. If left out, all of them.",
    )
    idempotency_key: str = strawberry.field(
        description="A repeated key returns the same run, and sends nothing twice."
    )
    hold_seconds: int = strawberry.field(
        default=0,
        description="0 to 60; nothing is handed over before they have passed, so that stopRun can"
        " undo the whole run.",
    )


SendRecallsResult = Annotated[
    Run | ConsentConfirmationRequired | NothingToSend | UnknownRecalls,
    strawberry.union("SendRecallsResult"),
]


async def send_recalls(info: Info, input: SendRecallsInput) -> SendRecallsResult:  # noqa: A002
    """Send recalls by SMS; ask staff first if consent is withheld or can't be read."""
    context = info.context
    recall_ids = read_ids(input.recall_ids, "Recall", "recallIds")
    hold = input.hold_seconds
    if not 0 <= hold <= MAX_HOLD_SECONDS:
        raise BadUserInputError(f"holdSeconds must be from 0 to {MAX_HOLD_SECONDS}.", "holdSeconds")
    with used_before():
        outcome = await sending.send_recalls(
            context.pool,
            context.practice_id,
            recall_ids,
            proceed_without_consent=input.proceed_without_consent,
            idempotency_key=idempotency_key(input.idempotency_key),
            actor=context.actor,
            hold_seconds=hold,
            confirmed=None
            if input.confirmed_recall_ids is None
            else read_ids(input.confirmed_recall_ids, "Recall", "confirmedRecallIds"),
        )
    match outcome:
        case sending.RunAccepted(run_id):
            waking = context.wake.wake_delivery(after=hold)
            _, run = await asyncio.gather(waking, started(info, run_id))
            return run
        case sending.NothingToSend():
            return nothing_to_send(outcome)
        case sending.UnknownRecalls(keys):
            return unknown_recalls(keys)
        case sending.ConsentNeeded(keys, sendable, refusals):
            rows = await get_recalls(*context.scope, keys)
            context.shown(people=len(rows))
            return ConsentConfirmationRequired(
                message=f"Check consent for {len(keys)} of these first. Nothing has been sent yet.",
                recalls=[Recall(row=row) for row in rows],
                sendable=sendable,
                refusals=refusal_counts(refusals),
            )
