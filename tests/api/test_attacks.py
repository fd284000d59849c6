"""Probes of the API, as an attacker would send them: how each is answered, and how soon.

``python -m pytest tests/api/test_attacks.py -s`` prints the table.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from graphql import get_introspection_query
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api.documents import sha256
from core.identity import Role
from db.tokens import create_token
from tests.api.test_limits import TOO_MUCH, doubling
from tests.api.test_oidc import ATTACKS as FORGERIES
from tests.support.identity_provider import AUDIENCE, provider
from tests.support.practice import a_practice
from tests.support.raw_client import HOST, frame, raw, raw_socket
from tests.support.served import Served

SOON = 0.1
"""Seconds within which an attack is refused."""
TRIES = 3
"""The quickest counts, because the machine may be busy with something else."""
Answer = str
Attack = Callable[[Served], Awaitable[Answer]]


def json_headers(token: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    return headers if token is None else headers | {"Authorization": f"Bearer {token}"}


async def answer_of(answer: aiohttp.ClientResponse) -> Answer:
    """Return the status and the error codes, and assert that there is no data."""
    try:
        content = json.loads(await answer.text())
        codes = {error["extensions"]["code"] for error in content["errors"]}
    except (ValueError, KeyError, TypeError):
        return str(answer.status)
    assert not content.get("data"), content
    return f"{answer.status} {' '.join(sorted(codes))}"


def post(
    document: str | bytes,
    variables: dict[str, Any] | None = None,
    *,
    operation: str | None = None,
    role: Role | None = Role.RECEPTIONIST,
    headers: dict[str, str] | None = None,
) -> Attack:
    """Return an attack that posts a document, or a body of bytes."""

    async def attack(served: Served) -> Answer:
        body: Any = {"query": document, "variables": variables, "operationName": operation}
        data = document if isinstance(document, bytes) else json.dumps(body).encode()
        sent = json_headers(served.tokens[role] if role else None) | (headers or {})
        async with served.http.post("/graphql", data=data, headers=sent) as answer:
            return await answer_of(answer)

    return attack


def get(path: str, method: str = "GET", **headers: str) -> Attack:
    async def attack(served: Served) -> Answer:
        sent = {"Authorization": f"Bearer {served.admin}"} | headers
        async with served.http.request(method, path, headers=sent) as answer:
            return await answer_of(answer)

    return attack


def socket(
    document: str,
    role: Role | None = Role.RECEPTIONIST,
    variables: dict[str, Any] | None = None,
) -> Attack:
    """Return an attack over a WebSocket; its answer is the error's code or the close code."""

    async def attack(served: Served) -> Answer:
        token = served.tokens[role] if role else "recalls_1_none"
        async with served.socket({"authorization": f"Bearer {token}"}) as opened:
            payload: Any = {"query": document, "variables": variables}
            subscribe = {"type": "subscribe", "id": "1", "payload": payload}
            try:
                while True:
                    message = json.loads(await opened.recv())
                    if message["type"] == "connection_ack":
                        await opened.send(json.dumps(subscribe))
                    if message["type"] in ("error", "next"):
                        payload = message["payload"]
                        errors = payload if message["type"] == "error" else payload["errors"]
                        return f"ws {errors[0]['extensions']['code']}"
            except ConnectionClosed as closed:
                return f"ws {closed.rcvd.code if closed.rcvd else 'cut'}"

    return attack


def handshake(protocol: str = "graphql-transport-ws", origin: str | None = None) -> Attack:
    async def attack(served: Served) -> Answer:
        url = f"{served.url}/graphql".replace("http", "ws")
        try:
            async with connect(
                url,
                subprotocols=[Subprotocol(protocol)],
                origin=Origin(origin) if origin else None,
            ) as opened:
                await opened.recv()
        except InvalidStatus as refused:
            return f"ws handshake {refused.response.status_code}"
        except ConnectionClosed as closed:
            return f"ws {closed.rcvd.code if closed.rcvd else 'cut'}"
        return "ws open"

    return attack


