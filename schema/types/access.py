"""Access tokens, their sessions, and people: who may get in, and who has."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from db.people import list_people
from db.sessions import list_sessions
from db.tokens import list_tokens
from schema.compiled import Columns, FromRow, Lookup, column
from schema.context import Info
from schema.inputs import GLOBAL_ID
from schema.types.enums import Role
from schema.types.node import Node


@strawberry.type
class AccessToken(Node):
    """A token that opens the practice for one person or connector; the token itself isn't kept.

    ``node`` finds it for admins alone.
    """

    name: str = column(description="Who holds it.")
    role: Role = column(convert=Role, description="What they may do.")
    created_at: datetime = column()
    created_by: str | None = column(description="Null for tokens of earlier releases.")
    expires_at: datetime | None = column(description="From then on it opens nothing; null: never.")
    revoked_at: datetime | None = column(description="From then on it opens nothing.")
    revoked_by: str | None = column()
    last_used_at: datetime | None = column(description="To the minute; null: never.")
    last_used_from: str | None = column(description="The client's address then.")


@strawberry.type
class Person(FromRow):
    """Somebody who has signed in through the identity provider, as it last described them."""

    id: strawberry.ID = column(form=GLOBAL_ID, description="Stable and opaque.")
    name: str = column()
    role: Role = column(convert=Role)
    last_used_at: datetime | None = column(description="To the minute.")
    last_used_from: str | None = column(description="The client's address then.")
    revoked_at: datetime | None = column(
        description="From then on they are kept out, whatever the provider says."
    )
    revoked_by: str | None = column()


@strawberry.type
class Session(FromRow):
    """A signed-in browser of the viewer's own, which has a secret in place of the access token."""

    id: strawberry.ID = column(form=GLOBAL_ID, description="Stable and opaque.")
    started_at: datetime = column()
    last_used_at: datetime = column(description="To the minute.")
    last_used_from: str | None = column(description="The client's address then.")
    ends_at: datetime = column(
        description="At the latest: sooner where it isn't used for a while, and with its token."
    )
    current: bool = column(description="Whether the request came with it.")


def the_tokens(info: Info) -> Lookup:
    """The practice's access tokens, revoked ones too, oldest first."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_tokens(*info.context.scope, columns)

    return Lookup(read)


def the_people(info: Info) -> Lookup:
    """Everyone who has signed in through the identity provider, by name."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_people(*info.context.scope, columns)

    return Lookup(read)


def the_sessions(info: Info) -> Lookup:
    """The viewer's own sessions, newest first; none of who signs in through the provider."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_sessions(info.context.reads, info.context.viewer, columns)

    return Lookup(read)
