"""reopenRecalls: takes back that recalls need no further action."""

from typing import Annotated

import strawberry

from db import recalls
from schema.context import Info
from schema.inputs import read_ids
from schema.mutations.mark_no_further_action import RecallIdsInput
from schema.types.recall import Recall
from schema.types.send_problems import UnknownRecalls, unknown_recalls


@strawberry.type
class Reopened:
    """The recalls as they are now."""

    recalls: list[Recall]


ReopenRecallsResult = Annotated[Reopened | UnknownRecalls, strawberry.union("ReopenRecallsResult")]


async def reopen_recalls(
    info: Info,
    input: RecallIdsInput,  # noqa: A002
) -> ReopenRecallsResult:
    """Reopen recalls that staff had closed; what the PMS has completed stays completed."""
    context = info.context
    keys = read_ids(input.recall_ids, "Recall", "recallIds")
    if unknown := await recalls.unknown_recalls(*context.scope, keys):
        return unknown_recalls(unknown)
    await recalls.reopen_recalls(context.pool, context.practice_id, keys, actor=context.actor)
    rows = {row["id"]: row for row in await recalls.get_recalls(*context.scope, keys)}
    context.shown(people=len(rows))
    return Reopened(recalls=[Recall(row=rows[key]) for key in dict.fromkeys(keys)])
