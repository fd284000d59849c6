"""Tests that Strawberry's WebSockets still need what api/websocket.py does better."""

import asyncio
from typing import Any

import pytest
import strawberry
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.http.exceptions import WebSocketDisconnected

from schema.strawberry_patches import RecallsSchema
from tests.support.upstream import still_raises


@strawberry.type
class Query:
    """The root type."""

    name: str = ""


SCHEMA = RecallsSchema(Query)


def messages(*texts: str) -> Any:
    """Return what an application receives from a client that says this, and then waits."""
    events = [{"type": "websocket.connect"}]
    events += [{"type": "websocket.receive", "text": text} for text in texts]

    async def receive() -> Any:
        return events.pop(0) if events else await asyncio.Event().wait()

    return receive


async def ignore(_message: Any) -> None:
    """Take what an application sends."""


def a_scope() -> dict[str, Any]:
    """Return the scope of a WebSocket."""
    return {
        "type": "websocket",
        "path": "/graphql",
        "headers": [],
        "subprotocols": ["graphql-transport-ws"],
    }


@pytest.fixture
async def adapter() -> ASGIWebSocketAdapter:
    """Strawberry's adapter of an accepted WebSocket."""
    socket = WebSocket(a_scope(), messages(), ignore)
    await socket.accept()
    return ASGIWebSocketAdapter(GraphQL(SCHEMA), socket, socket)


async def test_strawberrys_adapter_still_cant_be_closed_twice(
    adapter: ASGIWebSocketAdapter,
) -> None:
    # given
    await adapter.close(1000, "")
    # then
    with still_raises(RuntimeError, "It can be closed twice: remove it from Adapter.close"):
        await adapter.close(1000, "")


async def test_strawberrys_adapter_still_doesnt_say_that_the_connection_is_closed(
    adapter: ASGIWebSocketAdapter,
) -> None:
    # given
    await adapter.close(1000, "")
    # then
    with still_raises(RuntimeError, "It raises nothing: remove Adapter.send_json"):
        await adapter.send_json({})
    assert not issubclass(WebSocketDisconnected, RuntimeError)


async def test_strawberrys_handler_still_breaks_on_a_message_of_another_shape() -> None:
    # given
    begin = '{"type": "connection_init"}'
    wrong = '{"type": "subscribe", "id": "1", "payload": 3}'
    # then
    with still_raises(TypeError, "It checks messages: look at MESSAGES in api/websocket.py"):
        await GraphQL(SCHEMA)(a_scope(), messages(begin, wrong), ignore)


async def test_strawberrys_handler_still_breaks_when_an_operation_ends_twice(
    adapter: ASGIWebSocketAdapter,
) -> None:
    # given
    view = GraphQL[Any, None](SCHEMA)
    handler = view.graphql_transport_ws_handler_class(
        view, adapter, None, None, view.schema, view.connection_init_wait_timeout
    )
    # then
    with still_raises(KeyError, "An id can be forgotten twice: remove Operations.forget_id"):
        handler.forget_id("1")
