"""Tests of what holds for every request and answer: bodies, headers, budgets, trusted documents."""

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from redis.asyncio import Redis

from api import edge
from api.demo.servers import ServerUrls
from api.documents import Documents, ManifestError, sha256
from api.rate import WINDOW, Rates
from api.settings import ApiSettings
from db.tokens import Role
from schema.build import schema
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


@asynccontextmanager
async def set_to(
    served: Served, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> AsyncIterator[Served]:
    for name, value in settings.items():
        monkeypatch.setenv(f"RECALLS_{name}", value)
    async with served.again() as other:
        yield other


async def test_production_asks_browsers_for_tls_from_now_on(
    served: Served, production: Served
) -> None:
    del served
    # when
    async with production.http.get("/healthz") as answer:
        # then
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def refusals(served: Served, times: int, role: Role = Role.ADMIN) -> list[dict[str, Any]]:
    answers = [await served.ask(WHO, token=served.tokens[role]) for _ in range(times)]
    return [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]


async def test_a_viewer_has_a_budget_of_operations(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given one of ten operations
    async with set_to(served, monkeypatch, RATE="1") as limited:
        # when: a window may end in their midst, and another begin
        refused = await refusals(limited, 21)
        # then
        assert refused
        assert {refusal["code"] for refusal in refused} == {"RATE_LIMITED"}
        assert all(1 <= refusal["retryAfter"] <= WINDOW for refusal in refused)
        assert await refusals(limited, 1, Role.RECEPTIONIST) == []
        async with limited.http.post(
            "/graphql", json={"query": WHO}, headers=authorized(limited)
        ) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= WINDOW


async def test_the_budget_holds_over_websockets_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    async with set_to(served, monkeypatch, RATE="1") as limited:
        await refusals(limited, 21)
        # when
        async with limited.operations() as operations:
            [answer] = await operations.all(WHO)
    # then
    assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_two_processes_share_a_budget(served: Served, servers: ServerUrls) -> None:
    # given
    del served
    one, other = [Rates(servers.valkey_url, 10.0) for _ in range(2)]
    # when each asks for as much as there is in all
    taken = [rates for _ in range(100) for rates in (one, other) if not await rates.wait("x")]
    # then: a window may have ended in their midst
    assert len(taken) in (100, 200)
    assert {one, other} == set(taken)
    await one.close()
    await other.close()


async def test_nobody_is_refused_because_valkey_is_away() -> None:
    # given
    rates = Rates("redis://127.0.0.1:1/0", 1.0)
    # when
    waits = [await rates.wait("x") for _ in range(10)]
    # then
    assert waits == [0.0] * 10
    assert await rates.wait("x") > 0 or await rates.wait("x") == 0
    await rates.close()


async def test_the_budget_is_kept_under_no_name_or_token(
    served: Served, servers: ServerUrls
) -> None:
    # when
    await served.ask(WHO)
    async with Redis.from_url(servers.valkey_url, decode_responses=True) as valkey:
        keys = [key async for key in valkey.scan_iter("recalls:operations:*")]
    # then
    assert len(keys) == 1
    assert keys[0].startswith(f"recalls:operations:access_tokens:{served.practice.id}:")


OTHER = "{ practice { name } }"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest of one document."""
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({sha256(WHO): WHO}))
    return path


@pytest.fixture
async def trusting(
    served: Served, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """The API once more, with trusted documents alone."""
    async with set_to(
        served, monkeypatch, TRUSTED_DOCUMENTS=str(manifest), OTHER_DOCUMENTS="refuse"
    ) as other:
        yield other


NAMES: list[dict[str, Any]] = [
    {"documentId": sha256(WHO)},
    {"documentId": f"sha256:{sha256(WHO)}"},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(WHO)}}},
    {"query": WHO},
]
UNTRUSTED: list[dict[str, Any]] = [
    {"query": OTHER},
    {"documentId": sha256(OTHER)},
    {"documentId": sha256(OTHER), "query": OTHER},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(OTHER)}}, "query": OTHER},
    {"documentId": 5, "query": OTHER},
    {"documentId": "", "query": OTHER},
    {"query": f"{WHO} "},
]


async def asked(served: Served, body: dict[str, Any]) -> Any:
    _, content = await post(served, json.dumps(body).encode())
    return json.loads(content)


@pytest.mark.parametrize("body", NAMES)
async def test_a_trusted_document_is_run_by_its_name(
    trusting: Served, body: dict[str, Any]
) -> None:
    # when / then
    assert await asked(trusting, body) == {"data": {"viewer": {"name": "Admin"}}}


@pytest.mark.parametrize("body", UNTRUSTED)
async def test_no_other_document_is_run(trusting: Served, body: dict[str, Any]) -> None:
    # when
    answer = await asked(trusting, body)
    # then
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_no_other_document_is_run_over_a_websocket(trusting: Served) -> None:
    # when
    async with trusting.operations() as operations:
        [refused] = await operations.all(OTHER)
        [known] = await operations.all(WHO)
    # then
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
    assert known["data"] == {"viewer": {"name": "Admin"}}


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{",
        json.dumps({"abc": WHO}),
        json.dumps({sha256(OTHER): WHO}),
        json.dumps({sha256("{ nope }"): "{ nope }"}),
        json.dumps({sha256("{"): "{"}),
        json.dumps({sha256(WHO): 5}),
    ],
)
def test_a_manifest_that_isnt_right_is_refused(manifest: Path, content: str) -> None:
    # given
    manifest.write_text(content)
    # when / then
    with pytest.raises(ManifestError):
        Documents.read(manifest, schema._schema, others=False)


def test_a_manifest_that_isnt_there_is_refused(tmp_path: Path) -> None:
    # when / then
    with pytest.raises(ManifestError):
        Documents.read(tmp_path / "none.json", schema._schema, others=True)


def test_production_needs_to_be_told_which_documents_it_runs(tmp_path: Path) -> None:
    # when / then
    with pytest.raises(ValidationError, match="RECALLS_TRUSTED_DOCUMENTS"):
        ApiSettings(environment="production")
    for given in ({"other_documents": "allow"}, {"trusted_documents": tmp_path / "x"}):
        ApiSettings(environment="production", **given)


@pytest.fixture
async def production(served: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """The API once more, as in production, but for a gateway that is not asked here."""
    async with set_to(
        served,
        monkeypatch,
        ENVIRONMENT="production",
        OTHER_DOCUMENTS="allow",
        GATEWAY_URL="https://gateway.example",
        GATEWAY_TOKEN=secrets.token_hex(16),
        RECEIPTS_URL="https://recalls.example/receipts/twilio",
        REPLIES_URL="https://recalls.example/replies/twilio",
    ) as other:
        yield other


TYPO = "{ viewer { nam } }"
SUGGESTING = [
    TYPO,
    "{ recals { totalCount } }",
    "{ recalls(frst: 5) { totalCount } }",
    "{ recalls(tab: CALS) { totalCount } }",
    "{ recalls(filter: {blockd: true}) { totalCount } }",
    "query ($f: RecalFilter) { recalls(filter: $f) { totalCount } }",
    "{ node(id: 5) { ... on Recal { id } } }",
    "{ viewer { name @includ(if: true) } }",
    "mutation { blockMobile(input: {mobil: 5}) { __typename } }",
]


@pytest.mark.parametrize("document", SUGGESTING)
async def test_production_suggests_no_names_of_the_schema(
    production: Served, document: str
) -> None:
    # when
    errors = await production.errors(document)
    # then
    assert errors
    for error_code, message in errors:
        assert error_code == "BAD_USER_INPUT"
        assert "Did you mean" not in message


async def test_production_suggests_no_names_over_a_websocket(production: Served) -> None:
    # when
    async with production.operations() as operations:
        answers = [await operations.all(document) for document in SUGGESTING]
    # then
    assert all(answer["errors"] for [answer] in answers)
    assert "Did you mean" not in str(answers)


async def test_production_suggests_no_names_for_variables(production: Served) -> None:
    # when
    document = (
        "query ($f: RecallFilter, $t: RecallTab) { recalls(filter: $f, tab: $t) { nodes { id } } }"
    )
    for variables in ({"f": {"blockd": True}}, {"t": "CALS"}):
        errors = await production.errors(document, variables)
        # then
        assert errors
        assert all("Did you mean" not in message for _, message in errors)


async def test_development_does_suggest(served: Served) -> None:
    # when
    [(_, message)] = await served.errors(TYPO)
    # then
    assert "Did you mean 'name'?" in message


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { name } } }",
        '{ x: __type(name: "Recall") { name } }',
        "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
        "query A { viewer { name } } query B { __schema { queryType { name } } }",
    ],
)
async def test_production_doesnt_tell_its_schema(production: Served, document: str) -> None:
    # when
    answer = await production.ask(document)
    # then
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_production_has_no_graphiql(production: Served) -> None:
    # when
    async with production.http.get("/graphql", headers={"Accept": "text/html"}) as answer:
        content = await answer.text()
    # then
    assert answer.status >= 400
    assert "<html" not in content


async def test_production_answers_what_it_should(production: Served) -> None:
    # when / then
    assert await production.query(WHO) == {"name": "Admin"}
    assert await production.query("{ __typename viewer { name } }".replace("__typename ", "")) == {
        "name": "Admin"
    }
    assert "errors" not in await production.ask("{ __typename }")


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
