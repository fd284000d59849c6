"""The blocked communication list."""

from datetime import datetime

import strawberry

from db.blocklist import history_of
from db.recalls import patients_reached
from rowql import FromRow, column, lookup
from schema.context import of_practice
from schema.types.enums import ACTOR_ID, ACTOR_KIND, ActorKind, BlockSource
from schema.types.node import Node, Problem
from schema.types.recall import Patient


@strawberry.type
class BlockEvent(FromRow):
    """One change to a number's entry."""

    at: datetime = column()
    actor: str = column(description="The actor's name at that time.")
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    source: BlockSource = column(convert=BlockSource)
    blocked_recalls: bool = column()
    listed: bool = column()
    note: str | None = column()


@strawberry.type
class BlockedCommunication(Node):
    """A number on the list. It blocks recalls only if ``blockedRecalls`` is ticked."""

    mobile: str = column(description="The number in E.164 format.")
    blocked_recalls: bool = column(description="Whether the 'Blocked Recalls' checkbox is ticked.")
    note: str | None = column(description="A note by staff; null if there is none.")
    patients: list[Patient] = lookup(
        of_practice(patients_reached, of_people=True),
        key="mobile",
        by="mobile",
        description="Every patient whom this number reaches.",
    )
    history: list[BlockEvent] = lookup(
        of_practice(history_of),
        key="mobile",
        by="mobile",
        description="All changes, newest first; append-only, and kept after the entry is removed.",
    )
    already_handed_over: int = column(
        description="Messages to the number that were handed to the gateway in the 24 hours before "
        "the block answered."
    )


@strawberry.type
class InvalidMobile(Problem):
    """The input is not a number that can take an SMS; ``mobile`` is the input as typed."""

    mobile: str


@strawberry.type
class NotListed(Problem):
    """The number is not on the list."""

    mobile: str
