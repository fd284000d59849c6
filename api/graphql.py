"""The GraphQL endpoint: HTTP as in its specification, server-sent events, and WebSockets."""

import json
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, ExitStack, aclosing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.http.streaming import SSETransport
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET

from api.addresses import Places
from api.admission import Admission
from api.compiled_reads import COUNTED
from api.documents import DocumentError, Documents, holds_too_much
from api.http_guard import SMALL, reduce_limit
from api.negotiation import EVENTS, GRAPHQL_JSON, JSON, answers_for, is_json
from api.problems import problem, rate_limited, unauthenticated
from api.protocols import KNOWN
from api.streams import MAX_STREAMS, RevokedError, Streams, TooManyError
from api.viewers import Viewers, origin_of
from api.websocket import INIT_SECONDS, STRANGER, Adapter, Operations
from core.identity import Viewer
from schema.compiled import TooLongError, write
from schema.context import Context
from schema.guard import too_long

UNKNOWN = (20, 80, 400)
"""Unauthenticated WebSockets: per address, per IPv6 /48, in all."""
SYNCS = frozenset({"syncPatients", "syncRecalls"})
SYNC_TOKENS = 200
"""GraphQL tokens that are parsed: more than any document that only syncs has."""
GRAPHIQL = Path(__file__).parents[1] / "portal" / "dist" / "graphiql.html"
HEARTBEAT_SECONDS = 15.0
"""Seconds between two heartbeats in a stream of events."""
WHERE_TO_WATCH = (
    f"Subscribe over a WebSocket (graphql-transport-ws) or as events (Accept: {EVENTS})."
)


