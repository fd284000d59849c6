"""Operations over a WebSocket (graphql-transport-ws), on Strawberry's handler from the inside.

Nothing that a client sends breaks them. Strawberry lets a view name its handler and its adapter,
but documents neither. We depend on these names: the adapter's ``ws``; the handler's ``websocket``,
``context``, ``schema``, ``operations``, ``connection_init_received``, ``connection_acknowledged``
and ``connection_init_timeout_task``; an operation's ``send_next``, ``send_initial_errors`` and
``send_operation_message``; and on every method overridden here.
tests/unit/test_strawberry_websocket_patches.py fails once one of them isn't needed.
"""

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from contextlib import ExitStack, aclosing
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocketDisconnect
from starlette.websockets import WebSocketDisconnected as AlreadyClosed
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.types.execution import PreExecutionError

from api.documents import DocumentError
from api.problems import RATE_MESSAGE
from api.protocols import KNOWN
from api.services import services_of
from api.streams import RevokedError, TooManyError
from api.uvicorn_patches import is_after_close
from core.logging import without_values
from schema.context import Context

INIT_SECONDS = 10.0
"""Seconds within which a client must sign in."""
IDLE_SECONDS = 300.0
"""Seconds for which a connection without an operation stays open."""
MAX_OPERATIONS = 20
"""Operations that a connection may have in progress."""
MAX_REASON_BYTES = 123
"""Bytes of a reason that fit into a WebSocket's close frame."""
GONE = (WebSocketDisconnected, WebSocketDisconnect, AlreadyClosed)
logger = logging.getLogger(__name__)


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class _Init(_Said):
    type: Literal["connection_init"]
    payload: dict[str, Any] = {}


class _Asked(_Said):
    query: str | None = None
    documentId: str | None = None  # noqa: N815
    operationName: str | None = None  # noqa: N815
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if self.query is None and self.documentId is None and self.extensions is None:
            raise ValueError("no document")
        return self


class _Subscribe(_Said):
    type: Literal["subscribe"]
    id: str = Field(min_length=1, max_length=200)
    payload: _Asked


class _Complete(_Said):
    type: Literal["complete"]
    id: str


class _Ping(_Said):
    type: Literal["ping", "pong"]
    payload: dict[str, Any] | None = None


MESSAGES: TypeAdapter[Any] = TypeAdapter(
    Annotated[_Init | _Ping | _Subscribe | _Complete, Field(discriminator="type")]
)


