"""Test that the server that serves the API to tests leaves nothing behind when it stops."""

import asyncio
import socket
from typing import Any

import pytest

from dev.listening import a_listener
from tests.support.served import serving


async def application(_scope: Any, receive: Any, send: Any) -> None:
    """Start and stop; nobody asks for anything."""
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


@pytest.mark.parametrize("turns", range(6))
async def test_a_connection_that_is_just_being_made_is_closed(turns: int) -> None:
    # given
    listener = a_listener()
    # when the server stops, however far it has got with the connection
    async with serving(listener, lambda: application):
        client = socket.create_connection(listener.getsockname(), timeout=10)
        for _ in range(turns):
            await asyncio.sleep(0)
    # then
    with client:
        try:
            assert await asyncio.to_thread(client.recv, 1) == b""
        except ConnectionResetError:
            assert turns < 2, "it was taken, and not closed in order"
