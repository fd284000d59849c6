"""savePreferences: sets when patients are contacted."""

from dataclasses import fields
from typing import Annotated

import strawberry

from db import practices
from schema.context import Info
from schema.types.node import Problem
from schema.types.practice import Preferences


@strawberry.input
class SavePreferencesInput:
    """Fields that are left out stay as they are."""

    first_contact_days: int | None = None
    sms_repeat_days: int | None = None
    letter_repeat_days: int | None = None
    phone_repeat_days: int | None = None
    send_from: str | None = None
    send_until: str | None = None


@strawberry.type
class InvalidPreferences(Problem):
    """The message names the field."""


SavePreferencesResult = Annotated[
    Preferences | InvalidPreferences, strawberry.union("SavePreferencesResult")
]


async def save_preferences(
    info: Info,
    input: SavePreferencesInput,  # noqa: A002
) -> SavePreferencesResult:
    """Change the given preferences; the others stay as they are."""
    given = {field.name: getattr(input, field.name) for field in fields(input)}
    changes = {name: value for name, value in given.items() if value is not None}
    try:
        row = await practices.save_preferences(
            info.context.pool, info.context.practice_id, changes, actor=info.context.actor
        )
    except practices.InvalidPreferencesError as error:
        return InvalidPreferences(message=str(error))
    return Preferences(row=row)
