"""Access tokens, their sessions, and people: who may sign in, and who has."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from db.people import list_people
from db.sessions import list_sessions
from db.tokens import list_tokens
from rowql import Columns, FromRow, Lookup, column
from schema.context import Info
from schema.inputs import GLOBAL_ID
from schema.types.enums import Role
from schema.types.node import Node


@strawberry.type
class AccessToken(Node):
    """A token that gives one person or connector access; the token itself isn't stored.

    ``node`` finds it for admins only.
    """

    name: str = column(description="The name of its holder.")
    role: Role = column(convert=Role, description="What its holder may do.")
    created_at: datetime = column()
    created_by: str | None = column(
        description="Who created it; null for tokens of earlier releases."
    )
    expires_at: datetime | None = column(description="When it expires; null if never.")
    revoked_at: datetime | None = column(description="When it was revoked; null if it was not.")
    revoked_by: str | None = column()
    last_used_at: datetime | None = column(
        description="When it was last used, to the minute; null if never."
    )
    last_used_from: str | None = column(description="The client's address at that time.")


@strawberry.type
class Person(FromRow):
    """A person who has signed in through the identity provider, as it last described them."""

    id: strawberry.ID = column(template=GLOBAL_ID, description="Stable and opaque.")
    name: str = column()
    role: Role = column(convert=Role)
    last_used_at: datetime | None = column(description="When they were last active, to the minute.")
    last_used_from: str | None = column(description="The client's address at that time.")
    revoked_at: datetime | None = column(
        description="Since when they are kept out, whatever the provider says; null if they aren't."
    )
    revoked_by: str | None = column()


@strawberry.type
class Session(FromRow):
    """A browser in which the viewer is signed in, with a secret in place of the access token."""

    id: strawberry.ID = column(template=GLOBAL_ID, description="Stable and opaque.")
    started_at: datetime = column()
    last_used_at: datetime = column(description="When it was last used, to the minute.")
    last_used_from: str | None = column(description="The client's address at that time.")
    ends_at: datetime = column(
        description="At the latest; it ends sooner if unused for a while, and with its token."
    )
    current: bool = column(description="Whether this request came with it.")


def find_tokens(info: Info) -> Lookup:
    """The practice's access tokens, including revoked ones, oldest first."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_tokens(*info.context.scope, columns)

    return Lookup(read)


def find_people(info: Info) -> Lookup:
    """Everyone who has signed in through the identity provider, by name."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_people(*info.context.scope, columns)

    return Lookup(read)


def find_sessions(info: Info) -> Lookup:
    """The viewer's own sessions, newest first; none for those who sign in through the provider."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_sessions(info.context.reads, info.context.viewer, columns)

    return Lookup(read)
