"""Tests of what holds for every request and answer: bodies, and headers."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import edge
from db.tokens import Role
from tests.operations import OPERATIONS
from tests.served import Served

WHO = "{ viewer { name } }"
SYNC = OPERATIONS["syncPatients"]


def authorized(served: Served, role: Role = Role.ADMIN) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.tokens[role]}", "Content-Type": "application/json"}


async def post(
    served: Served, body: Any, role: Role = Role.ADMIN, path: str = "/graphql"
) -> tuple[int, str]:
    headers = authorized(served, role)
    async with served.http.post(
        path, data=io.BytesIO(body) if isinstance(body, bytes) else body, headers=headers
    ) as answer:
        return answer.status, await answer.text()


def padded(document: str, size: int, **variables: Any) -> bytes:
    """Give a body of some megabytes."""
    body = {"query": document, "variables": variables, "padding": "x" * size}
    return json.dumps(body).encode()


def code(content: str) -> str:
    return str(json.loads(content)["errors"][0]["extensions"]["code"])


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    """Send without saying beforehand how much it will be."""
    for start in range(0, len(body), 100_000):
        yield body[start : start + 100_000]


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("role", [Role.ADMIN, Role.RECEPTIONIST])
async def test_an_operation_of_more_than_a_megabyte_is_refused(
    served: Served, told: bool, role: Role
) -> None:
    # given
    body = padded(WHO, 1_100_000)
    # when
    status, content = await post(served, body if told else chunks(body), role)
    # then
    assert (status, code(content)) == (413, "BAD_USER_INPUT")
    assert "1000000 bytes" in content


async def test_who_may_not_sync_can_send_no_sync_of_that_size(served: Served) -> None:
    # when
    status, _ = await post(served, chunks(padded(SYNC, 1_100_000, input=[])), Role.RECEPTIONIST)
    # then
    assert status == 413


@pytest.mark.parametrize("told", [True, False])
async def test_no_body_is_larger_than_a_sync_may_be(served: Served, told: bool) -> None:
    # given
    body = padded(SYNC, 8_100_000, input=[])
    # when
    status, content = await post(served, body if told else chunks(body), Role.CONNECTOR)
    # then
    assert (status, code(content)) == (413, "BAD_USER_INPUT")


async def test_a_sync_may_be_larger_than_other_operations(served: Served) -> None:
    # given a thousand rows, as long as they may be
    long = "ä" * 500
    rows = [
        {"pmsId": f"p{n}", "firstName": long, "lastName": long, "mobile": None} for n in range(1000)
    ]
    body = json.dumps({"query": SYNC, "variables": {"input": rows}}, ensure_ascii=False).encode()
    assert len(body) > 1_000_000
    # when
    status, content = await post(served, body, Role.CONNECTOR)
    # then
    assert status == 200
    assert json.loads(content)["data"]["syncPatients"]["inserted"] == 1000


async def test_a_query_beside_a_sync_makes_no_larger_body_good(served: Served) -> None:
    # given
    document = "mutation { syncPatients(input: []) { __typename } savePreferences(input: {}) "
    body = padded(document + "{ __typename } }", 1_100_000)
    # when
    status, _ = await post(served, body)
    # then
    assert status == 413


async def test_without_a_token_no_body_is_waited_for(served: Served) -> None:
    # given a body that never ends
    async def endless() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    # when
    async with asyncio.timeout(5):
        async with served.http.post("/graphql", data=endless(), headers=headers) as answer:
            # then
            assert answer.status == 401


async def test_a_body_that_dribbles_in_is_given_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(edge, "BODY_SECONDS", 0.2)

    async def dribbling() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    # when
    async with asyncio.timeout(5):
        status, content = await post(served, dribbling())
    # then
    assert (status, code(content)) == (408, "BAD_USER_INPUT")


@pytest.mark.parametrize("path", ["/receipts/twilio", "/replies/twilio", "/exports/audit"])
async def test_other_bodies_are_small(served: Served, path: str) -> None:
    # when
    status, _ = await post(served, b"x" * 70_000, path=path)
    # then
    assert status == 413


PATHS = ["/graphql", "/healthz", "/sign-in.json", "/nowhere", "/receipts/twilio", "/"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_has_the_headers_that_keep_browsers_careful(
    served: Served, path: str
) -> None:
    # when
    async with served.http.get(path, allow_redirects=False) as answer:
        headers = answer.headers
    # then
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers
    assert "Strict-Transport-Security" not in headers


async def test_the_quick_way_has_them_too(served: Served) -> None:
    # when
    body = json.dumps({"query": WHO})
    async with served.http.post("/graphql", data=body, headers=authorized(served)) as answer:
        # then
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_page_may_run_scripts_of_this_place_alone(served: Served) -> None:
    # when
    async with served.http.get("/graphql", headers={"Accept": "text/html"}) as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    # then
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "<script>" not in page


async def test_a_lying_content_length_gets_nobody_further(served: Served) -> None:
    # given
    port = int(served.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.admin}\r\n"
        "Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{"
    )
    # when
    writer.write(head.encode())
    async with asyncio.timeout(5):
        first = await reader.readline()
    # then
    assert first.split()[1] == b"413"
    writer.close()


async def test_odd_methods_are_not_allowed(served: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        # when
        async with served.http.request(method, "/exports/audit") as answer:
            # then
            assert answer.status == 405


async def test_an_odd_method_on_graphql_is_not_allowed(served: Served) -> None:
    # when
    async with served.http.request("PUT", "/graphql", headers=authorized(served)) as answer:
        # then
        assert answer.status == 405
