"""GraphQL over HTTP: the one way from a request to its answer, whatever the operation is."""

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from api.admission import LARGE, is_large
from api.answers import Answer, answer_of, refused
from api.event_stream import send_events
from api.http_guard import SMALL, limited
from api.negotiation import EVENTS, GRAPHQL_JSON, JSON, answers_for, is_json
from api.operation import Operation, OperationError, from_body, from_parameters
from api.problems import problem, rate_limited, unauthenticated
from api.services import Services, services_of
from api.streams import MAX_STREAMS, TooManyError
from api.viewers import origin_of
from core.cost import BusyError, charge_loop
from core.identity import Role, Viewer
from rowql import TooLongError, TooManyObjectsError, on_worker_thread
from schema.build import Executable
from schema.context import Context
from schema.errors import busy
from schema.guard import too_large, too_long, too_slow

GRAPHIQL = Path(__file__).parents[1] / "portal" / "dist" / "graphiql.html"
WHERE_TO_WATCH = (
    f"Subscribe over a WebSocket (graphql-transport-ws) or as events (Accept: {EVENTS})."
)


class Headers(dict[bytes, bytes]):
    """A request's headers."""

    def text(self, name: bytes) -> str:
        """Return a header's text; empty if there is none."""
        return self.get(name, b"").decode("latin-1")


