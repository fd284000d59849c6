"""The practice, its PMS and preferences, and who is asking."""

from datetime import time

import strawberry

from db.rows import Row
from schema.context import Info
from schema.types.enums import PmsProduct, Role
from schema.types.node import Node


@strawberry.type
class Pms:
    """The practice management system; ``consentReadable`` is false where it hides consent."""

    product: PmsProduct
    consent_readable: bool


@strawberry.type
class Preferences:
    """When patients are contacted: in days, and within these local hours."""

    first_contact_days: int = strawberry.field(description="before the due date")
    sms_repeat_days: int = strawberry.field(description="back to To Action after an SMS")
    letter_repeat_days: int = strawberry.field(description="back to To Action after a letter")
    phone_repeat_days: int = strawberry.field(description="back to To Action after a call")
    send_from: str = strawberry.field(description="practice-local HH:MM; scheduled runs begin")
    send_until: str = strawberry.field(description="practice-local HH:MM; scheduled runs rest")


def _hours(moment: time) -> str:
    return moment.strftime("%H:%M")


def preferences_of(row: Row) -> Preferences:
    """Give the preferences in a practice's row."""
    return Preferences(
        first_contact_days=row["first_contact_days"],
        sms_repeat_days=row["sms_repeat_days"],
        letter_repeat_days=row["letter_repeat_days"],
        phone_repeat_days=row["phone_repeat_days"],
        send_from=_hours(row["send_from"]),
        send_until=_hours(row["send_until"]),
    )


@strawberry.type
class Practice(Node):
    """A medical practice."""

    @strawberry.field
    def name(self) -> str:
        """As messages name it."""
        return str(self.row["name"])

    @strawberry.field
    def time_zone(self) -> str:
        """IANA name, such as Australia/Sydney."""
        return str(self.row["time_zone"])

    @strawberry.field
    def pms(self) -> Pms:
        """The practice management system that the lists come from."""
        return Pms(
            product=PmsProduct(self.row["pms_product"]),
            consent_readable=self.row["consent_readable"],
        )

    @strawberry.field
    def preferences(self) -> Preferences:
        """What savePreferences sets."""
        return preferences_of(self.row)


@strawberry.type
class Viewer:
    """Who the token names."""

    name: str
    role: Role

    @strawberry.field
    async def practice(self, info: Info) -> Practice:
        """Whose data the viewer works with."""
        return await the_practice(info)


async def the_practice(info: Info) -> Practice:
    """Give the viewer's practice."""
    return Practice(row=await info.context.loaders.practice.load(info.context.practice_id))
