"""Operations answered as server-sent events, in graphql-sse's mode of a connection for each."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from strawberry.http import process_result
from strawberry.http.streaming import SSETransport, merge_stream_with_heartbeat
from strawberry.types import ExecutionResult

from api.answers import encoded
from api.streams import RevokedError

HEARTBEAT_SECONDS = 15.0
"""Seconds between two heartbeats in a stream of events."""
EVENTS = SSETransport()


async def send_events(
    results: AsyncGenerator[Any, None], scope: Scope, receive: Receive, send: Send
) -> None:
    """Send the results as events until they end, or until the client has gone."""

    async def events() -> AsyncGenerator[str, None]:
        async with aclosing(_until_revoked(results)) as ending:
            async for result in ending:
                yield EVENTS.encode_next(process_result(result), encoded)
        yield EVENTS.encode_complete()

    beating = merge_stream_with_heartbeat(
        events,
        lambda: EVENTS.heartbeat_message(encoded),
        HEARTBEAT_SECONDS,
        send_initial_heartbeat=False,
    )()
    async with aclosing(beating):
        await StreamingResponse(beating, headers=EVENTS.headers)(scope, receive, send)


async def _until_revoked(results: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    """Yield the results, and an error at the end if the token is no longer valid."""
    try:
        async with aclosing(results):
            async for result in results:
                yield result
    except RevokedError:
        extensions = {"code": "UNAUTHENTICATED"}
        error = GraphQLError("The token is no longer valid.", extensions=extensions)
        yield ExecutionResult(data=None, errors=[error])