class GraphQLEndpoint:
    """Answers operations over HTTP, and is strict about what it takes.

    ``open`` is for development: it takes operations by GET too, which puts what is searched for
    into URLs, and serves GraphiQL to people who open the URL in a browser.
    """

    def __init__(self, executable: Executable, *, open: bool) -> None:  # noqa: A002
        self._executable = executable
        self._methods = ("GET", "POST") if open else ("POST",)
        self._has_page = open and GRAPHIQL.exists()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate the viewer and admit the operation, then answer it."""
        # Of a header that is sent twice the first counts, as everywhere else.
        headers = Headers(reversed(scope["headers"]))
        if self._has_page and _is_for_page(scope, headers):
            await HTMLResponse(GRAPHIQL.read_text())(scope, receive, send)
            return
        services = services_of(scope)
        authorization, origin = headers.text(b"authorization"), origin_of(scope)
        viewer = services.viewers.seen(authorization, origin)
        if viewer is None:
            viewer = await services.viewers.authenticate_cached(authorization, origin)
        if viewer is None:
            await unauthenticated()(scope, receive, send)
            return
        medias = answers_for(headers.text(b"accept"))
        if refusal := _refusal(scope, headers, self._methods, medias):
            await refusal(scope, receive, send)
        elif wait := await services.admission.try_acquire(viewer):
            await rate_limited(wait)(scope, receive, send)
        else:
            exchange = _Exchange(self._executable, services, viewer, scope, headers, origin, medias)
            await services.admission.run(viewer, exchange.answer(receive, send))


@dataclass(slots=True)
class _Exchange:
    """An admitted operation and its answer."""

    executable: Executable
    services: Services
    viewer: Viewer
    scope: Scope
    headers: Headers
    origin: str | None
    medias: tuple[str, ...]
    """The media types that the client accepts, the preferred one first."""

    async def answer(self, receive: Receive, send: Send) -> None:
        """Answer the operation; as a stream of events if the client wants or needs one."""
        viewer, admission = self.viewer, self.services.admission
        async with admission.turn(viewer):
            if is_large(self.headers.get(b"content-length"), self.scope["method"]):
                if viewer.role is Role.RECEPTIONIST:  # who may not sync
                    receive = limited(self.scope, receive, SMALL)
                async with admission.room(viewer):
                    to_stream = await self._answered(receive, send)
            else:
                to_stream = await self._answered(receive, send)
        # A stream holds neither a slot nor room.
        if to_stream is not None:
            await self._stream(to_stream, receive, send)

    async def _answered(self, receive: Receive, send: Send) -> Operation | None:
        """Answer the operation, or return it if the answer is to be a stream."""
        try:
            operation = await self._operation(receive)
            answer = await self._run(operation)
        except OperationError as error:
            refusal = problem(str(error), "BAD_USER_INPUT", status=error.status)
            await refusal(self.scope, receive, send)
            return None
        if answer is None:
            return operation
        if isinstance(answer, Answer):
            gzip = b"gzip" in self.headers.get(b"accept-encoding", b"")
            await answer.send(send, self.medias[0], gzip=gzip)
        else:
            await answer(self.scope, receive, send)
        return None

    async def _operation(self, receive: Receive) -> Operation:
        documents = self.services.documents
        if self.scope["method"] == "GET":
            return from_parameters(Request(self.scope).query_params, documents)
        body = await _body(receive)
        if len(body) > LARGE:
            return await on_worker_thread(charge_loop, from_body, body, documents)
        return from_body(body, documents)

    async def _run(self, operation: Operation) -> Answer | Response | None:
        """Return the answer; None if it is to be a stream of events."""
        wants_events = self.medias[0] == EVENTS
        if not wants_events and (answer := await self._compiled(operation)) is not None:
            return answer
        # It may change something, so a token that was valid before the body came isn't enough.
        viewer = await self.services.viewers.authenticate(
            self.headers.text(b"authorization"), self.origin
        )
        if viewer is None:
            return unauthenticated()
        self.viewer = viewer
        return None if wants_events else await self._executed(operation)

    async def _compiled(self, operation: Operation) -> Answer | None:
        """Return a compiled query's answer; None if Strawberry has to run the operation."""
        queries = self.executable.queries
        try:
            body = await queries.answer(
                operation.document or "", operation.variables, operation.name, self._context()
            )
            return None if body is None else Answer(body)
        except TimeoutError:
            error = too_slow(queries.seconds or 0.0)
        except TooManyObjectsError:
            error = too_large(queries.max_objects or 0)
        except TooLongError:
            error = too_long()
        except BusyError:
            error = busy()
        return refused(error)

    async def _executed(self, operation: Operation) -> Answer | Response | None:
        method = self.scope["method"]
        try:
            result = await self.executable.schema.execute(
                operation.document,
                variable_values=operation.variables,
                context_value=self._context(),
                operation_name=operation.name,
                operation_extensions=operation.extensions,
                allowed_operation_types=OperationType.from_http(method),
            )
        except MissingQueryError:
            raise OperationError("No GraphQL query found in the request") from None
        except CannotGetOperationTypeError as error:
            raise OperationError(error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                if EVENTS in self.medias:
                    return None
                raise OperationError(WHERE_TO_WATCH) from None
            return problem(
                "Send mutations by POST.",
                "BAD_USER_INPUT",
                status=405,
                headers={"Allow": "POST"},
            )
        return answer_of(result, self.medias[0])

    async def _stream(self, operation: Operation, receive: Receive, send: Send) -> None:
        streams = self.services.streams
        try:
            with streams.slot(self.viewer):
                results = await self.executable.schema.stream(
                    operation.document,
                    variable_values=operation.variables,
                    context_value=self._context(in_turn=False),
                    operation_name=operation.name,
                    operation_extensions=operation.extensions,
                    allowed_operation_types=OperationType.from_http(self.scope["method"]),
                )
                watched = streams.watched(results, self.headers.text(b"authorization"), self.origin)
                await send_events(watched, self.scope, receive, send)
        except TooManyError:
            refusal = problem(
                f"This token has {MAX_STREAMS} streams and connections open; close one first.",
                "RATE_LIMITED",
                status=429,
                headers={"Retry-After": "1"},
                retryAfter=1,
            )
            await refusal(self.scope, receive, send)

    def _context(self, *, in_turn: bool = True) -> Context:
        return self.services.context(viewer=self.viewer, origin=self.origin, in_turn=in_turn)


def _is_for_page(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] == "GET"
        and b"text/html" in headers.get(b"accept", b"")
        and "query" not in Request(scope).query_params
    )


def _refusal(
    scope: Scope, headers: Headers, methods: tuple[str, ...], medias: tuple[str, ...]
) -> Response | None:
    """Return the answer to a request that isn't GraphQL over HTTP; None if it is."""
    if scope["method"] not in methods:
        told, allowed = f"Send {' or '.join(methods)}.", {"Allow": ", ".join(methods)}
        return problem(told, "BAD_USER_INPUT", status=405, headers=allowed)
    if not medias:
        message = f"Answers come as {JSON}, {GRAPHQL_JSON} or {EVENTS}."
        return problem(message, "BAD_USER_INPUT", status=406)
    if scope["method"] == "POST" and not is_json(headers.text(b"content-type")):
        message = f"The body must be JSON in UTF-8 (Content-Type: {JSON})."
        return problem(message, "BAD_USER_INPUT", status=415, headers={"Accept-Post": JSON})
    return None


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return b"".join([*parts, part]) if parts else part
        parts.append(part)
