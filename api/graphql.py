"""The GraphQL endpoint: HTTP and WebSocket, each with a viewer before anything is resolved."""

from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from db.rows import Pool
from db.runs import RunNews
from db.tokens import Viewer, viewer_of
from schema.build import schema
from schema.context import Context, Wake

GRAPHIQL = Path(__file__).parents[1] / "portal" / "dist" / "graphiql.html"


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint with our tokens in front of it.

    ``graphiql`` serves the page for people who open the address in a browser.
    """

    def __init__(self, pool: Pool, news: RunNews, wake: Wake, *, graphiql: bool) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql and GRAPHIQL.exists() else None,
            allow_queries_via_get=False,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        )
        self._pool = pool
        self._news = news
        self._wake = wake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer UNAUTHENTICATED where an HTTP request has no token of ours; else go on."""
        if scope["type"] == "http" and not _wants_page(Request(scope)):
            viewer = await self._viewer(Request(scope).headers.get("authorization"))
            if viewer is None:
                await _unauthenticated()(scope, receive, send)
                return
            scope["viewer"] = viewer
        await super().__call__(scope, receive, send)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """Give the operation its surroundings; a WebSocket gets its viewer when it connects."""
        return Context(self._pool, self._news, self._wake, request.scope.get("viewer"))

    async def on_ws_connect(self, context: Context) -> None:
        """Take the token from the connection's parameters, as the header would have it."""
        given = {key.lower(): value for key, value in context.connection_params.items()}
        viewer = await self._viewer(given.get("authorization"))
        if viewer is None:
            raise ConnectionRejectionError
        context.viewer = viewer

    async def render_graphql_ide(self, request: Request) -> Response:  # noqa: ARG002
        """Serve GraphiQL as portal/ built it: every part of it comes from here."""
        return HTMLResponse(GRAPHIQL.read_text())

    async def _viewer(self, authorization: Any) -> Viewer | None:
        if not isinstance(authorization, str):
            return None
        scheme, _, token = authorization.partition(" ")
        return await viewer_of(self._pool, token.strip()) if scheme.lower() == "bearer" else None


def _wants_page(request: HTTPConnection) -> bool:
    is_get = request.scope["method"] == "GET"
    return is_get and "text/html" in request.headers.get("accept", "")


def _unauthenticated() -> JSONResponse:
    error = {
        "message": "Send a token of yours: Authorization: Bearer <token>.",
        "extensions": {"code": "UNAUTHENTICATED"},
    }
    return JSONResponse(
        {"data": None, "errors": [error]},
        status_code=401,
        headers={"WWW-Authenticate": "Bearer"},
    )
