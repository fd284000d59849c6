"""The GraphQL endpoint: HTTP and WebSocket, each with a viewer before anything is resolved."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from cross_web import HTTPException
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage
from strawberry.types.unset import UNSET

from api.compiled_reads import COUNTED
from api.documents import DocumentError, Documents
from api.edge import SMALL
from api.problems import RATE_MESSAGE, problem, rate_limited, unauthenticated
from api.rate import Rates
from api.viewers import Viewers, origin_of
from schema.context import Context

SYNCS = frozenset({"syncPatients", "syncRecalls"})
SYNC_TOKENS = 200
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
            refusal = await self._refusal(message)
            if refusal is not None:
                await self.send_message(
                    {"id": message["id"], "type": "error", "payload": [refusal.formatted]}
                )
                return
        await super().handle_subscribe(message)

    async def _refusal(self, message: SubscribeMessage) -> GraphQLError | None:
        """Take the operation off its viewer's budget, and put in the document that it means."""
        endpoint, payload = cast(GraphQLEndpoint, self.view), message["payload"]
        wait = await endpoint.rates.wait(self.context.viewer.key)
        if wait:
            seconds = math.ceil(wait)
            code = {"code": "RATE_LIMITED", "retryAfter": seconds}
            return GraphQLError(RATE_MESSAGE.format(seconds), extensions=code)
        try:
            payload["query"] = endpoint.document_of(cast(dict[str, Any], payload))
        except HTTPException as error:
            return GraphQLError(error.reason, extensions={"code": "BAD_USER_INPUT"})
        return None


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our tokens in front of it.

    ``context`` makes the surroundings of a viewer's operation. ``graphiql`` serves the page for
    people who open the address in a browser.
    """

    graphql_transport_ws_handler_class = _Operations

    def __init__(
        self,
        schema: Schema,
        documents: Documents,
        rates: Rates,
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
        self._documents = documents
        self.rates = rates
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
            wait = 0.0 if scope.get(COUNTED) else await self.rates.wait(viewer.key)
            if wait:
                await rate_limited(wait)(scope, receive, send)
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

    async def parse_http_body(self, request: Any) -> Any:
        """Read the request, and put the document that it means in its place."""
        data = await super().parse_http_body(request)
        named = dict(request.query_params)
        if request.method == "POST":
            body = await request.get_body()
            named = self.parse_json(body)
            if len(body) > SMALL and not _only_syncs(named.get("query")):
                raise HTTPException(413, f"The body of an operation is {SMALL} bytes at most.")
        cast(GraphQLRequestData, data).query = self.document_of(named)
        return data

    def document_of(self, named: Mapping[str, Any]) -> Any:
        """Give the document that a request's parameters mean; raises ``HTTPException``."""
        try:
            return self._documents.document(named)
        except DocumentError as error:
            raise HTTPException(400, str(error)) from None

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


def _only_syncs(query: Any) -> bool:
    """Tell whether a document does nothing but sync, which may take a larger body."""
    try:
        operations = [
            node
            for node in parse(query, max_tokens=SYNC_TOKENS).definitions
            if isinstance(node, OperationDefinitionNode)
        ]
    except (GraphQLError, TypeError):
        return False
    return bool(operations) and all(
        isinstance(field, FieldNode) and field.name.value in SYNCS
        for operation in operations
        for field in operation.selection_set.selections
    )


def _wants_page(request: HTTPConnection) -> bool:
    is_get = request.scope["method"] == "GET"
    return is_get and "text/html" in request.headers.get("accept", "")
