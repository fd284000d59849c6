"""Tests of the rules for every request and answer: bodies and headers."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError
from websockets.exceptions import InvalidStatus
from yarl import URL

from api import connections
from api.settings import ApiSettings
from core.identity import Role
from tests.support.operations import OPERATIONS
from tests.support.served import Served

WHO = "{ viewer { name } }"
SYNC = OPERATIONS["syncPatients"]


def authorized(served: Served, role: Role = Role.ADMIN) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.tokens[role]}", "Content-Type": "application/json"}


async def post(
    served: Served, body: Any, role: Role = Role.ADMIN, path: str = "/graphql", **more: str
) -> tuple[int, str]:
    headers = authorized(served, role) | more
    async with served.http.post(
        path, data=io.BytesIO(body) if isinstance(body, bytes) else body, headers=headers
    ) as answer:
        return answer.status, await answer.text()


def padded(document: str, size: int, **variables: Any) -> bytes:
    """Return a body padded by that many bytes."""
    body = {"query": document, "variables": variables, "padding": "x" * size}
    return json.dumps(body).encode()


def code(content: str) -> str:
    return str(json.loads(content)["errors"][0]["extensions"]["code"])


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    """Yield the body in chunks, without announcing its length."""
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


@pytest.mark.parametrize("role", [Role.ADMIN, Role.RECEPTIONIST])
async def test_too_large_a_body_is_refused_if_a_stream_is_asked_for(
    served: Served, role: Role
) -> None:
    # given
    body = chunks(padded(SYNC, 8_100_000, input=[]))
    # when
    status, content = await post(served, body, role, Accept="text/event-stream")
    # then
    assert (status, code(content)) == (413, "BAD_USER_INPUT")


async def test_a_role_that_may_not_sync_cant_send_a_large_sync(served: Served) -> None:
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


async def test_a_field_beside_a_sync_allows_no_larger_body(served: Served) -> None:
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
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)
    monkeypatch.setitem(connections.SECONDS, "sending", 0.2)

    async def dribbling() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    # when
    async with asyncio.timeout(5):
        status, content = await post(served, dribbling())
    # then
    assert (status, code(content)) == (408, "BAD_USER_INPUT")


SIGNED = {"X-Twilio-Signature": "A" * 27 + "="}


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("path", "most"),
    [("/receipts/twilio", 16_000), ("/replies/twilio", 16_000), ("/exports/audit", 64_000)],
)
async def test_other_bodies_must_be_small(served: Served, path: str, most: int, told: bool) -> None:
    # given
    body = b"x" * (most + 1)
    # when
    status, content = await post(served, body if told else chunks(body), Role.ADMIN, path, **SIGNED)
    # then
    assert (status, code(content)) == (413, "BAD_USER_INPUT")
    assert f"{most} bytes" in content


@pytest.mark.parametrize("signature", ["", "x", "A" * 28, "A" * 27 + "==", "é" * 27 + "="])
async def test_a_form_with_no_signature_is_not_read(served: Served, signature: str) -> None:
    # when
    first = await head_alone(
        served,
        "POST /replies/twilio HTTP/1.1",
        *(f"X-Twilio-Signature: {signature}", "Content-Length: 100"),
    )
    # then
    assert first.split()[1] == b"403"


async def test_a_receipt_that_dribbles_in_is_given_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)
    monkeypatch.setitem(connections.SECONDS, "sending", 0.2)

    async def dribbling() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.02)

    # when
    async with asyncio.timeout(5):
        status, _ = await post(served, dribbling(), Role.ADMIN, "/receipts/twilio", **SIGNED)
    # then
    assert status == 408


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


async def test_answers_of_the_fast_path_have_the_same_headers(served: Served) -> None:
    # when
    body = json.dumps({"query": WHO})
    async with served.http.post("/graphql", data=body, headers=authorized(served)) as answer:
        # then
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_page_may_only_run_scripts_from_its_own_origin(served: Served) -> None:
    # when
    async with served.http.get("/graphql", headers={"Accept": "text/html"}) as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    # then
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "<script>" not in page


async def head_alone(served: Served, *lines: str) -> bytes:
    """Send a request's head and no byte of its body; return the answer's first line."""
    port = int(served.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*lines, "Host: x", "", ""]).encode())
    async with asyncio.timeout(5):
        first = await reader.readline()
    writer.close()
    return first


@pytest.mark.parametrize(
    ("role", "length"), [(Role.ADMIN, 999_999_999), (Role.RECEPTIONIST, 5_000_000)]
)
async def test_a_body_announced_as_too_large_is_not_waited_for(
    served: Served, role: Role, length: int
) -> None:
    # when
    token, kind = served.tokens[role], "Content-Type: application/json"
    first = await head_alone(
        served,
        "POST /graphql HTTP/1.1",
        *(f"Authorization: Bearer {token}", kind, f"Content-Length: {length}"),
    )
    # then
    assert first.split()[1] == b"413"


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/graphql"])
async def test_a_get_may_not_have_a_large_body(served: Served, path: str) -> None:
    # when
    first = await head_alone(served, f"GET {path} HTTP/1.1", "Content-Length: 999999999")
    # then
    assert first.split()[1] == b"413"


ODD = [
    *((method, "/exports/audit", 405) for method in ("PUT", "DELETE", "PATCH", "TRACE")),
    *((method, "/healthz", 405) for method in ("POST", "TRACE")),
    ("GET", "/receipts/twilio", 405),
    ("PUT", "/portal/assets/x", 405),
    ("GET", "/nowhere", 404),
    ("GET", "/portal/nope.html", 404),
    ("GET", "/portal/index.html", 404),
    ("GET", "/portal/graphiql.html", 404),
    ("GET", "/portal/documents.json", 404),
    ("GET", "/portal/assets", 404),
    ("GET", "/portal/assets/", 404),
    ("GET", "/portal/assets/%00", 404),
    ("GET", "/portal/assets/..%2f..%2fapi/app.py", 404),
    ("GET", "/portal/assets/..%2fdocuments.json", 404),
    ("GET", "/portal/assets/" + "a" * 5000, 404),
]


@pytest.mark.parametrize(("method", "path", "expected"), ODD)
async def test_odd_methods_and_paths_get_an_error_and_nothing_more(
    served: Served, method: str, path: str, expected: int
) -> None:
    # when
    async with served.http.request(method, URL(path, encoded=True)) as answer:
        content = await answer.json()
    # then
    assert answer.status == expected
    assert ("Allow" in answer.headers) == (expected == 405)
    assert content == {
        "data": None,
        "errors": [{"message": answer.reason, "extensions": {"code": "BAD_USER_INPUT"}}],
    }


async def test_an_odd_method_on_graphql_is_not_allowed(served: Served) -> None:
    # when
    async with served.http.request("PUT", "/graphql", headers=authorized(served)) as answer:
        # then
        assert answer.status == 405


async def test_an_answer_about_a_missing_file_is_not_cached(served: Served) -> None:
    # when
    async with served.http.get("/portal/assets/nope.js") as answer:
        # then
        assert answer.status == 404
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_bug_on_the_fast_path_is_masked(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    name = "Zebedee"

    def broken(*_: Any) -> None:
        raise ValueError(name)

    monkeypatch.setattr("api.graphql.answers_for", broken)
    # when
    body = json.dumps({"query": WHO})
    async with served.http.post("/graphql", data=body, headers=authorized(served)) as answer:
        content = await answer.text()
    # then
    assert (answer.status, code(content)) == (500, "INTERNAL_SERVER_ERROR")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "ValueError" in caplog.text
    assert name not in content + caplog.text


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("recalls.example", "/graphql", 401),
        ("Recalls.Example:8443", "/graphql", 401),
        ("other.example", "/graphql", 401),
        ("evil.example", "/graphql", 421),
        ("recalls.example.evil.example", "/portal/", 421),
        ("10.0.0.1", "/healthz", 200),
    ],
)
async def test_only_the_hosts_in_the_settings_are_served(
    served: Served, host: str, path: str, expected: int
) -> None:
    # when
    async with (
        served.again(HOSTS="recalls.example, other.example") as other,
        other.http.get(path, headers={"Host": host}) as answer,
    ):
        # then
        assert answer.status == expected


async def test_a_websocket_for_another_host_is_refused(served: Served) -> None:
    # when
    async with served.again(HOSTS="recalls.example") as other:
        with pytest.raises(InvalidStatus) as refused:
            async with other.socket(None, greet=False):
                pass
    # then
    assert refused.value.response.status_code == 421


@pytest.mark.parametrize("host", ["https://x.example", "x.example:8000", "x.example/y", "a b"])
def test_invalid_hosts_in_the_settings_are_refused(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("RECALLS_HOSTS", host)
    # when / then
    with pytest.raises(ValidationError, match="RECALLS_HOSTS must be hosts"):
        ApiSettings()


async def test_no_path_redirects_to_the_host_header(served: Served) -> None:
    # when
    headers = {"Host": "evil.example"}
    async with served.http.get("/graphql/", headers=headers, allow_redirects=False) as answer:
        # then
        assert answer.status == 404
        assert "Location" not in answer.headers
