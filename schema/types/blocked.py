"""The blocked communication list."""

from datetime import datetime

import strawberry

from schema.context import Info
from schema.types.enums import BlockSource
from schema.types.node import Node, Problem
from schema.types.recall import Patient


@strawberry.type
class BlockEvent:
    """One change of a number's entry."""

    at: datetime
    actor: str
    source: BlockSource
    blocked_recalls: bool
    listed: bool
    note: str | None


@strawberry.type
class BlockedCommunication(Node):
    """A number on the list. Only with ``blockedRecalls`` ticked does it block recalls."""

    @strawberry.field
    def mobile(self) -> str:
        """E.164."""
        return str(self.row["mobile"])

    @strawberry.field
    def blocked_recalls(self) -> bool:
        """The 'Blocked Recalls' checkbox."""
        return bool(self.row["blocked_recalls"])

    @strawberry.field
    def note(self) -> str | None:
        """What staff wrote."""
        found: str | None = self.row["note"]
        return found

    @strawberry.field
    async def patients(self, info: Info) -> list[Patient]:
        """Everyone whom this number reaches."""
        rows = await info.context.loaders.patients_on.load(self.row["mobile"])
        return [Patient(row=row) for row in rows]

    @strawberry.field
    async def history(self, info: Info) -> list[BlockEvent]:
        """Append-only, newest first; it outlives the entry."""
        rows = await info.context.loaders.history_of.load(self.row["mobile"])
        return [
            BlockEvent(
                at=row["at"],
                actor=row["actor"],
                source=BlockSource(row["source"]),
                blocked_recalls=row["blocked_recalls"],
                listed=row["listed"],
                note=row["note"],
            )
            for row in rows
        ]

    @strawberry.field
    def already_handed_over(self) -> int:
        """Messages to it that went to the gateway in the 24 hours before the block answered."""
        return int(self.row["already_handed_over"])


@strawberry.type
class InvalidMobile(Problem):
    """What was typed is not a number that can take an SMS; ``mobile`` is as it was typed."""

    mobile: str


@strawberry.type
class NotListed(Problem):
    """The number is not on the list."""

    mobile: str
