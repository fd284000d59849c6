"""The blocked communication list."""

from datetime import datetime

import strawberry

from db.blocklist import history_of
from db.recalls import patients_reached
from schema.compiled import FromRow, column, lookup
from schema.context import of_practice
from schema.types.enums import ACTOR_ID, ACTOR_KIND, ActorKind, BlockSource
from schema.types.node import Node, Problem
from schema.types.recall import Patient


@strawberry.type
class BlockEvent(FromRow):
    """One change of a number's entry."""

    at: datetime = column()
    actor: str = column(description="The name of who did it.")
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    source: BlockSource = column(convert=BlockSource)
    blocked_recalls: bool = column()
    listed: bool = column()
    note: str | None = column()


@strawberry.type
class BlockedCommunication(Node):
    """A number on the list. Only with ``blockedRecalls`` ticked does it block recalls."""

    mobile: str = column(description="E.164.")
    blocked_recalls: bool = column(description="The 'Blocked Recalls' checkbox.")
    note: str | None = column(description="What staff wrote.")
    patients: list[Patient] = lookup(
        of_practice(patients_reached, of_people=True),
        key="mobile",
        by="mobile",
        description="Everyone whom this number reaches.",
    )
    history: list[BlockEvent] = lookup(
        of_practice(history_of),
        key="mobile",
        by="mobile",
        description="Append-only, newest first; it outlives the entry.",
    )
    already_handed_over: int = column(
        description="Messages to it that went to the gateway in the 24 hours before the block "
        "answered."
    )


@strawberry.type
class InvalidMobile(Problem):
    """What was typed is not a number that can take an SMS; ``mobile`` is as it was typed."""

    mobile: str


@strawberry.type
class NotListed(Problem):
    """The number is not on the list."""

    mobile: str
