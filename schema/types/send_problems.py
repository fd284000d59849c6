"""Problems that keep a call from sending."""

import strawberry

from schema.inputs import global_id
from schema.types.node import Problem
from schema.types.recall import Recall
from schema.types.run import RefusalCount


@strawberry.type
class UnknownRecalls(Problem):
    """Some recalls are not the practice's. All or nothing: no recall of the call was touched."""

    recall_ids: list[strawberry.ID]


@strawberry.type
class ContactNotRecorded(Problem):
    """The recall is closed, has left the tab, or its patient has died or is inactive."""

    recall: Recall


@strawberry.type
class UnknownContactAttempts(Problem):
    """Some aren't calls or letters of the practice. All or nothing: none was undone."""

    attempt_ids: list[strawberry.ID]


@strawberry.type
class UnknownPatients(Problem):
    """Some aren't the practice's patients. All or nothing: none was changed."""

    patient_ids: list[strawberry.ID]


@strawberry.type
class NothingToSend(Problem):
    """There was no message to send; refusals, if any, are recorded."""

    refusals: list[RefusalCount]


@strawberry.type
class ConsentConfirmationRequired(Problem):
    """The consent question, before anything is sent: staff decide whether to proceed.

    A hard-blocked recall is never among ``recalls``. ``sendable`` counts the recalls that nothing
    blocks: what is left to send if staff leave ``recalls`` out.
    """

    recalls: list[Recall]
    sendable: int
    refusals: list[RefusalCount]


def unknown_recalls(keys: list[int]) -> UnknownRecalls:
    """Return the answer for recalls that the practice doesn't have."""
    return UnknownRecalls(
        message="We can't find some of these recalls. Nothing has changed.",
        recall_ids=[global_id("Recall", key) for key in keys],
    )
