"""startSession: signs a browser in with an access token, which it needn't keep then."""

from typing import Annotated

import strawberry

from db import sessions, tokens
from schema.context import Info
from schema.types.access import Session
from schema.types.node import Problem


@strawberry.type
class SessionStarted:
    """From now on ``secret``, shown this once, is sent in place of the token."""

    session: Session
    secret: str


@strawberry.type
class SessionNotNeeded(Problem):
    """You came with a session already, or with a token of the identity provider's."""


StartSessionResult = Annotated[
    SessionStarted | SessionNotNeeded, strawberry.union("StartSessionResult")
]


async def start_session(info: Info) -> StartSessionResult:
    """Start a session of the access token that the request came with.

    It may do what the token may. It ends when it isn't used for a while, after some hours, by
    endSession, and with its token.
    """
    context, viewer = info.context, info.context.viewer
    # A session that began another would last for ever.
    if viewer.kept_in != "access_tokens" or viewer.session is not None:
        return SessionNotNeeded(message="You are signed in without your access token already.")
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
