"""Why a call that would send has not sent."""

import strawberry

from schema.inputs import global_id
from schema.types.node import Problem
from schema.types.recall import Recall
from schema.types.run import RefusalCount


@strawberry.type
class UnknownRecalls(Problem):
    """All or nothing: no recall of the call was touched."""

    recall_ids: list[strawberry.ID]


@strawberry.type
class NothingToSend(Problem):
    """No message was to be sent; refusals, if any, are recorded."""

    refusals: list[RefusalCount]


@strawberry.type
class ConsentConfirmationRequired(Problem):
    """Asked before anything is sent: staff say whether to proceed.

    A hard-blocked recall is never among ``recalls``. ``sendable`` counts those that nothing stands
    against: what is left to send if staff leave ``recalls`` out.
    """

    recalls: list[Recall]
    sendable: int
    refusals: list[RefusalCount]


def unknown_recalls(keys: list[int]) -> UnknownRecalls:
    """Give the answer for recalls that the practice doesn't have."""
    return UnknownRecalls(
        message="These recalls are not in your practice's list. Nothing was done.",
        recall_ids=[global_id("Recall", key) for key in keys],
    )
