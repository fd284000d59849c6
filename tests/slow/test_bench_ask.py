"""Tests of the program that requests pages for the bench: only the expected reply is good."""

import asyncio
import shutil
from pathlib import Path

import pytest

from bench.reading.ask import Asker, Figures, write_pages
from tests.support.answering import Answer, Writer, answering, reply

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")

BODIES = {b"a": b'{"data": "one"}', b"b": b'{"data": "two"}', b"c": b"x" * 200_000}
"""Each page requested, and the body that must come back."""


@pytest.fixture(scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    return await Asker.build(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    requests = [(b"POST /%b HTTP/1.1\r\n\r\n" % page, body) for page, body in BODIES.items()]
    return write_pages(tmp_path / "pages", requests)


async def ask(asker: Asker, answer: Answer, pages: Path, *, connections: int = 4) -> Figures:
    async with answering(answer) as port:
        return await asker.ask(port, pages, connections=connections, warm_up=0.1, seconds=0.3)


async def right(page: bytes, writer: Writer) -> None:
    writer.write(reply(BODIES[page]))


async def test_right_replies_are_all_good(asker: Asker, pages: Path) -> None:
    # when
    found = await ask(asker, right, pages)
    # then
    assert (found.bad, found.first_bad) == (0, "")
    assert found.replies > 10
    assert found.rate == pytest.approx(found.replies / 0.3, abs=0.1)
    assert 0 < found.p50 <= found.p99


async def test_a_reply_in_pieces_is_good(asker: Asker, pages: Path) -> None:
    # given
    async def in_pieces(page: bytes, writer: Writer) -> None:
        whole = reply(BODIES[page])
        for piece in (whole[:5], whole[5:30], whole[30:44], whole[44:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)

    # when
    found = await ask(asker, in_pieces, pages)
    # then
    assert (found.bad, found.first_bad) == (0, "")
    assert found.replies > 10


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (reply(BODIES[b"b"].replace(b"w", b"v")), "another reply: status 200, 15 bytes"),
        (reply(BODIES[b"b"] + b" "), "another reply: status 200, 16 bytes"),
        (reply(BODIES[b"b"][:-1]), "another reply: status 200, 14 bytes"),
        (reply(BODIES[b"a"]), "another reply: status 200, 15 bytes"),
        (reply(BODIES[b"b"], b"500 Oops"), "another reply: status 500, 15 bytes"),
        (reply(BODIES[b"b"]) + b"!", "no reply that can be read: status 200, 0 bytes"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "no reply that can be read: status 0, 0 bytes"),
        (b"x" * 5000, "no reply that can be read: status 0, 0 bytes"),
    ],
    ids=["letter", "longer", "shorter", "other page", "status", "more", "no length", "no HTTP"],
)
async def test_any_other_reply_is_bad(asker: Asker, pages: Path, wrong: bytes, what: str) -> None:
    # given a server that gets one page of three wrong
    async def answer(page: bytes, writer: Writer) -> None:
        writer.write(wrong if page == b"b" else reply(BODIES[page]))

    # when
    found = await ask(asker, answer, pages)
    # then
    assert found.first_bad == what
    assert found.bad > 3
    assert found.replies > 3


async def test_one_wrong_reply_among_many_is_reported(asker: Asker, pages: Path) -> None:
    # given
    asked = 0

    async def wrong_once(page: bytes, writer: Writer) -> None:
        nonlocal asked
        asked += 1
        writer.write(reply(BODIES[page] if asked != 20 else b"wrong"))

    # when
    found = await ask(asker, wrong_once, pages)
    # then
    assert (found.bad, found.first_bad) == (1, "another reply: status 200, 5 bytes")


async def test_a_connection_that_ends_is_bad(asker: Asker, pages: Path) -> None:
    # given
    async def hang_up(page: bytes, writer: Writer) -> None:
        if page == b"b":
            writer.close()
        else:
            await right(page, writer)

    # when
    found = await ask(asker, hang_up, pages)
    # then
    assert found.bad > 3
    assert found.first_bad == "no reply that can be read: status 0, 0 bytes"
    assert found.replies > 3


async def test_a_reply_that_never_comes_is_bad(asker: Asker, pages: Path) -> None:
    # given
    async def silent(page: bytes, writer: Writer) -> None:
        if page != b"b":
            await right(page, writer)

    # when
    found = await ask(asker, silent, pages, connections=2)
    # then
    assert (found.bad, found.first_bad) == (2, "no reply: status 0, 0 bytes")
