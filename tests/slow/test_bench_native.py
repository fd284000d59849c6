"""Tests of the native server that reading is measured with: the same bytes, whatever the rows."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.gateway import HOST, free_port
from bench.reading.pages import Question
from bench.reading.programs import build_native
from bench.reading.servers import OF_PRACTICE, PEERS, Ours, Reply, Server
from bench.waiting import until
from dev.servers.guard import Guarded
from tests.support.served import Served

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")

CONNECTIONS = 2
"""Connections to PostgreSQL; the tests ask more at once."""
ODD = 'a "b" \\ / \b\f\n\r\t\x01\x1f\x7f é Nguyễn 🩺 \u2028'
"""Text that JSON escapes, and text that it doesn't."""


@pytest.fixture(scope="module")
async def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await build_native(tmp_path_factory.mktemp("bench"))


@pytest.fixture
async def native(program: Path, database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """The native server on the test's database."""
    server = Server("native", free_port(), OF_PRACTICE)
    env = os.environ | {
        "RECALLS_PORT": str(server.port),
        "RECALLS_DATABASE_OWNER_URL": database_url,
        "RECALLS_DATABASE_CONNECTIONS": str(CONNECTIONS),
    }
    command = (str(program), str(PEERS / "page.sql"))
    process = await Guarded.start("native", command, env=env, log=tmp_path / "native.log")

    async def answers() -> bool:
        try:
            return (await server.fetch(Question(1, 1))).status == 200
        except ConnectionRefusedError:
            return False

    await until(answers, 30, "the native server")
    yield server
    await process.stop()


async def refused(server: Server, request: bytes) -> bool:
    """Return whether the server answers 400 and ends the connection."""
    reader, writer = await asyncio.open_connection(HOST, server.port)
    with closing(writer):
        writer.write(request)
        return (await reader.read()).startswith(b"HTTP/1.1 400 ")


def posted(body: str) -> bytes:
    return f"POST /graphql HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def test_it_answers_byte_for_byte_as_ours(served: Served, native: Server) -> None:
    # given rows with and without everything that may be missing, on three pages
    practice = served.practice
    blocked = await practice.patient(mobile="+61491570110")
    await practice.block("+61491570110")
    due = practice.due()
    rows = [
        await practice.recall(blocked, due_date=due),
        await practice.recall(await practice.patient(mobile=None), due_date=practice.due(1)),
        await practice.recall(reason="Nothing links this", urgency="Urgent"),
        await practice.recall(),
        await practice.recall(due_date=practice.due(-3)),
    ]
    await practice.pool.execute("update recalls set reason = $1 where id = $2", ODD, rows[3])
    await practice.pool.execute(
        "update patients set first_name = $1, last_name = $1 where id ="
        " (select patient_id from recalls where id = $2)",
        ODD,
        rows[4],
    )
    port = urlsplit(served.url).port
    assert port is not None
    ours = Ours(port, {practice.id: served.admin})
    places = await practice.pool.fetch("select due_date, id from recalls order by due_date, id")
    questions = [Question(practice.id, 2)]
    questions += [Question(practice.id, 2, (place["due_date"], place["id"])) for place in places]
    for question in questions:
        # when
        found, right = await native.fetch(question), await ours.fetch(question)
        # then
        assert found == right
    assert [len((await native.fetch(question)).page()["edges"]) for question in questions] == [
        *(2, 2, 2, 2),
        *(1, 0),
    ]


async def test_more_questions_than_connections_wait(served: Served, native: Server) -> None:
    # given
    await served.practice.many(30)
    question = Question(served.practice.id, 20)
    right = await native.fetch(question)
    # when
    found = await asyncio.gather(*(native.fetch(question) for _ in range(CONNECTIONS * 20)))
    # then
    assert found == [right] * (CONNECTIONS * 20)
    assert len(right.page()["edges"]) == 20


async def test_a_client_that_hangs_up_keeps_nobody_from_answers(
    served: Served, native: Server
) -> None:
    # given
    await served.practice.many(3)
    question = Question(served.practice.id, 3)
    # when
    for _ in range(CONNECTIONS * 5):
        _, writer = await asyncio.open_connection(HOST, native.port)
        writer.write(native.request(question))
        writer.transport.abort()
    # then
    assert len((await native.fetch(question)).page()["edges"]) == 3


async def test_requests_in_pieces_and_in_a_row_are_answered_in_order(native: Server) -> None:
    # given
    reader, writer = await asyncio.open_connection(HOST, native.port)
    whole = native.request(Question(1, 1)) + native.request(Question(1, 2))
    with closing(writer):
        # when
        for at in range(0, len(whole), 100):
            writer.write(whole[at : at + 100])
            await writer.drain()
        heads = [await _reply(reader) for _ in range(2)]
    # then
    assert [reply.page()["edges"] for reply in heads] == [[], []]


async def _reply(reader: asyncio.StreamReader) -> Reply:
    head = await reader.readuntil(b"\r\n\r\n")
    return Reply(int(head.split()[1]), await reader.readexactly(int(head.split()[-1])))


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /graphql HTTP/1.1\r\n\r\n",
        b"POST /other HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"x" * 16_384,
        posted("nonsense"),
        posted("{}"),
        posted('{"variables":{"first":1}}'),
        posted('{"variables":{"practice":1}}'),
        posted('{"variables":{"practice":1,"first":0}}'),
        posted('{"variables":{"practice":1,"first":1001}}'),
        posted('{"variables":{"practice":99999999999,"first":1}}'),
        posted('{"variables":{"practice":1.5,"first":1}}'),
        posted('{"variables":{"practice":1,"first":1}} '[:-2]),
        posted('{"variables":{"practice":1,"first":1}}x'),
        posted('{"variables":{"practice":1,"first":1,"filter":{"blocked":true}}}'),
        posted('{"variables":{"practice":1,"first":1,"before":null}}'),
        posted('{"operationName":null,"variables":{"practice":1,"first":1}}'),
        posted('{"variables":{"practice":1,"first":1,"after":""}}'),
        posted('{"variables":{"practice":1,"first":1,"after":"bm9uc2Vuc2U"}}'),
        posted('{"variables":{"practice":1,"first":1,"after":"cmVjYWxsc3wyMDI2LTEzLTQxfDE"}}'),
        posted(f'{{"variables":{{"practice":1,"first":1,"after":"{"A" * 400}"}}}}'),
    ],
    ids=[
        *("GET", "path", "chunked", "long head", "no JSON", "no variables", "no practice"),
        *("no first", "no rows", "too many rows", "large", "fraction", "unclosed", "more"),
        *("filter", "variable", "member", "empty cursor", "other cursor", "no date", "long cursor"),
    ],
)
async def test_what_it_does_not_understand_is_refused(native: Server, request_: bytes) -> None:
    # when, then
    assert await refused(native, request_)
    assert (await native.fetch(Question(1, 1))).status == 200
