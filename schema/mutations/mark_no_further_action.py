"""markNoFurtherAction: closes recalls."""

from typing import Annotated

import strawberry

from db import recalls
from schema.context import Info
from schema.inputs import read_ids
from schema.types.recall import Recall
from schema.types.send_problems import UnknownRecalls, unknown_recalls


@strawberry.input
class RecallIdsInput:
    """1 to 1000 recalls."""

    recall_ids: list[strawberry.ID]


@strawberry.type
class Marked:
    """The recalls as they are now."""

    recalls: list[Recall]


MarkNoFurtherActionResult = Annotated[
    Marked | UnknownRecalls, strawberry.union("MarkNoFurtherActionResult")
]


async def mark_no_further_action(
    info: Info,
    input: RecallIdsInput,  # noqa: A002
) -> MarkNoFurtherActionResult:
    """Close recalls: nobody is contacted again about them, not even by a queued message."""
    context = info.context
    keys = read_ids(input.recall_ids, "Recall", "recallIds")
    unknown = await recalls.unknown_recalls(*context.scope, keys)
    if unknown:
        return unknown_recalls(unknown)
    await recalls.mark_no_further_action(
        context.pool, context.practice_id, keys, actor=context.actor
    )
    rows = {row["id"]: row for row in await recalls.get_recalls(*context.scope, keys)}
    context.shown(people=len(rows))
    return Marked(recalls=[Recall(row=rows[key]) for key in dict.fromkeys(keys)])
