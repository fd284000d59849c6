"""GraphQL over WebSockets: Strawberry's view, with a limit on connections that nobody knows."""

from collections.abc import Collection
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.addresses import Places
from api.answers import encoded
from api.operation import read_json
from api.problems import rate_limited
from api.protocols import KNOWN
from api.services import services_of
from api.viewers import origin_of
from api.websocket import INIT_SECONDS, Adapter, Operations
from schema.context import Context

UNKNOWN = (20, 80, 400)
"""Unauthenticated WebSockets: per address, per IPv6 /48, in all."""


class GraphQLSockets(GraphQL[Context, None]):
    """Serves WebSockets. Pages of ``origins`` may open them, besides those of the API's own."""

    graphql_transport_ws_handler_class = Operations
    websocket_adapter_class = Adapter

    def __init__(self, schema: Schema, *, origins: Collection[str] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=None,  # Operations counts them
            allowed_origins=tuple(origins),
        )
        self._unknown = Places(*UNKNOWN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket, if there is a place for one more that is unknown."""
        origin = origin_of(scope)
        if not self._unknown.take(origin):
            await rate_limited(INIT_SECONDS)(scope, receive, send)
            return
        # Closed once the client is known, and with the connection.
        with ExitStack() as unknown:
            unknown.callback(self._unknown.give_back, origin)
            unknown.callback(scope["extensions"][KNOWN])
            extensions = {**scope["extensions"], KNOWN: unknown.close}
            await super().__call__({**scope, "extensions": extensions}, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """Return the operations' context, which gets its viewer when the client signs in."""
        return services_of(request.scope).context(origin=origin_of(request.scope))

    def decode_json(self, data: str | bytes) -> object:
        """Return the JSON. Raises ``JSONDecodeError`` and nothing else."""
        return read_json(data)

    def encode_json(self, data: Any) -> str:
        """Return the JSON of a message."""
        return encoded(data)