class _Events(SSETransport):
    """Server-sent events in graphql-sse's mode of one connection per operation."""

    def __init__(self) -> None:
        super().__init__(HEARTBEAT_SECONDS)


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's endpoint behind our tokens, and strict about its input.

    ``context`` makes the context of a viewer's operation. ``open`` is for development: it accepts
    operations by GET, which puts search terms into URLs, and serves GraphiQL to browsers. Pages of
    ``origins`` may open WebSockets, besides those of the API's own origin.
    """

    graphql_transport_ws_handler_class = Operations
    websocket_adapter_class = Adapter
    stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: _Events}  # noqa: RUF012

    def __init__(
        self,
        schema: Schema,
        documents: Documents,
        admission: Admission,
        viewers: Viewers,
        context: Callable[..., Context],
        *,
        open: bool,  # noqa: A002
        origins: Collection[str] = (),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if open and GRAPHIQL.exists() else None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=INIT_SECONDS),
            max_subscriptions_per_connection=None,  # Operations counts them
            allowed_origins=tuple(origins),
        )
        self.streams = Streams(viewers, admission)
        self.documents = documents
        self.admission = admission
        self.viewers = viewers
        self._context = context
        self._methods = ("GET", "POST") if open else ("POST",)
        self._unknown = Places(*UNKNOWN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer UNAUTHENTICATED to HTTP requests without a valid token, and serve all others."""
        if scope["type"] != "http":
            await self._connected(scope, receive, send)
            return
        request = Request(scope)
        if self._is_for_page(request):
            await HTMLResponse(GRAPHIQL.read_text())(scope, receive, send)
            return
        viewer = await self.viewers.authenticate(
            request.headers.get("authorization"), origin_of(scope)
        )
        if viewer is None:
            await unauthenticated()(scope, receive, send)
        elif refusal := _refusal(request, self._methods):
            await refusal(scope, receive, send)
        elif COUNTED in scope:
            await self._run(viewer, scope, receive, send)
        elif wait := await self.admission.try_acquire(viewer):
            await rate_limited(wait)(scope, receive, send)
        else:
            await self.admission.run(viewer, self._run(viewer, scope, receive, send))

    async def _run(self, viewer: Viewer, scope: Scope, receive: Receive, send: Send) -> None:
        scope["viewer"] = viewer
        reduce_limit(scope, viewer.role)
        # What a stream holds is released at the end, whatever ends it.
        async with AsyncExitStack() as scope["held"], AsyncExitStack() as scope["room"]:
            if COUNTED not in scope:
                await scope["room"].enter_async_context(self.admission.room(viewer, scope))
            await super().__call__(scope, receive, send)

    async def _connected(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket if there is a place for another unauthenticated one."""
        origin = origin_of(scope)
        if not self._unknown.take(origin):
            await rate_limited(INIT_SECONDS)(scope, receive, send)
            return
        # Closed as soon as the client is known, and with the connection.
        with ExitStack() as scope[STRANGER]:
            scope[STRANGER].callback(self._unknown.give_back, origin)
            scope[STRANGER].callback(scope["extensions"][KNOWN])
            await super().__call__(scope, receive, send)

    def _is_for_page(self, request: Request) -> bool:
        return (
            self.graphql_ide is not None
            and request.method == "GET"
            and "query" not in request.query_params
            and "text/html" in request.headers.get("accept", "")
        )

    def should_render_graphql_ide(self, request: Any) -> bool:  # noqa: ARG002
        """Return False: no page takes the place of an answer."""
        return False

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answer BAD_USER_INPUT if the request holds no operation that can be run."""
        try:
            return await super().run(request, context, root_value)
        except TooManyError:
            return problem(
                f"This token has {MAX_STREAMS} streams and connections open; close one first.",
                "RATE_LIMITED",
                status=429,
                headers={"Retry-After": "1"},
                retryAfter=1,
            )
        except HTTPException as error:
            kind = _unsuitable(error)
            if kind is OperationType.MUTATION:
                return problem(
                    "Send mutations by POST.",
                    "BAD_USER_INPUT",
                    status=405,
                    headers={"Allow": "POST"},
                )
            reason = WHERE_TO_WATCH if kind is OperationType.SUBSCRIPTION else error.reason
            return problem(reason, "BAD_USER_INPUT", status=error.status_code)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Return the one operation in the body, or for GET in the URL's parameters."""
        body: bytes | str = b""
        if request.method == "GET":
            given: Any = self.parse_query_params(request.query_params)
        else:
            body = await request.get_body()
            if holds_too_much(body):
                raise HTTPException(400, "The body has more values than any operation takes.")
            given = self.parse_json(body)
        if not isinstance(given, dict):
            raise HTTPException(400, "The body must be one JSON object with a query.")
        for name, kind, called in (
            ("query", str, "a string"),
            ("operationName", str, "a string"),
            ("variables", dict, "an object"),
            ("extensions", dict, "an object"),
        ):
            if not isinstance(given.get(name), kind | None):
                raise HTTPException(400, f"{name} must be {called}.")
        try:
            query = self.documents.document(given)
        except DocumentError as error:
            raise HTTPException(400, str(error)) from None
        if len(body) > SMALL and not _only_syncs(query):
            raise HTTPException(413, f"The body of an operation may have at most {SMALL} bytes.")
        wanted = answers_for(request.headers.get("accept", ""))[0]
        return GraphQLRequestData(
            query=query,
            variables=given.get("variables"),
            operation_name=given.get("operationName"),
            extensions=given.get("extensions"),
            protocol="sse" if wanted == EVENTS else "http",
        )

    def parse_json(self, data: str | bytes) -> Any:
        """Return the parsed body or parameter. Raises ``HTTPException`` (400)."""
        try:
            return self.decode_json(data)
        except json.JSONDecodeError:
            raise HTTPException(400, "That is not valid JSON.") from None

    def decode_json(self, data: str | bytes) -> object:
        """Return the JSON, which is UTF-8. Raises ``JSONDecodeError`` and nothing else."""
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(data)  # takes a third of the time, which blocks everybody
        # Half a surrogate pair, say: a later check names the field that holds it.
        try:
            return json.loads(data.decode() if isinstance(data, bytes) else data)
        except (ValueError, RecursionError):
            raise json.JSONDecodeError("not JSON", "", 0) from None

    async def execute_operation(self, **given: Any) -> Any:  # type: ignore[override]
        """Run the operation, as a stream of events if the client wants or needs one."""
        request, asked, context = given["request"], given["request_data"], given["context"]
        if asked.protocol != "sse":
            try:
                return await super().execute_operation(**given)
            except HTTPException as error:
                takes = answers_for(request.headers.get("accept", ""))
                if _unsuitable(error) is not OperationType.SUBSCRIPTION or EVENTS not in takes:
                    raise
                asked.protocol = "sse"
        await request.scope["room"].aclose()
        held: AsyncExitStack = request.scope["held"]
        held.enter_context(self.streams.slot(context.viewer))
        stream: Any = await super().execute_operation(**given)
        authorization = request.headers.get("authorization")
        results = self.streams.watched(stream, authorization, context.origin)
        return _until_revoked(results)

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """Return the operation's context; a WebSocket's gets its viewer when it signs in."""
        scope = request.scope
        in_turn = COUNTED in scope
        return self._context(viewer=scope.get("viewer"), origin=origin_of(scope), in_turn=in_turn)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Return the response that carries the media type wanted."""
        response = await super().get_sub_response(request)
        response.media_type = answers_for(request.headers.get("accept", ""))[0]
        return response

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """Return the answer: 400 or 500 without data if nothing was run, for GRAPHQL_JSON only."""
        status = 200
        if sub_response.media_type == GRAPHQL_JSON and _is_request_error(response_data):
            del response_data["data"]
            codes = {error["extensions"]["code"] for error in response_data["errors"]}
            status = 500 if "INTERNAL_SERVER_ERROR" in codes else 400
        media = GRAPHQL_JSON if sub_response.media_type == GRAPHQL_JSON else JSON
        return Response(self.encode_json(response_data), status_code=status, media_type=media)

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncGenerator[str, None]],  # type: ignore[override]
        sub_response: Response,  # noqa: ARG002
        headers: Mapping[str, str],
    ) -> Response:
        """Return the stream, which ends when its client has gone."""
        events = stream()
        request.scope["held"].push_async_callback(events.aclose)
        return StreamingResponse(events, headers=headers)

    def encode_json(self, data: object) -> str:
        """Return JSON as compiled reads write it, and half a surrogate pair, which they can't."""
        # Over a WebSocket, a message wraps the answer.
        message: dict[str, object] = data if isinstance(data, dict) and "payload" in data else {}
        try:
            return write(data, around=1 if message else 0).decode()
        except TypeError:
            return str(super().encode_json(data))
        except TooLongError:
            answer = {"data": None, "errors": [too_long().formatted]}
            return orjson.dumps({**message, "payload": answer} if message else answer).decode()


def _refusal(request: Request, methods: tuple[str, ...]) -> Response | None:
    """Return the answer to a request that isn't GraphQL over HTTP; None if it is."""
    if request.method not in methods:
        told, allowed = f"Send {' or '.join(methods)}.", {"Allow": ", ".join(methods)}
        return problem(told, "BAD_USER_INPUT", status=405, headers=allowed)
    if not answers_for(request.headers.get("accept", "")):
        message = f"Answers come as {JSON}, {GRAPHQL_JSON} or {EVENTS}."
        return problem(message, "BAD_USER_INPUT", status=406)
    if request.method == "POST" and not is_json(request.headers.get("content-type", "")):
        message = f"The body must be JSON in UTF-8 (Content-Type: {JSON})."
        return problem(message, "BAD_USER_INPUT", status=415, headers={"Accept-Post": JSON})
    return None


def _only_syncs(query: Any) -> bool:
    """Return whether a document only syncs, which may take a larger body."""
    try:
        document = parse(query, max_tokens=SYNC_TOKENS)
    except (GraphQLError, TypeError):
        return False
    return all(
        isinstance(field, FieldNode) and field.name.value in SYNCS
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        for field in node.selection_set.selections
    )


def _unsuitable(error: HTTPException) -> OperationType | None:
    """Return the kind of operation that can't be run in this way; None for another error."""
    cause = error.__cause__
    return cause.operation_type if isinstance(cause, InvalidOperationTypeError) else None


def _is_request_error(answer: Mapping[str, Any]) -> bool:
    """Return whether nothing was run: a field's error would have a path."""
    errors = answer.get("errors") or ()
    return bool(errors) and answer["data"] is None and not any("path" in e for e in errors)


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