async def another_practices_patient(served: Served) -> Answer:
    """Ask for a patient of practice A as an admin of practice B."""
    token = await theirs(served)
    document = 'query { node(id: "Patient:1") { id } }'
    headers = json_headers(token)
    body = json.dumps({"query": document})
    async with served.http.post("/graphql", data=body, headers=headers) as answer:
        content = await answer.json()
        assert content == {"data": {"node": None}}
        return "200 null"


async def theirs(served: Served) -> str:
    found: str | None = getattr(served, "theirs", None)
    if found is None:
        other = await a_practice(served.practice.pool)
        found = await create_token(served.practice.pool, other.id, "B", Role.ADMIN)
        served.theirs = found  # type: ignore[attr-defined]
    return found


async def large_body(served: Served) -> Answer:
    headers = json_headers(served.admin) | {"Content-Length": "50000000"}
    async with served.http.post("/graphql", data=b"", headers=headers) as answer:
        return await answer_of(answer)


def endless_body(path: str) -> Attack:
    async def attack(served: Served) -> Answer:
        token, port = served.tokens[Role.RECEPTIONIST], int(served.url.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode())
        chunk = b"186A0\r\n" + b"x" * 100_000 + b"\r\n"
        writer.writelines([chunk] * 11)  # and no last chunk
        status = (await reader.readline()).split()[1].decode()
        writer.close()
        return status

    return attack


async def export_by_a_receptionist(served: Served) -> Answer:
    headers = json_headers(served.tokens[Role.RECEPTIONIST])
    async with served.http.post("/exports/audit", data=b"{}", headers=headers) as answer:
        return await answer_of(answer)


async def forged_receipt(served: Served) -> Answer:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    async with served.http.post("/receipts/twilio?reference=1.x", data=form) as answer:
        return await answer_of(answer)


def sending(*data: bytes) -> Attack:
    """Return an attack that sends raw bytes; its answer is the status, or "cut" without one."""

    async def attack(served: Served) -> Answer:
        async with raw(served.url) as opened:
            await opened.send(*data)
            status = await opened.status()
            return "cut" if status is None else str(status)

    return attack


async def token_in_a_trailer(served: Served) -> Answer:
    token = b"Authorization: Bearer " + served.admin.encode() + b"\r\n"
    kind = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    head = b"POST /graphql HTTP/1.1\r\n" + HOST + kind
    return await sending(head + b"2\r\n{}\r\n0\r\n" + token + b"\r\n")(served)


