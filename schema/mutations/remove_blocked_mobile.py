"""removeBlockedMobile: takes a number off the blocked communication list."""

from typing import Annotated

import strawberry

from db import blocklist
from schema.context import Info
from schema.mutations.mobile import MobileInput, not_listed, read_mobile
from schema.types.blocked import InvalidMobile, NotListed


@strawberry.type
class Removed:
    """The number is no longer listed."""

    mobile: str


RemoveBlockedMobileResult = Annotated[
    Removed | InvalidMobile | NotListed, strawberry.union("RemoveBlockedMobileResult")
]


async def remove_blocked_mobile(
    info: Info,
    input: MobileInput,  # noqa: A002
) -> RemoveBlockedMobileResult:
    """Take a number off the blocked communication list; its history stays."""
    mobile = await read_mobile(info, input.mobile)
    if isinstance(mobile, InvalidMobile):
        return mobile
    removed = await blocklist.remove_blocked(
        info.context.pool, info.context.practice_id, mobile, actor=info.context.actor
    )
    return Removed(mobile=mobile) if removed else not_listed(mobile)
