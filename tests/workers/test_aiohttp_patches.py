"""Tests of what we override in aiohttp, and that it still has no other way to do it."""

import aiohttp
import pytest

from tests.support.raw_gateway import raw_gateway, until
from workers.aiohttp_patches import TimelyForm
from workers.clock import Deadline


def test_aiohttp_still_has_no_signal_right_before_the_first_byte() -> None:
    # when
    signals = {name for name in dir(aiohttp.TraceConfig) if name.startswith("on_request")}
    # then
    assert signals == {
        "on_request_start",
        "on_request_headers_sent",  # they wait in a buffer, and other tasks run before it is sent
        "on_request_chunk_sent",  # by then it is sent
        "on_request_redirect",
        "on_request_end",
        "on_request_exception",
    }, "It has others now: look whether TimelyForm can go"


async def test_aiohttp_still_writes_nothing_before_it_asks_the_form() -> None:
    # given
    form = TimelyForm(b"Body=Hello", Deadline(-1))
    # when
    async with raw_gateway() as server:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.post(server.url, data=form)
        # then
        await until(lambda: server.connections == 1 and server.open == 0)
        assert (server.received, form.written) == (b"", False)


async def test_a_form_is_written_before_its_deadline() -> None:
    # given
    form = TimelyForm(b"Body=Hello", Deadline(5))
    # when
    async with raw_gateway() as server, aiohttp.ClientSession() as session:
        async with session.post(server.url, data=form) as answer:
            # then
            assert answer.ok
        assert form.written
        assert server.requests[0].endswith(b"Body=Hello")
