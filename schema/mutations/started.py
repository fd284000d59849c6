"""Answers shared by the two mutations that start runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from db.runs import get_runs
from db.sending import NothingToSend as Nothing
from db.types import IdempotencyConflictError
from schema.context import Info
from schema.errors import BadUserInputError
from schema.types.run import Run, refusal_counts
from schema.types.send_problems import NothingToSend


@contextmanager
def used_before() -> Iterator[None]:
    """Turn the error for a key that another call has used into BAD_USER_INPUT."""
    try:
        yield
    except IdempotencyConflictError:
        raise BadUserInputError(
            "idempotencyKey was used before with other arguments. Use a new key for a new call.",
            "idempotencyKey",
        ) from None


async def started(info: Info, run_id: int) -> Run:
    """Return the run as it is now."""
    [row] = await get_runs(*info.context.scope, [run_id])
    return Run(row=row)


def nothing_to_send(outcome: Nothing) -> NothingToSend:
    """Return the answer that says why there was nothing to send."""
    refused = sum(count.count for count in outcome.refusals)
    parts = []
    if refused:
        parts.append(f"{refused} can't get an SMS: call or write instead.")
    if outcome.skipped:
        parts.append(f"{outcome.skipped} left out: closed, or an SMS is already on its way.")
    message = " ".join(["Nothing was sent.", *(parts or ["No recalls are due."])])
    return NothingToSend(message=message, refusals=refusal_counts(outcome.refusals))
