"""createToken: gives a person or a connector access."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import strawberry

from db import tokens
from schema.context import Info
from schema.inputs import text
from schema.types.access import AccessToken
from schema.types.enums import Role
from schema.types.node import Problem

DAYS, MAX_DAYS = 90, 3650


@strawberry.input
class CreateTokenInput:
    """Who will hold it, what they may do, and for how long."""

    name: str
    role: Role
    expires_in_days: int | None = strawberry.field(
        default=DAYS, description="1 to 3650; null: valid until revoked, as a connector's may be."
    )


@strawberry.type
class CreatedToken:
    """A new token. ``secret`` is shown only this once."""

    secret: str
    access_token: AccessToken


@strawberry.type
class InvalidToken(Problem):
    """The message names the field."""


CreateTokenResult = Annotated[CreatedToken | InvalidToken, strawberry.union("CreateTokenResult")]


async def create_token(info: Info, input: CreateTokenInput) -> CreateTokenResult:  # noqa: A002
    """Create an access token; its secret is shown only this once."""
    name, days = text(input.name, "name", most=200), input.expires_in_days
    if not name:
        return InvalidToken(message="name: Enter a name.")
    if days is not None and not 1 <= days <= MAX_DAYS:
        return InvalidToken(message=f"expiresInDays must be from 1 to {MAX_DAYS}, or null.")
    context = info.context
    if not context.access.staff_tokens and input.role is not Role.CONNECTOR:
        return InvalidToken(
            message="role must be CONNECTOR: people sign in only through the identity provider."
        )
    secret = tokens.new_secret(context.practice_id)
    try:
        key = await tokens.store_token(
            context.pool,
            context.practice_id,
            secret,
            name=name,
            role=input.role,
            by=context.actor,
            expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
        )
    except tokens.ReservedNameError as error:
        return InvalidToken(message=str(error))
    [row] = await tokens.get_tokens(*context.scope, [key])
    return CreatedToken(secret=secret, access_token=AccessToken(row=row))
