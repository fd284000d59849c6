"""checkMobile: what is known about a number as it is typed."""

from typing import Annotated

import strawberry

from db.blocklist import get_blocked_of
from db.recalls import patients_reached
from rowql import FromRow, column, lookup
from schema.context import Info, of_practice
from schema.mutations.mobile import read_mobile
from schema.types.blocked import BlockedCommunication, InvalidMobile
from schema.types.recall import Patient


@strawberry.type
class MobileCheck(FromRow):
    """A number that can take an SMS."""

    mobile: str = column(description="The number in E.164 format.")
    patients: list[Patient] = lookup(
        of_practice(patients_reached, of_people=True),
        key="mobile",
        by="mobile",
        description="Every patient whom this number reaches.",
    )
    blocked_communication: BlockedCommunication | None = lookup(
        of_practice(get_blocked_of),
        key="mobile",
        by="mobile",
        description="Its entry in the blocked communication list; null if it is not listed.",
    )


CheckMobileResult = Annotated[MobileCheck | InvalidMobile, strawberry.union("CheckMobileResult")]


async def check_mobile(info: Info, mobile: str) -> CheckMobileResult:
    """What is known about a number as it is typed, or what is wrong with it."""
    info.context.shown(searches=1)
    read = await read_mobile(info, mobile)
    return read if isinstance(read, InvalidMobile) else MobileCheck(row={"mobile": read})
