"""setBlockedRecalls: ticks or unticks the 'Blocked Recalls' checkbox."""

from typing import Annotated

import strawberry

from db import blocklist
from schema.context import Info
from schema.mutations.mobile import not_listed, read_mobile
from schema.types.blocked import BlockedCommunication, InvalidMobile, NotListed


@strawberry.input
class SetBlockedRecallsInput:
    """A listed number, and whether its box should be ticked."""

    mobile: str
    blocked: bool


SetBlockedRecallsResult = Annotated[
    BlockedCommunication | InvalidMobile | NotListed, strawberry.union("SetBlockedRecallsResult")
]


async def set_blocked_recalls(
    info: Info,
    input: SetBlockedRecallsInput,  # noqa: A002
) -> SetBlockedRecallsResult:
    """Tick or untick 'Blocked Recalls'. Once this answers, a ticked number gets no recall SMS."""
    mobile = await read_mobile(info, input.mobile)
    if isinstance(mobile, InvalidMobile):
        return mobile
    entry = await blocklist.set_blocked_recalls(
        info.context.pool,
        info.context.practice_id,
        mobile,
        blocked=input.blocked,
        actor=info.context.actor,
    )
    return BlockedCommunication(row=entry) if entry is not None else not_listed(mobile)
