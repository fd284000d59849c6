"""startSession: signs a browser in with an access token, which it then needn't keep."""

from typing import Annotated

import strawberry

from db import sessions, tokens
from schema.context import Info
from schema.types.access import Session
from schema.types.node import Problem


@strawberry.type
class SessionStarted:
    """A new session. Send ``secret``, shown only this once, in place of the token from now on."""

    session: Session
    secret: str


@strawberry.type
class SessionNotNeeded(Problem):
    """You are already using a session, or a token of the identity provider."""


StartSessionResult = Annotated[
    SessionStarted | SessionNotNeeded, strawberry.union("StartSessionResult")
]


async def start_session(info: Info) -> StartSessionResult:
    """Start a session from the access token of this request.

    It may do what the token may. It ends if it isn't used for a while, after some hours at most,
    by endSession, and with its token.
    """
    context, viewer = info.context, info.context.viewer
    # Sessions that could start sessions would last for ever.
    if viewer.kept_in != "access_tokens" or viewer.session is not None:
        return SessionNotNeeded(message="You're already signed in, without an access token.")
    secret = tokens.new_secret(viewer.practice_id)
    row = await sessions.start_session(
        context.pool,
        viewer,
        secret,
        idle=context.access.idle,
        longest=context.access.longest,
        by=context.actor,
    )
    return SessionStarted(session=Session(row=row), secret=secret)
