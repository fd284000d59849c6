"""Tests that an answer written at once has the bytes that uvicorn writes piece by piece."""

import asyncio
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http import httptools_impl

from api.cycle import Cycle
from tests.unit.test_uvicorn_patches import HOST, OURS, PLAIN, connected

NAMES = [b"content-type", b"X-Other", b"connection", b"transfer-encoding", b"bad name"]
VALUES = [b"application/json", b"close", b"chunked", b"", b"x\r\ny: z", b"\x01", b"\xe9"]
BODIES = [b"", b"x", b'{"data": {}}']


@st.composite
def answers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return an answer's messages, right or wrong."""
    headers = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=2))
    bodies = draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=3))
    length = sum(map(len, bodies)) + draw(st.sampled_from([0, 0, 0, -1, 1]))
    place = draw(st.sampled_from([len(headers), len(headers), 0, None]))
    if place is not None:
        headers.insert(place, (b"content-length", str(max(0, length)).encode()))
    return an_answer(draw(st.sampled_from([200, 204, 304, 404])), headers, *bodies)


def an_answer(
    status: int, headers: list[tuple[bytes, bytes]], *bodies: bytes
) -> list[dict[str, Any]]:
    start = {"type": "http.response.start", "status": status, "headers": headers}
    parts = [{"type": "http.response.body", "body": body, "more_body": True} for body in bodies]
    del parts[-1]["more_body"]
    return [start, *parts]


async def written(
    protocols: tuple[type[Any], type[Any]], method: str, messages: list[dict[str, Any]]
) -> bytes:
    """Return all that the server writes for the answer, and for one more until it closes."""

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
        for message in messages:
            await send(message)

    async with connected(protocols, app) as (_, reader, writer):
        for more in "", "Connection: close\r\n":
            writer.write(f"{method} / HTTP/1.1\r\n{HOST}\r\n{more}\r\n".encode())
        return await reader.read()


@settings(max_examples=150)
@given(st.sampled_from(["GET", "HEAD"]), answers())
@example("HEAD", an_answer(200, [(b"content-length", b"1")], b"x"))
@example("GET", an_answer(304, [(b"content-length", b"1")], b"x"))
@example("GET", an_answer(200, [(b"content-length", b"2")], b"x"))
@example("GET", an_answer(200, [(b"content-length", b"0")], b"x"))
@example("GET", an_answer(200, [(b"x", b"x\r\ny: z"), (b"content-length", b"1")], b"x"))
@example("GET", an_answer(200, [(b"bad name", b"x"), (b"content-length", b"1")], b"x"))
@example("GET", an_answer(200, [(b"connection", b"close"), (b"content-length", b"1")], b"x"))
@example(
    "GET", an_answer(200, [(b"transfer-encoding", b"chunked"), (b"content-length", b"1")], b"x")
)
def test_an_answer_has_uvicorns_bytes(method: str, messages: list[dict[str, Any]]) -> None:
    # when
    ours = asyncio.run(written(OURS, method, messages))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httptools_impl, "RequestResponseCycle", Cycle.__base__)
        uvicorns = asyncio.run(written(PLAIN, method, messages))
    # then
    assert ours == uvicorns
