"""revokeToken: ends the access of a token's holder."""

from typing import Annotated

import strawberry

from db import tokens
from schema.context import Info
from schema.inputs import read_id
from schema.types.access import AccessToken
from schema.types.node import Problem


@strawberry.input
class RevokeTokenInput:
    """The token to revoke."""

    id: strawberry.ID


@strawberry.type
class UnknownToken(Problem):
    """The practice has no such token."""


RevokeTokenResult = Annotated[AccessToken | UnknownToken, strawberry.union("RevokeTokenResult")]


async def revoke_token(info: Info, input: RevokeTokenInput) -> RevokeTokenResult:  # noqa: A002
    """Revoke an access token, even your own; an earlier revocation keeps its time and author.

    Its changes are refused from this moment on, its reads within a second.
    """
    context, key = info.context, read_id(input.id, "AccessToken", "id")
    await tokens.revoke_token(context.pool, context.practice_id, key, by=context.actor)
    rows = await tokens.get_tokens(*context.scope, [key])
    if not rows:
        return UnknownToken(message="We can't find that access token. Nothing has changed.")
    return AccessToken(row=rows[0])