def form(size: int) -> Attack:
    """Return an attack that posts a form of small fields, with a well-formed signature."""

    async def attack(served: Served) -> Answer:
        headers = {"X-Twilio-Signature": "A" * 27 + "="}
        data = b"&".join([b"a=1"] * (size // 4))
        async with served.http.post("/replies/twilio", data=data, headers=headers) as answer:
            return await answer_of(answer)

    return attack


async def long_greeting(served: Served) -> Answer:
    async with served.socket(None, greet=False) as opened:
        await opened.send("[" * 20_000)
        await opened.wait_closed()
    return f"ws {opened.close_code}"


async def compressed_message(served: Served) -> Answer:
    async with raw_socket(served.url, b"Sec-WebSocket-Extensions: permessage-deflate\r\n") as (
        opened,
        head,
    ):
        await opened.send(frame(b"x", compressed=True))
        assert b"deflate" not in head
        return "ws cut" if await opened.is_cut_off() else "ws open"


async def unknown_fields(served: Served) -> Answer:
    """Send a document that is new each time, because refused ones are remembered."""
    names = (f"a{secrets.token_hex(4)}: 1" for _ in range(200))
    document = f"{{ recalls(filter: {{ {' '.join(names)} }}) {{ totalCount }} }}"
    return await post(document)(served)


async def batch(served: Served) -> Answer:
    body = json.dumps([{"query": "{ viewer { name } }"}] * 100).encode()
    return await post(body)(served)


GET = b"GET /healthz HTTP/1.1\r\n"
SYNC = "mutation { syncPatients(input: []) { __typename } }"
SETUP = "mutation { savePreferences(input: {smsRepeatDays: 1}) { __typename } }"
WHO = "{ viewer { name } }"
COMPLEX = "200 OPERATION_TOO_COMPLEX"
BAD = "200 BAD_USER_INPUT"
TOO_LARGE = "400 BAD_USER_INPUT"
ATTACKS: dict[str, tuple[Attack, Answer]] = {
    "no token": (post(WHO, role=None), "401 UNAUTHENTICATED"),
    "a made-up token": (
        post(WHO, headers={"Authorization": "Bearer recalls_1_" + "a" * 43}),
        "401 UNAUTHENTICATED",
    ),
    "SQL in the token": (post(WHO, headers={"Authorization": "Bearer recalls_1_' or 1=1 --"}),
                         "401 UNAUTHENTICATED"),
    "a long token": (
        post(WHO, headers={"Authorization": "Bearer " + "a" * 8000}), "401 UNAUTHENTICATED"),
    "the token in the URL": (get("/graphql?query={viewer{name}}&token=x", Authorization="Basic eA"),
                             "401 UNAUTHENTICATED"),
    "WebSocket without a token": (socket(WHO, role=None), "ws 4403"),
    "set-up by a receptionist": (post(SETUP), "200 FORBIDDEN"),
    "sync by a receptionist": (post(SYNC), "200 FORBIDDEN"),
    "the audit trail by a receptionist": (post("{ auditEvents { totalCount } }"), "200 FORBIDDEN"),
    "set-up by a receptionist, WebSocket": (socket(SETUP), "ws FORBIDDEN"),
    "reading by a connector": (post("{ recalls { totalCount } }", role=Role.CONNECTOR),
                               "200 FORBIDDEN"),
    "an export by a receptionist": (export_by_a_receptionist, "403 FORBIDDEN"),
    "another practice's patient": (another_practices_patient, "200 null"),
    "introspection": (post(get_introspection_query()), BAD),
    "introspection, WebSocket": (socket("{ __schema { types { name } } }"), "ws BAD_USER_INPUT"),
    "guessing a field": (post("{ viewer { nam } }"), BAD),
    "GraphiQL": (get("/graphql", Accept="text/html"), "405 BAD_USER_INPUT"),
    "doubling fragments": (post(doubling(60)), COMPLEX),
    "doubling fragments, WebSocket": (socket(doubling(60)), "ws OPERATION_TOO_COMPLEX"),
    **{f"too many {name}": (post(TOO_MUCH[name]), COMPLEX)
       for name in ("tokens", "depth", "fragments", "repeats", "aliases", "directives",
                    "root fields", "objects")},
    "brackets within brackets": (post(TOO_MUCH["nested"]), COMPLEX),
    "fragments that are never run": (
        post("query A " + WHO + " query B { viewer {" + " ".join(f"...F{n}" for n in range(30))
             + "} } " + " ".join(
                 f"fragment F{n} on Viewer {{ {' '.join(f'f{m}' for m in range(24))} }}"
                 for n in range(30)), operation="A"), COMPLEX),
    "200 unknown fields of a literal": (unknown_fields, BAD),
    "3,000 unknown fields of a variable": (
        post("query ($f: RecallFilter) { recalls(filter: $f) { totalCount } }",
             {"f": {f"a{n}": 1 for n in range(3_000)}}), BAD),
    "40,000 recalls to preview": (
        post("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
             {"i": ["Recall:1"] * 40_000}), TOO_LARGE),
    "half as many, WebSocket": (
        socket("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
               variables={"i": ["Recall:1"] * 20_000}), "ws BAD_USER_INPUT"),
    "a message of half a megabyte, WebSocket": (
        socket("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
               variables={"i": ["Recall:1"] * 40_000}), "ws 1009"),
    "40,000 categories in a filter": (
        post("query ($f: RecallFilter) { recalls(filter: $f) { totalCount } }",
             {"f": {"categoryIds": ["Category:1"] * 40_000}}), TOO_LARGE),
    "60,000 patients in a sync": (
        post("mutation ($i: [PatientInput!]!) { syncPatients(input: $i) { __typename } }",
             {"i": [{"pmsId": "1"}] * 60_000}, role=Role.CONNECTOR), TOO_LARGE),
    "brackets within brackets of JSON": (
        post(b'{"query":"{viewer{id}}","x":[' + b"[[[[[]]]]]," * 80_000 + b"[]]}"),
        "400 BAD_USER_INPUT"),
    "half a surrogate pair": (post(WHO, operation="\ud800"), TOO_LARGE),
    "lists within lists": (
        post("query ($i: [ID!]!) { sendPreview(recallIds: $i) { __typename } }",
             {"i": [[[1] * 50] * 50] * 50}), TOO_LARGE),
    "30,000 variables": (post(WHO, {f"v{n}": 1 for n in range(30_000)}), TOO_LARGE),
    "an operation's name of 900 KB": (post(WHO, operation="A" * 900_000), TOO_LARGE),
    "a document of 900 KB": (post("#" * 900_000 + "\n" + WHO), TOO_LARGE),
    "a cycle of fragments": (
        post("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), BAD),
    "10,000 aliases": (
        post("{" + " ".join(f"a{n}: viewer {{ name }}" for n in range(10_000)) + "}"),
        TOO_LARGE),
    "the same field 1,450 times over": (
        post("{ viewer {" + " name" * 1_450 + " } }"), COMPLEX),
    "a batch of a hundred": (batch, "400 BAD_USER_INPUT"),
    "a body of 50 MB": (large_body, "413 BAD_USER_INPUT"),
    "a body without an end": (endless_body("/graphql"), "413"),
    "a receipt without an end": (endless_body("/receipts/twilio"), "403"),
    "a body of 50 MB by GET": (get("/graphql", **{"Content-Length": "50000000"}),
                               "413 BAD_USER_INPUT"),
    "JSON within JSON": (post(b"[" * 900_000), "400 BAD_USER_INPUT"),
    "a mutation by GET": (get("/graphql?query=mutation{__typename}"), "405 BAD_USER_INPUT"),
    "a form (CSRF)": (
        post(b"query=x", headers={"Content-Type": "application/x-www-form-urlencoded"}),
        "415 BAD_USER_INPUT",
    ),
    "plain text (CSRF)": (
        post(b"{}", headers={"Content-Type": "text/plain"}), "415 BAD_USER_INPUT"),
    "an upload (CSRF)": (
        post(b"--x--", headers={"Content-Type": "multipart/form-data; boundary=x"}),
        "415 BAD_USER_INPUT",
    ),
    "another site's WebSocket": (handshake(origin="https://evil.example"), "ws handshake 403"),
    "the protocol of old": (handshake(protocol="graphql-ws"), "ws 4406"),
    "@defer": (
        post("{ recalls { ... @defer { totalCount } } }", headers={"Accept": "multipart/mixed"}),
        "406 BAD_USER_INPUT",
    ),
    "a head of 40 KB": (sending(GET, HOST, b"X: " + b"x" * 40_000 + b"\r\n\r\n"), "431"),
    "a thousand headers": (sending(GET, HOST, b"X: x\r\n" * 1_000 + b"\r\n"), "431"),
    "a URL of 9 KB": (sending(b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"), "414"),
    "an Accept of 30 KB": (
        post(WHO, role=None, headers={"Accept": "a," * 4_000}), "401 UNAUTHENTICATED"),
    "no Host": (sending(GET, b"\r\n"), "400"),
    "two Hosts": (sending(GET, HOST, HOST, b"\r\n"), "400"),
    "another site's URL": (
        sending(b"GET http://evil.example/ HTTP/1.1\r\n", HOST, b"\r\n"), "400"),
    "a thousand requests at once": (sending((GET + HOST + b"\r\n") * 1_000), "400"),
    "a token in a trailer": (token_in_a_trailer, "401"),
    "a chunk's endless extension": (
        sending(b"POST /graphql HTTP/1.1\r\n", HOST, b"Transfer-Encoding: chunked\r\n\r\n",
                b"1;" + b"x" * 40_000), "401"),
    "a form of 4,000 fields": (form(16_000), "403"),
    "a form of 60 KB": (form(60_000), "413 BAD_USER_INPUT"),
    "a long message before the token, WebSocket": (long_greeting, "ws 1009"),
    "a compressed message, WebSocket": (compressed_message, "ws cut"),
    "an operation in an address": (get("/graphql?query={viewer{name}}"), "405 BAD_USER_INPUT"),
    "PUT": (get("/graphql", "PUT"), "405 BAD_USER_INPUT"),
    "TRACE": (get("/graphql", "TRACE"), "405 BAD_USER_INPUT"),
    "a file by its path": (get("/portal/../api/app.py"), "404 BAD_USER_INPUT"),
    "a forged receipt": (forged_receipt, "403"),
}  # fmt: skip


@pytest.mark.takes_long("makes every attack of the table")
async def test_every_attack_is_refused_soon_and_changes_nothing(production: Served) -> None:
    # given
    target = production
    await target.practice.recall()
    before = await rows(target)
    table = []
    for name, (attack, expected) in ATTACKS.items():
        # when
        answers, took = await retried(attack, target)
        table.append((name, answers, expected, took))
    # then
    assert_refused_soon(table)
    assert await rows(target) == before


async def test_every_forged_token_of_a_provider_is_refused_soon(
    served: Served,
) -> None:
    # given
    async with provider() as idp:
        asked = {"OIDC_ISSUER": idp.issuer, "OIDC_AUDIENCE": AUDIENCE}
        async with served.again(**asked) as target:
            assert await target.errors(WHO, token=idp.token()) == []
            table = []
            for name, forge in FORGERIES.items():
                attack = post(WHO, headers={"Authorization": f"Bearer {forge(idp)}"})
                # when
                answers, took = await retried(attack, target)
                table.append((f"JWT: {name}", answers, "401 UNAUTHENTICATED", took))
    # then
    assert_refused_soon(table)


async def test_a_viewer_beyond_its_share_is_refused_soon(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the receptionist's one operation and the admin's two streams used up, and one document
    trusted = tmp_path / "documents.json"
    trusted.write_text(json.dumps({sha256(WHO): WHO}))
    monkeypatch.setattr("api.streams.MAX_STREAMS", 2)
    limits = {"RATE": "0.01", "TRUSTED_DOCUMENTS": str(trusted), "OTHER_DOCUMENTS": "refuse"}
    async with AsyncExitStack() as running:
        target = await running.enter_async_context(served.again(**limits))
        strict = await running.enter_async_context(served.again(**limits | {"RATE": "0"}))
        for _ in range(2):
            await running.enter_async_context(target.operations())
        assert await target.errors(WHO, token=target.tokens[Role.RECEPTIONIST]) == []
        table = []
        for name, where, attack, expected in [
            (
                "a document of their own",
                strict,
                post("{ practice { name } }"),
                "400 BAD_USER_INPUT",
            ),
            ("operations without an end", target, post(WHO), "429 RATE_LIMITED"),
            ("operations, WebSocket", target, socket(WHO), "ws RATE_LIMITED"),
            ("connections without an end", target, socket(WHO, Role.ADMIN), "ws 4429"),
        ]:
            # when
            answers, took = await retried(attack, where)
            table.append((name, answers, expected, took))
    # then
    assert_refused_soon(table)


async def retried(attack: Attack, target: Served) -> tuple[set[Answer], float]:
    """Return the answers to an attack that is tried a few times, and its least CPU seconds.

    The seconds are this process's, in which the API runs: other work on the machine doesn't count.
    """
    answers, times = set(), []
    for _ in range(TRIES):
        began = time.process_time()
        async with asyncio.timeout(10):
            answers.add(await attack(target))
        times.append(time.process_time() - began)
    return answers, min(times)


async def rows(served: Served) -> list[str]:
    """Return the rows that an attack might change, without the records of who asked when."""
    found = []
    for table in ("practices", "patients", "recalls", "runs", "blocked_communications"):
        content = await served.practice.pool.fetch(
            f"select t::text from {table} t where {'id' if table == 'practices' else 'practice_id'}"  # noqa: S608
            " = 1 order by 1"
        )
        found += [row[0] for row in content]
    return found


def assert_refused_soon(table: list[tuple[str, set[Answer], Answer, float]]) -> None:
    """Print the answers and the CPU milliseconds, and assert that both are as they should be."""
    print()
    for name, answers, _, took in table:
        print(f"| {name} | {', '.join(sorted(answers))} | {took * 1000:.1f} |")
    assert {name: answers for name, answers, _, _ in table} == {
        name: {expected} for name, _, expected, _ in table
    }
    assert {name: took for name, _, _, took in table if took >= SOON} == {}
