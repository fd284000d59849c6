"""The practice, its PMS and preferences, and who is asking."""

from collections.abc import Sequence
from datetime import time
from typing import Any

import strawberry

from db.practices import get_practice
from schema.compiled import Columns, FromRow, Lookup, column, given, lookup, part
from schema.context import Info
from schema.types.enums import PmsProduct, Role
from schema.types.node import Node


@strawberry.type
class Pms(FromRow):
    """The practice management system; ``consentReadable`` is false where it hides consent."""

    product: PmsProduct = column(convert=PmsProduct)
    consent_readable: bool = column()


def _hours(moment: time) -> str:
    return moment.strftime("%H:%M")


@strawberry.type
class Preferences(FromRow):
    """When patients are contacted: in days, and within these local hours."""

    first_contact_days: int = column(description="before the due date")
    sms_repeat_days: int = column(description="back to To Action after an SMS")
    letter_repeat_days: int = column(description="back to To Action after a letter")
    phone_repeat_days: int = column(description="back to To Action after a call")
    send_from: str = column(
        convert=_hours, description="practice-local HH:MM; scheduled runs begin"
    )
    send_until: str = column(
        convert=_hours, description="practice-local HH:MM; scheduled runs rest"
    )


@strawberry.type
class Practice(Node):
    """A medical practice."""

    name: str = column(description="As messages name it.")
    time_zone: str = column(description="IANA name, such as Australia/Sydney.")
    pms: Pms = part("pms_", description="The practice management system that the lists come from.")
    preferences: Preferences = part("", description="What savePreferences sets.")


def the_practice(info: Info) -> Lookup:
    """The viewer's practice."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return [await get_practice(*info.context.scope, columns)]

    return Lookup(read)


@strawberry.type
class Viewer(FromRow):
    """Who the token names."""

    id: strawberry.ID = column(
        description="Opaque; the same each time they sign in, and nobody else's."
    )
    name: str = column()
    role: Role = column(convert=Role)
    practice: Practice = lookup(
        the_practice, key="practice_id", by="id", description="Whose data the viewer works with."
    )


def the_viewer(info: Info) -> Lookup:
    """Who the token names."""
    viewer = info.context.viewer
    return Lookup(
        given(
            {
                "id": viewer.key,
                "name": viewer.name,
                "role": viewer.role.value,
                "practice_id": viewer.practice_id,
            }
        )
    )
