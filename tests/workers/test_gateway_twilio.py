"""Tests of the Twilio adapter over real sockets: how a send ends, no byte past its deadline."""

import asyncio
import signal
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest

from tests.support.raw_gateway import MESSAGE, TAKEN, http, raw_gateway, soon, twilio, until
from workers.clock import Deadline, since_boot
from workers.gateway.protocol import Accepted, NotTaken, Outcome, Refused, Unknown


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (TAKEN, Accepted("SM1")),
        (http(400, b'{"code": 21211, "message": "no"}'), Refused("21211")),
        (http(400, b'{"code": 21610}'), Refused("21610", opted_out=True)),
        (http(403, b'{"code": 21408}'), Refused("21408")),
        (http(429, b"", "Retry-After: 7"), NotTaken(7)),
        (http(429, b'{"code": 20429}'), NotTaken(None)),
        (http(503, b"", "Retry-After: 0"), NotTaken(0)),
        (http(503, b"", "Retry-After: 9999999"), NotTaken(3600)),
        (http(503, b"", "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT"), NotTaken(0)),
        (http(503, b"", "Retry-After: whenever"), NotTaken(None)),
        (http(503, b'{"code": 20503}'), NotTaken(None)),
        (http(503), Unknown()),
        (http(503, b"upstream connect error or disconnect/reset before headers"), Unknown()),
        (http(503, b'{"code": "overloaded"}'), Unknown()),
        (http(201, b"<html>"), Unknown()),
        (http(201, b'{"status": "queued"}'), Unknown()),
        (http(201, b'{"sid": 5}'), Unknown()),
        (http(302, b"", "Location: /elsewhere"), Unknown()),
        (http(500, b'{"code": 20500}'), Unknown()),
        (http(502), Unknown()),
        (http(504), Unknown()),
    ],
)
async def test_each_answer_leads_to_its_outcome(reply: bytes, outcome: Outcome) -> None:
    # given
    async with raw_gateway(reply) as server, twilio(server.url) as gateway:
        # when
        result = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert result == outcome
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "setting"),
    [
        (http(401, b"who are you?"), "RECALLS_GATEWAY_ACCOUNT and _TOKEN"),
        (http(401, b'{"code": 20003}'), "RECALLS_GATEWAY_ACCOUNT and _TOKEN"),
        (http(403, b"<html>"), "RECALLS_GATEWAY_ACCOUNT and _TOKEN"),
        (http(404, b'{"code": 20404}'), "RECALLS_GATEWAY_ACCOUNT and _TOKEN"),
        (http(400, b'{"code": 21606}'), "RECALLS_GATEWAY_SENDER"),
        (http(400, b'{"code": 21703}'), "RECALLS_GATEWAY_SENDER"),
        (http(400, b'{"code": 21609}'), "RECALLS_RECEIPTS_URL"),
        (http(400, b'{"code": 21611}'), "RECALLS_GATEWAY_RATE"),
        (http(429, b'{"code": 21611}'), "RECALLS_GATEWAY_RATE"),
        (http(404, b"no such page"), "RECALLS_GATEWAY_URL"),
        (http(404, b'["not an object"]'), "RECALLS_GATEWAY_URL"),
        (http(407), "RECALLS_GATEWAY_URL"),
        (http(408), "RECALLS_GATEWAY_URL"),
        (http(409), "RECALLS_GATEWAY_URL"),
        (http(425), "RECALLS_GATEWAY_URL"),
    ],
)
async def test_an_error_that_only_a_setting_can_fix_loses_no_message_and_names_the_setting(
    reply: bytes, setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    async with raw_gateway(reply) as server, twilio(server.url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert outcome == NotTaken(60)
        [logged] = caplog.records
        assert logged.levelname == "ERROR"
        assert logged.message.endswith(f"check {setting}")


async def test_a_gateway_whose_queue_is_full_is_left_alone_as_long_as_it_asks() -> None:
    # given
    reply = http(429, b'{"code": 21611}', "Retry-After: 600")
    async with raw_gateway(reply) as server, twilio(server.url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert outcome == NotTaken(600)


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("reply", [b"", TAKEN[:20], TAKEN[:-3], http(400, b"{}")[:-1]])
async def test_an_answer_cut_short_leaves_the_outcome_unknown(reply: bytes, ending: str) -> None:
    # given
    async with raw_gateway(reply, ending) as server, twilio(server.url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert outcome == Unknown()
        assert len(server.requests) == 1


async def test_no_answer_in_time_leaves_the_outcome_unknown() -> None:
    # given
    async with raw_gateway() as server, twilio(server.url, timeout=0.1) as gateway:
        server.may_answer.clear()
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert outcome == Unknown()


async def test_a_retry_after_date_is_turned_into_seconds() -> None:
    # given
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    reply = http(429, b"", f"Retry-After: {date}")
    async with raw_gateway(reply) as server, twilio(server.url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert isinstance(outcome, NotTaken)
        assert 55 < (outcome.retry_after or 0) <= 60


async def test_a_refused_connection_takes_nothing() -> None:
    # given
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    async with twilio(url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon())
        # then
        assert outcome == NotTaken()


async def test_a_connection_not_made_in_time_takes_nothing() -> None:
    # given
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        # With its backlog full, the kernel drops further connections.
        with socket.create_connection(address):
            async with twilio(f"http://127.0.0.1:{address[1]}", timeout=0.1) as gateway:
                # when
                outcome = await gateway.send(MESSAGE, deadline=soon())
                # then
                assert outcome == NotTaken()


async def test_the_request_is_twilios_form() -> None:
    # given
    receipts = "https://recalls.example/receipts"
    options = {"receipts_url": receipts, "validity": 3600}
    async with raw_gateway() as server, twilio(server.url, **options) as gateway:
        # when
        await gateway.send(MESSAGE, deadline=soon())
        # then
        head, body = server.requests[0].decode().split("\r\n\r\n")
        assert head.startswith("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n")
        assert f"Authorization: {aiohttp.encode_basic_auth('AC1', 'token')}" in head
        assert dict(parse_qsl(body)) == {
            "To": MESSAGE.to,
            "From": "+61400000000",
            "Body": MESSAGE.body,
            "ValidityPeriod": "3600",
            "StatusCallback": f"{receipts}?reference={MESSAGE.reference}",
        }


async def test_a_messaging_service_sends_under_its_own_field() -> None:
    # given
    async with raw_gateway() as server, twilio(server.url, sender="MG1") as gateway:
        # when
        await gateway.send(MESSAGE, deadline=soon())
        # then
        form = dict(parse_qsl(server.requests[0].decode().split("\r\n\r\n")[1]))
        assert form == {"To": MESSAGE.to, "Body": MESSAGE.body, "MessagingServiceSid": "MG1"}


async def test_a_deadline_in_the_past_opens_no_connection() -> None:
    # given
    async with raw_gateway() as server, twilio(server.url) as gateway:
        # when
        outcome = await gateway.send(MESSAGE, deadline=soon(0))
        # then
        assert outcome == NotTaken()
        assert server.connections == 0


async def test_a_deadline_passing_while_waiting_for_a_connection_takes_nothing() -> None:
    # given a gateway whose one connection is taken until after the deadline
    async with raw_gateway() as server, twilio(server.url, connections=1) as gateway:
        server.may_answer.clear()
        first = asyncio.create_task(gateway.send(MESSAGE, deadline=soon()))
        await until(lambda: len(server.requests) == 1)
        deadline = soon(0.05)
        second = asyncio.create_task(gateway.send(MESSAGE, deadline=deadline))
        # when
        await until(lambda: deadline.is_over)
        server.may_answer.set()
        # then
        assert await first == Accepted("SM1")
        assert await second == NotTaken()
        assert len(server.requests) == 1


async def test_waiting_for_a_connection_ends_with_the_timeout() -> None:
    # given
    async with raw_gateway() as server, twilio(server.url, connections=1, timeout=0.2) as gateway:
        server.may_answer.clear()
        first = asyncio.create_task(gateway.send(MESSAGE, deadline=soon()))
        await until(lambda: len(server.requests) == 1)
        # when
        async with asyncio.timeout(2):
            second = await gateway.send(MESSAGE, deadline=soon())
            await first
        # then none of it was written, or it got the connection that the first one gave up
        assert second == (NotTaken() if len(server.requests) == 1 else Unknown())


@pytest.mark.parametrize("pooled", [False, True])
async def test_nothing_is_written_when_the_deadline_passes_once_connected(
    pooled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a process frozen between getting its connection and writing to it
    async with raw_gateway() as server, twilio(server.url, connections=1) as gateway:
        if pooled:
            await gateway.send(MESSAGE, deadline=soon())
        before = server.received
        deadline = soon(0.2)
        connect = aiohttp.TCPConnector.connect

        async def connect_then_freeze(*args: Any, **options: Any) -> Any:
            connection = await connect(*args, **options)
            freeze_past(deadline)
            return connection

        # when
        with monkeypatch.context() as patch:
            patch.setattr(aiohttp.TCPConnector, "connect", connect_then_freeze)
            outcome = await gateway.send(MESSAGE, deadline=deadline)
        # then the connection is closed unused, and its place in the pool is free again
        assert outcome == NotTaken()
        await until(lambda: server.connections == 1 and server.open == 0)
        assert server.received == before
        assert await gateway.send(MESSAGE, deadline=soon()) == Accepted("SM1")


@pytest.mark.parametrize("clock", ["boot", "wall"])
async def test_nothing_is_written_when_the_machine_was_paused_once_connected(
    clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a machine on which only one clock shows, when it goes on, that an hour has passed
    hours = {"boot": 0, "wall": 0}
    deadline = Deadline(
        5,
        boot=lambda: since_boot() + 3600 * hours["boot"],
        wall=lambda: time.time() + 3600 * hours["wall"],
    )
    connect = aiohttp.TCPConnector.connect

    async def connect_then_pause(*args: Any, **options: Any) -> Any:
        connection = await connect(*args, **options)
        hours[clock] += 1
        return connection

    async with raw_gateway() as server, twilio(server.url) as gateway:
        # when
        monkeypatch.setattr(aiohttp.TCPConnector, "connect", connect_then_pause)
        outcome = await gateway.send(MESSAGE, deadline=deadline)
        # then
        assert outcome == NotTaken()
        await until(lambda: server.connections == 1 and server.open == 0)
        assert server.received == b""


def freeze_past(deadline: Deadline) -> None:
    while not deadline.is_over:
        time.sleep(0.01)


SENDER_PROCESS = """
import asyncio, sys
from uuid import UUID
from workers.clock import Deadline
from workers.gateway.protocol import Message
from workers.gateway.twilio import TwilioGateway

async def main():
    gateway = TwilioGateway(sys.argv[1], "AC1", "token", sender="+61400000000",
                            receipts_url=None, connections=1)
    message = Message(str(UUID(int=0)), "+61491570156", "Hello")
    deadline = Deadline(1)
    print("begun", flush=True)
    first, second = await asyncio.gather(gateway.send(message, deadline=deadline),
                                         gateway.send(message, deadline=deadline))
    print(type(first).__name__, type(second).__name__)
    await gateway.close()

asyncio.run(main())
"""


async def test_a_process_stopped_until_after_the_deadline_sends_nothing_more() -> None:
    # given one request on its way and another waiting for the only connection
    async with raw_gateway() as server:
        server.may_answer.clear()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", SENDER_PROCESS, server.url),
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"begun\n"
            deadline = soon(1)  # a little later than the process's own
            await until(lambda: len(server.requests) == 1)
            # when
            process.send_signal(signal.SIGSTOP)
            await until(lambda: deadline.is_over)
            server.may_answer.set()
            process.send_signal(signal.SIGCONT)
            outcomes = await process.stdout.readline()
            # then
            assert outcomes.split() == [b"Accepted", b"NotTaken"]
            assert len(server.requests) == 1
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def test_cancelling_a_send_is_not_swallowed() -> None:
    # given
    async with raw_gateway() as server, twilio(server.url) as gateway:
        server.may_answer.clear()
        sending = asyncio.create_task(gateway.send(MESSAGE, deadline=soon()))
        await until(lambda: len(server.requests) == 1)
        # when
        sending.cancel()
        # then
        with pytest.raises(asyncio.CancelledError):
            await sending


def test_a_message_shows_neither_number_nor_text() -> None:
    # when
    shown = repr(MESSAGE)
    # then
    assert MESSAGE.to not in shown
    assert MESSAGE.body not in shown
