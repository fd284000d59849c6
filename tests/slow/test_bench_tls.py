"""Tests of asking over TLS for the bench: by the asker and the proxy, nothing is lost or added."""

import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from bench.gateway import HOST, free_port
from bench.reading.ask import Asker, Figures, write_pages
from bench.reading.programs import TLS_HOST, build_tls_proxy, has_libssl
from bench.waiting import until
from dev.servers.certificate import make_certificate
from dev.servers.guard import Guarded
from tests.support.answering import Answer, Writer, answering, reply

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or not has_libssl(), reason="there is no C compiler, or no libssl 3"
)

BODIES = {b"a": b'{"data": "one"}', b"b": b"x" * 500_000}
"""Each page requested, and the body that must come back."""
Behind = Callable[[Answer], Awaitable[int]]


@pytest.fixture(scope="module")
async def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Asker, Path]:
    """The asker and the proxy."""
    folder = tmp_path_factory.mktemp("bench")
    return await Asker.build(folder, tls=True), await build_tls_proxy(folder)


@pytest.fixture
async def behind_tls(programs: tuple[Asker, Path], tmp_path: Path) -> AsyncIterator[Behind]:
    """Run a server behind the proxy; return the proxy's port."""
    async with AsyncExitStack() as stack:

        async def behind(answer: Answer) -> int:
            server, port = await stack.enter_async_context(answering(answer)), free_port()
            certificate, key = make_certificate(tmp_path, TLS_HOST)
            arguments = (str(port), str(server), str(certificate), str(key))
            command = (str(programs[1]), *arguments)
            process = await Guarded.start("proxy", command, log=tmp_path / "proxy.log")
            stack.push_async_callback(process.stop)
            trusting = ssl.create_default_context(cafile=certificate)

            async def answers() -> bool:
                connector = aiohttp.TCPConnector(ssl=trusting)
                async with aiohttp.ClientSession(connector=connector) as http:
                    try:
                        url = f"https://{HOST}:{port}/a"
                        async with http.get(url, server_hostname=TLS_HOST) as answered:
                            return answered.status == 200
                    except aiohttp.ClientConnectorError:
                        return False

            await until(answers, 10, "the proxy's start")
            return port

        yield behind


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    requests = [(b"POST /%b HTTP/1.1\r\n\r\n" % page, body) for page, body in BODIES.items()]
    return write_pages(tmp_path / "pages", requests)


async def ask(programs: tuple[Asker, Path], port: int, pages: Path) -> Figures:
    return await programs[0].ask(port, pages, connections=4, warm_up=0.1, seconds=0.3, tls=True)


async def right(page: bytes, writer: Writer) -> None:
    writer.write(reply(BODIES[page]))


async def test_small_and_large_replies_come_over_tls(
    programs: tuple[Asker, Path], behind_tls: Behind, pages: Path
) -> None:
    # given
    port = await behind_tls(right)
    # when
    found = await ask(programs, port, pages)
    # then
    assert (found.bad, found.first_bad) == (0, "")
    assert found.replies > 10


async def test_a_wrong_reply_over_tls_is_bad(
    programs: tuple[Asker, Path], behind_tls: Behind, pages: Path
) -> None:
    # given
    async def wrong(page: bytes, writer: Writer) -> None:
        writer.write(reply(BODIES[page] if page == b"a" else b"y" * 500_000))

    port = await behind_tls(wrong)
    # when
    found = await ask(programs, port, pages)
    # then
    assert found.first_bad == "another reply: status 200, 500000 bytes"
    assert found.replies > 3


async def test_a_connection_that_ends_is_bad_over_tls_too(
    programs: tuple[Asker, Path], behind_tls: Behind, pages: Path
) -> None:
    # given
    async def hang_up(page: bytes, writer: Writer) -> None:
        if page == b"b":
            writer.close()
        else:
            await right(page, writer)

    port = await behind_tls(hang_up)
    # when
    found = await ask(programs, port, pages)
    # then
    assert found.first_bad == "no reply that can be read: status 0, 0 bytes"
    assert found.bad > 3
    assert found.replies > 3


async def test_what_is_not_tls_is_dropped_and_others_go_on(
    programs: tuple[Asker, Path], behind_tls: Behind, pages: Path
) -> None:
    # given
    port = await behind_tls(right)
    # when
    plain = await programs[0].ask(port, pages, connections=2, warm_up=0, seconds=0.1)
    found = await ask(programs, port, pages)
    # then
    assert plain.replies == 0
    assert found.bad == 0
