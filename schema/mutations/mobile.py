"""Reads the number in a mutation on the blocked communication list."""

import strawberry

from core.mobile import normalise
from db.practices import get_practice
from schema.context import Info
from schema.inputs import text
from schema.types.blocked import InvalidMobile, NotListed

NO_REGION = "ZZ"
"""A region without numbers of its own: only what starts with "+" is read."""


@strawberry.input
class MobileInput:
    """A number as it is typed."""

    mobile: str


async def read_mobile(info: Info, typed: str) -> str | InvalidMobile:
    """Return the number in E.164, read in the practice's region, or why it isn't one."""
    number = text(typed, "mobile")
    if number.startswith("+") and normalise(number, NO_REGION).e164 == number:
        return number  # as from a list: it is the same number in every region
    practice = await get_practice(*info.context.scope, ["phone_region"])
    mobile = normalise(number, practice["phone_region"])
    if mobile.e164 is not None:
        return mobile.e164
    message = mobile.refusal.message if mobile.refusal else "Enter a mobile number."
    return InvalidMobile(message=message, mobile=typed)


def not_listed(mobile: str) -> NotListed:
    """Return the answer for a number that is not on the list."""
    message = "This number isn't in Blocked Communications."
    return NotListed(message=message, mobile=mobile)
