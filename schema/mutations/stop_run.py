"""stopRun: cancels what is left of a run."""

from typing import Annotated

import strawberry

from db import runs
from schema.context import Info
from schema.inputs import read_id
from schema.types.node import Problem
from schema.types.run import Run


@strawberry.input
class StopRunInput:
    """The run to stop."""

    run_id: strawberry.ID


@strawberry.type
class UnknownRun(Problem):
    """The practice has no such run."""


StopRunResult = Annotated[Run | UnknownRun, strawberry.union("StopRunResult")]


async def stop_run(info: Info, input: StopRunInput) -> StopRunResult:  # noqa: A002
    """Cancel a run's queued messages; those already being handed over are still sent.

    A run that is held (``holdSeconds``) is undone as a whole. One that has finished stays as it is.
    """
    context, key = info.context, read_id(input.run_id, "Run", "runId")
    await runs.stop_run(context.pool, context.practice_id, key, actor=context.actor)
    await context.wake.wake_canceller()
    rows = await runs.get_runs(*context.scope, [key])
    if not rows:
        return UnknownRun(message="We can't find that run. Nothing has changed.")
    return Run(row=rows[0])
