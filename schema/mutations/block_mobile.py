"""blockMobile: adds a number to the blocked communication list."""

from typing import Annotated

import strawberry

from db import blocklist
from schema.context import Info
from schema.inputs import optional_text
from schema.mutations.mobile import read_mobile
from schema.types.blocked import BlockedCommunication, InvalidMobile


@strawberry.input
class BlockMobileInput:
    """The number, and whether to tick 'Blocked Recalls' at once."""

    mobile: str
    blocked_recalls: bool = False
    note: str | None = None


BlockMobileResult = Annotated[
    BlockedCommunication | InvalidMobile, strawberry.union("BlockMobileResult")
]


async def block_mobile(info: Info, input: BlockMobileInput) -> BlockMobileResult:  # noqa: A002
    """Add a number to the blocked communication list; a ticked 'Blocked Recalls' stays ticked."""
    mobile = await read_mobile(info, input.mobile)
    if isinstance(mobile, InvalidMobile):
        return mobile
    entry = await blocklist.block_mobile(
        info.context.pool,
        info.context.practice_id,
        mobile,
        blocked=input.blocked_recalls,
        note=optional_text(input.note, "note"),
        actor=info.context.actor,
    )
    return BlockedCommunication(row=entry)