class Adapter(ASGIWebSocketAdapter):
    """Strawberry's adapter, which can be closed twice and for any reason."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message. Raises ``WebSocketDisconnected`` if the client has gone."""
        try:
            await super().send_json(message)
        except GONE:
            raise WebSocketDisconnected from None
        except RuntimeError as error:
            if not is_after_close(error):
                raise
            raise WebSocketDisconnected from None

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, unless it is closed already."""
        # A longer reason doesn't fit, and it may quote what the client sent.
        short = reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        try:
            await super().close(code, short)
        except GONE:
            return
        except RuntimeError as error:
            if not is_after_close(error):
                raise


class Operations(BaseGraphQLTransportWSHandler[Context, None]):
    """The operations of one WebSocket, whose token is checked at the start of each.

    Violations of the protocol close it with the protocol's codes: 4400 for an unreadable message,
    4401 for an operation before sign-in, 4403 for an invalid token, 4408 for no sign-in in time,
    4409 for an id in use, 4429 for too many connections or tokens. 1000 is for an idle connection.
    """

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        adapter: Any = self.websocket
        services = services_of(adapter.ws.scope)
        self._streams = services.streams
        self._admission = services.admission
        self._viewers = services.viewers
        self._documents = services.documents
        self._held = ExitStack()
        self._idling: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Handle messages until the connection is closed; a bug closes it, and is logged masked."""
        try:
            await super().handle()
        except Exception as error:
            await self.handle_task_exception(error)
            await self.websocket.close(1011, "Internal error")

    async def shutdown(self) -> None:
        """End the operations in progress, and give the connection's place back."""
        if self._idling:
            self._idling.cancel()
        try:
            await super().shutdown()
        finally:
            self._held.close()

    async def handle_task_exception(self, error: Exception) -> None:
        """Log a bug without its values."""
        if not isinstance(error, GONE) and not is_after_close(error):
            logger.error("a WebSocket failed: %s", without_values(error))

    async def handle_message(self, message: Message) -> None:
        """Handle a message that follows the protocol; close the connection on any other."""
        try:
            MESSAGES.validate_python(message)
        except ValidationError:
            await self.handle_invalid_message("That is not a graphql-transport-ws message.")
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Sign in with the token in the connection's parameters, written as in the header."""
        if self.connection_init_received:
            await self.websocket.close(4429, "Too many initialisation requests")
            return
        self.connection_init_received = True
        if self.connection_init_timeout_task:
            self.connection_init_timeout_task.cancel()
        self.context.connection_params = dict(message.get("payload") or {})
        if not await self._sign_in():
            return
        try:
            self._held.enter_context(self._streams.slot(self.context.viewer))
        except TooManyError:
            await self.websocket.close(4429, "Too many connections for this token")
            return
        adapter: Any = self.websocket
        adapter.ws.scope["extensions"][KNOWN]()
        await self.send_message({"type": "connection_ack"})
        self.connection_acknowledged = True
        self._idling = asyncio.create_task(self._end_when_idle())

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin the operation, or close the connection if the token is no longer valid."""
        if self.connection_acknowledged:
            if not await self._sign_in():
                return
            if len(self.operations) >= MAX_OPERATIONS:
                await self._refuse(
                    message["id"],
                    f"Only {MAX_OPERATIONS} operations at a time: complete one first.",
                    "RATE_LIMITED",
                    retryAfter=1,
                )
                return
            if await self._refused(message):
                return
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send the operation's results while the token is valid."""
        await self._admission.run(self.context.viewer, self._run(operation))

    async def _run(self, operation: Operation[Context, None]) -> None:
        results = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=self.context,
            operation_name=operation.operation_name,
        )
        watched = self._streams.watched(
            cast("Any", results), self._authorization, self.context.origin
        )
        try:
            async with aclosing(watched):
                async for result in watched:
                    if isinstance(result, PreExecutionError):
                        await operation.send_initial_errors(result.errors or [])
                        return
                    await operation.send_next(result)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except RevokedError:
            await self.websocket.close(4403, "Forbidden")
        except Exception as error:
            await self.handle_task_exception(error)
            await self.websocket.close(1011, "Internal error")
        finally:
            if self.operations.get(operation.id) is operation:
                del self.operations[operation.id]

    def forget_id(self, id: str) -> None:  # noqa: A002
        """Make the id free for another operation."""
        self.operations.pop(id, None)

    @property
    def _authorization(self) -> Any:
        given = self.context.connection_params
        return {key.lower(): value for key, value in given.items()}.get("authorization")

    async def _sign_in(self) -> bool:
        """Set the viewer; if the token isn't valid, close the connection and return False."""
        try:
            viewer = await self._viewers.authenticate(self._authorization, self.context.origin)
        except HTTPException as error:
            await self.websocket.close(4429, error.detail)
            return False
        if viewer is None:
            await self.websocket.close(4403, "Forbidden")
            return False
        self.context.viewer = viewer
        return True

    async def _refused(self, message: SubscribeMessage) -> bool:
        """Return whether the operation is refused, and tell the client if so.

        Takes it off its viewer's budget, and puts in the document that it names.
        """
        wait = await self._admission.try_acquire(self.context.viewer)
        if wait:
            seconds = math.ceil(wait)
            told = RATE_MESSAGE.format(seconds)
            await self._refuse(message["id"], told, "RATE_LIMITED", retryAfter=seconds)
            return True
        payload: Any = message["payload"]
        try:
            payload["query"] = self._documents.document(payload)
        except DocumentError as error:
            await self._refuse(message["id"], str(error), "BAD_USER_INPUT")
            return True
        if payload["query"] is None:
            await self._refuse(message["id"], "query is missing.", "BAD_USER_INPUT")
            return True
        return False

    async def _refuse(self, operation_id: str, told: str, code: str, **extensions: Any) -> None:
        error = {"message": told, "extensions": {"code": code, **extensions}}
        payload = cast("Any", [error])
        await self.send_message({"id": operation_id, "type": "error", "payload": payload})

    async def _end_when_idle(self) -> None:
        used = time.monotonic()
        while (now := time.monotonic()) < used + IDLE_SECONDS:
            if self.operations:
                used = now
            await asyncio.sleep(IDLE_SECONDS / 20)
        await self.websocket.close(1000, "Idle for too long")
