"""The practice, its PMS and preferences, and the viewer."""

from collections.abc import Sequence
from datetime import time
from typing import Any

import strawberry

from core.identity import ActorKind
from db.practices import get_practice
from rowql import Columns, FromRow, Lookup, column, embedded, known_row, lookup
from schema.context import Info
from schema.inputs import global_id
from schema.types.enums import PmsProduct, Role
from schema.types.node import Node


@strawberry.type
class Pms(FromRow):
    """The practice management system; ``consentReadable`` is false if it hides consent."""

    product: PmsProduct = column(convert=PmsProduct)
    consent_readable: bool = column()


def _hours(moment: time) -> str:
    return moment.strftime("%H:%M")


@strawberry.type
class Preferences(FromRow):
    """When patients are contacted: waits in days, and local hours."""

    first_contact_days: int = column(description="Days before the due date when contact begins.")
    sms_repeat_days: int = column(
        description="Days after an SMS until a recall is back in To Action."
    )
    letter_repeat_days: int = column(
        description="Days after a letter until a recall is back in To Action."
    )
    phone_repeat_days: int = column(
        description="Days after a call until a recall is back in To Action."
    )
    send_from: str = column(
        convert=_hours, description="Practice-local HH:MM when scheduled runs begin."
    )
    send_until: str = column(
        convert=_hours, description="Practice-local HH:MM when scheduled runs pause."
    )


@strawberry.type
class Practice(Node):
    """A medical practice."""

    name: str = column(description="The name used in messages.")
    time_zone: str = column(description="IANA name, such as Australia/Sydney.")
    pms: Pms = embedded(
        "pms_", description="The practice management system that patients and recalls come from."
    )
    preferences: Preferences = embedded(
        "", description="The settings that savePreferences changes."
    )


def find_practice(info: Info) -> Lookup:
    """The viewer's practice."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return [await get_practice(*info.context.scope, columns)]

    return Lookup(read)


@strawberry.type
class Viewer(FromRow):
    """The authenticated client."""

    id: strawberry.ID = column(description="Opaque; the same at every sign-in, and nobody else's.")
    actor_id: strawberry.ID = column(description="Their access token or person, as actorId has it.")
    name: str = column()
    role: Role = column(convert=Role)
    practice: Practice = lookup(
        find_practice,
        key="practice_id",
        by="id",
        description="The practice whose data the viewer works with.",
    )


HOLDERS = {ActorKind.TOKEN: "AccessToken", ActorKind.PERSON: "Person"}


def find_viewer(info: Info) -> Lookup:
    """The authenticated client that makes the request."""
    viewer = info.context.viewer
    return Lookup(
        known_row(
            {
                "id": viewer.key,
                "actor_id": global_id(HOLDERS[viewer.kind], viewer.id),
                "name": viewer.name,
                "role": viewer.role.value,
                "practice_id": viewer.practice_id,
            }
        )
    )
