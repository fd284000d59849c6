"""endSession: signs a browser out."""

from typing import Annotated

import strawberry

from db import sessions
from schema.context import Info
from schema.inputs import global_id, read_id
from schema.types.node import Problem


@strawberry.input
class EndSessionInput:
    """Which of your sessions to end."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="Null: the session, or the provider's token, of this request."
    )


@strawberry.type
class SessionEnded:
    """The session is no longer valid."""

    id: strawberry.ID | None = strawberry.field(
        description="Null if it was a token of the identity provider."
    )


@strawberry.type
class UnknownSession(Problem):
    """You have no such session."""


EndSessionResult = Annotated[SessionEnded | UnknownSession, strawberry.union("EndSessionResult")]


async def end_session(info: Info, input: EndSessionInput | None = None) -> EndSessionResult:  # noqa: A002
    """End a session of yours, by default the session, or the provider's token, of this request.

    Its changes are refused from this moment on, its reads within a second.
    """
    context, viewer = info.context, info.context.viewer
    if input is not None and input.id is not None:
        key: int | None = read_id(input.id, "Session", "id")
    elif viewer.jwt is not None:
        await sessions.end_jwt(context.pool, viewer, viewer.jwt, by=context.actor)
        return SessionEnded(id=None)
    else:
        key = viewer.session
    if key is None:
        return UnknownSession(
            message="This request came with an access token, not a session. Nothing has changed."
        )
    if not await sessions.end_session(context.pool, viewer, key, by=context.actor):
        return UnknownSession(message="We can't find that session. Nothing has changed.")
    return SessionEnded(id=global_id("Session", key))
