"""Reads the number in a mutation on the blocked communication list."""

import strawberry

from core.mobile import normalise
from db.practices import get_practice
from schema.context import Info
from schema.inputs import text
from schema.types.blocked import InvalidMobile, NotListed


@strawberry.input
class MobileInput:
    """A number as it is typed."""

    mobile: str


async def read_mobile(info: Info, typed: str) -> str | InvalidMobile:
    """Return the number in E.164, read in the practice's region, or why it isn't one."""
    practice = await get_practice(*info.context.scope)
    mobile = normalise(text(typed, "mobile"), practice["phone_region"])
    if mobile.e164 is not None:
        return mobile.e164
    message = mobile.refusal.message if mobile.refusal else "Type a mobile number."
    return InvalidMobile(message=message, mobile=typed)


def not_listed(mobile: str) -> NotListed:
    """Return the answer for a number that is not on the list."""
    message = "This number is not on the blocked communication list."
    return NotListed(message=message, mobile=mobile)
