"""startAutomatedRun: starts the scheduled run now."""

from typing import Annotated

import strawberry

from db import sending
from schema.context import Info
from schema.inputs import idempotency_key, read_ids
from schema.mutations.started import nothing_to_send, started, used_before
from schema.types.run import Run
from schema.types.send_problems import NothingToSend


@strawberry.input
class StartAutomatedRunInput:
    """Which categories; every automated one if ``categoryIds`` is left out."""

    category_ids: list[strawberry.ID] | None = None
    idempotency_key: str


StartAutomatedRunResult = Annotated[
    Run | NothingToSend, strawberry.union("StartAutomatedRunResult")
]


async def start_automated_run(
    info: Info,
    input: StartAutomatedRunInput,  # noqa: A002
) -> StartAutomatedRunResult:
    """Start the scheduled run now, whatever the hour, because a person starts it."""
    context = info.context
    wanted = input.category_ids
    with used_before():
        outcome = await sending.start_automated_run(
            context.pool,
            context.practice_id,
            None if wanted is None else read_ids(wanted, "Category", "categoryIds"),
            idempotency_key=idempotency_key(input.idempotency_key),
            actor=context.actor,
        )
    if isinstance(outcome, sending.NothingToSend):
        return nothing_to_send(outcome)
    await context.wake.wake_planner()
    return await started(info, outcome.run_id)
