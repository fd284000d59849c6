"""The GraphQL endpoint: HTTP and WebSocket, each with a viewer before anything is resolved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage
from strawberry.types.unset import UNSET

from api.problems import problem, unauthenticated
from api.viewers import Viewers, origin_of
from schema.context import Context

GRAPHIQL = Path(__file__).parents[1] / "portal" / "dist" / "graphiql.html"


class _Operations(BaseGraphQLTransportWSHandler[Context, None]):
    """A WebSocket's operations; its token may be revoked between two of them."""

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin the operation, or end the connection where the token is no longer good."""
        if self.connection_acknowledged:
            try:
                await self.view.on_ws_connect(self.context)
            except ConnectionRejectionError:
                await self.websocket.close(code=4403, reason="Forbidden")
                return
        await super().handle_subscribe(message)


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our tokens in front of it.

    ``context`` makes the surroundings of a viewer's operation. ``graphiql`` serves the page for
    people who open the address in a browser.
    """

    graphql_transport_ws_handler_class = _Operations

    def __init__(
        self,
        schema: Schema,
        viewers: Viewers,
        context: Callable[..., Context],
        *,
        graphiql: bool,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql and GRAPHIQL.exists() else None,
            allow_queries_via_get=False,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        )
        self._viewers = viewers
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer UNAUTHENTICATED where an HTTP request has no token of ours; else go on."""
        if scope["type"] == "http" and not _wants_page(Request(scope)):
            authorization = Request(scope).headers.get("authorization")
            viewer = await self._viewers.now(authorization, origin_of(scope))
            if viewer is None:
                await unauthenticated()(scope, receive, send)
                return
            scope["viewer"] = viewer
        await super().__call__(scope, receive, send)

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answer BAD_USER_INPUT where the request holds no operation that can be read."""
        try:
            return await super().run(request, context, root_value)
        except HTTPException as error:
            return problem(error.reason, "BAD_USER_INPUT", status=error.status_code)

    def parse_json(self, data: str | bytes) -> Any:
        """Read the body, or a parameter: an object or a list."""
        try:
            content = self.decode_json(data)
        except (ValueError, RecursionError):
            raise HTTPException(400, "The body is not JSON that can be read.") from None
        if not isinstance(content, dict | list):
            raise HTTPException(400, "The body must be a JSON object with a query.")
        return content

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """Give the operation its surroundings; a WebSocket gets its viewer when it connects."""
        scope = request.scope
        return self._context(viewer=scope.get("viewer"), origin=origin_of(scope))

    def encode_json(self, data: object) -> str:
        """Write JSON as the compiled reads do; half a surrogate pair, which that can't, too."""
        try:
            return orjson.dumps(data).decode()
        except TypeError:
            return str(super().encode_json(data))

    async def on_ws_connect(self, context: Context) -> None:
        """Take the token from the connection's parameters, as the header would have it."""
        given = {key.lower(): value for key, value in context.connection_params.items()}
        viewer = await self._viewers.now(given.get("authorization"), context.origin)
        if viewer is None:
            raise ConnectionRejectionError
        context.viewer = viewer

    async def render_graphql_ide(self, request: Request) -> Response:  # noqa: ARG002
        """Serve GraphiQL as portal/ built it: every part of it comes from here."""
        return HTMLResponse(GRAPHIQL.read_text())


def _wants_page(request: HTTPConnection) -> bool:
    is_get = request.scope["method"] == "GET"
    return is_get and "text/html" in request.headers.get("accept", "")
