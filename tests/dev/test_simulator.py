"""Tests of the gateway simulator over real HTTP: Twilio's API, the view inside, and the process."""

import asyncio
import re
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from click.testing import CliRunner

from dev.simulator.__main__ import main
from dev.simulator.loopback import is_loopback_url
from dev.simulator.store import Store, StoredMessage
from tests.support.simulated import AUTH, FORM, FROM, MESSAGES, TO, get, inbox, post, simulator


async def test_an_accepted_message_is_answered_as_twilio_does() -> None:
    # given
    async with simulator(receipt_delay_ms=60_000) as client:
        # when
        status, answer = await post(client)
        # then
        assert status == 201
        assert re.fullmatch("SM[0-9a-f]{32}", answer["sid"])
        told = {name: answer[name] for name in ("account_sid", "to", "from", "body", "status")}
        assert told == {
            "account_sid": "AC1",
            "to": TO,
            "from": FROM,
            "body": FORM["Body"],
            "status": "queued",
        }
        assert datetime.strptime(answer["date_created"], "%a, %d %b %Y %H:%M:%S %z")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "0491570156"}, 21211),
        ({"To": "+61 491 570 156"}, 21211),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "an hour"}, 21624),
        ({"StatusCallback": "http://203.0.113.7/receipts"}, 21609),
        ({"StatusCallback": "https://recalls.example/receipts"}, 21609),
    ],
)
async def test_a_wrong_request_is_refused_and_not_kept(changes: dict[str, str], code: int) -> None:
    # given
    async with simulator() as client:
        # when
        status, answer = await post(client, **changes)
        # then
        assert (status, answer["status"], answer["code"]) == (400, 400, code)
        assert await get(client, "/messages") == []


async def test_a_wrong_token_is_refused() -> None:
    # given
    headers = {"Authorization": aiohttp.encode_basic_auth("AC1", "guess")}
    async with simulator() as client:
        # when
        async with client.post(MESSAGES, data=FORM, headers=headers) as answer:
            told = await answer.json()
        # then
        assert (answer.status, told["code"]) == (401, 20003)


async def test_a_message_is_shown_with_its_validity() -> None:
    # given
    async with simulator() as client:
        await post(client)
        await post(client, ValidityPeriod="3600")
        # when
        newest, oldest = await get(client, "/messages")
        # then
        assert (newest["validity"], oldest["validity"]) == (3600, None)


async def test_messages_are_shown_newest_first_with_their_reference() -> None:
    # given
    async with inbox() as receipts, simulator() as client:
        await post(client, Body="first")
        _, answer = await post(client, Body="second", StatusCallback=receipts.url)
        # when
        newest, oldest = await get(client, "/messages")
        (only,) = await get(client, "/messages?limit=1")
        # then
        assert (newest["sid"], newest["to"]) == (answer["sid"], TO)
        assert (newest["body"], oldest["body"], only["body"]) == ("second", "first", "second")
        assert (newest["reference"], oldest["reference"]) == (str(UUID(int=7)), None)
        assert datetime.fromisoformat(newest["time"]).utcoffset() == timedelta(0)


@pytest.mark.parametrize("number", [TO, TO.replace("+", "%2B"), TO.replace("+", "%20")])
async def test_messages_can_be_filtered_by_number(number: str) -> None:
    # given
    async with simulator() as client:
        await post(client)
        await post(client, To=TO + "1")
        # when
        found = await get(client, f"/messages?to={number}")
        # then
        assert [message["to"] for message in found] == [TO]


async def test_messages_can_be_cleared() -> None:
    # given
    async with simulator() as client:
        await post(client)
        # when
        async with client.delete("/messages", raise_for_status=True):
            left = await get(client, "/messages")
        # then
        assert left == []


async def test_the_list_is_paged_and_filtered_like_twilios() -> None:
    # given
    async with simulator() as client:
        for body in ("1", "2", "3"):
            await post(client, Body=body)
        await post(client, To=TO + "1")
        # when
        first = await get(client, f"{MESSAGES}?To=%2B{TO[1:]}&PageSize=2")
        second = await get(client, first["next_page_uri"])
        # then
        assert [[kept["body"] for kept in page["messages"]] for page in (first, second)] == [
            ["3", "2"],
            ["1"],
        ]
        assert (second["page"], second["next_page_uri"]) == (1, None)


async def test_a_message_is_found_by_its_sid() -> None:
    # given
    async with simulator() as client:
        _, answer = await post(client)
        # when
        found = await get(client, answer["uri"])
        async with client.get(answer["uri"].replace("/SM", "/SM0")) as missing:
            problem = await missing.json()
        # then
        assert (found["sid"], found["body"]) == (answer["sid"], FORM["Body"])
        assert (missing.status, problem["code"]) == (404, 20404)


def test_the_oldest_message_is_forgotten_when_there_is_no_room() -> None:
    # given
    store = Store(capacity=2)
    messages = [StoredMessage("AC1", TO, FROM, None, body, None, None) for body in ("1", "2", "3")]
    # when
    for message in messages:
        store.add(message)
    # then
    assert list(store.newest()) == messages[:0:-1]
    assert store.get(messages[0].sid) is None


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000/receipts", True),
        ("https://localhost/receipts", True),
        ("http://[::1]:8000/", True),
        ("http://127.0.0.1.example/", False),
        ("http://127.0.0.1@203.0.113.7/", False),
        ("http://0.0.0.0/", False),
        ("ftp://127.0.0.1/", False),
        ("http://127.0.0.1:port/", False),
        ("/receipts", False),
    ],
)
def test_only_this_machine_counts_as_loopback(url: str, loopback: bool) -> None:
    # when
    verdict = is_loopback_url(url)
    # then
    assert verdict is loopback


async def test_the_page_may_call_no_other_host() -> None:
    # given
    async with simulator() as client:
        # when
        async with client.get("/") as answer:
            page = await answer.text()
        # then
        assert answer.content_type == "text/html"
        assert "default-src 'none'; connect-src 'self'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"(https?:)?//\w+\.", page)


async def test_the_simulator_runs_as_a_process_and_ends_when_told() -> None:
    # given
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "dev.simulator", "--port", "0", "--auth-token", "token"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        assert line.startswith("listening on http://127.0.0.1:")
        # when
        async with aiohttp.ClientSession(line.split()[-1], headers=AUTH) as client:
            status, _ = await post(client)
        process.send_signal(signal.SIGTERM)
        # then
        assert status == 201
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_the_simulator_listens_on_this_machine_only() -> None:
    # when
    result = CliRunner().invoke(main, ["--host", "0.0.0.0", "--port", "0"])  # noqa: S104
    # then
    assert result.exit_code == 2
    assert "this machine only" in result.output
