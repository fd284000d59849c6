"""Tests of what a WebSocket's client may do, and of what ends the connection."""

import asyncio
import json
import logging
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from api.protocols import GREETING
from api.serving import OPTIONS
from core.identity import Role
from tests.support.operations import OPERATIONS, PROGRESS, SEND
from tests.support.practice import a_mobile
from tests.support.served import Served
from tests.support.simulated import until
from tests.support.watching import nobody_watches, revoke_all, somebody_watches

SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { name } }"}}
DEEP = 5_000


@pytest.fixture
async def run_id(served: Served) -> str:
    """A run of one message that no worker has started on."""
    recall = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
    run = await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    return str(run["id"])


def bearer(served: Served, role: Role = Role.ADMIN) -> dict[str, str]:
    return {"authorization": f"Bearer {served.tokens[role]}"}


async def said(opened: ClientConnection) -> Any:
    """Return the next message."""
    async with asyncio.timeout(10):
        return json.loads(await opened.recv())


async def end(opened: ClientConnection) -> tuple[int | None, str | None]:
    """Return the code and the reason with which the server closes."""
    async with asyncio.timeout(10):
        await opened.wait_closed()
    return opened.close_code, opened.close_reason


async def watch(opened: ClientConnection, run_id: str, key: str = "1") -> None:
    payload = {"query": PROGRESS, "variables": {"id": run_id}}
    await opened.send(json.dumps({"type": "subscribe", "id": key, "payload": payload}))


def troubles(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize("origin", [None, "{same}"])
async def test_a_page_of_our_own_and_a_client_that_isnt_a_page_may_connect(
    served: Served, origin: str | None
) -> None:
    # when
    own = origin and origin.format(same=served.url)
    async with served.socket(bearer(served), origin=own) as opened:
        # then
        assert (await said(opened))["type"] == "connection_ack"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "{same}0", "https://{host}.evil.example", "x"]
)
async def test_a_page_of_another_site_may_not_connect(served: Served, origin: str) -> None:
    # when
    host = served.url.removeprefix("http://")
    with pytest.raises(InvalidStatus) as refused:
        async with served.socket(None, origin=origin.format(same=served.url, host=host)):
            pass
    # then
    assert refused.value.response.status_code == 403


async def test_a_page_that_the_settings_name_may_connect(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("RECALLS_ORIGINS", "https://app.example, https://other.example:8443")
    async with served.again() as other:
        for origin in ("https://app.example", "https://other.example:8443"):
            # when
            async with other.socket(bearer(served), origin=origin) as opened:
                # then
                assert (await said(opened))["type"] == "connection_ack"


async def test_the_old_protocol_is_refused(served: Served) -> None:
    # when
    async with served.socket(None, greet=False, protocol="graphql-ws") as opened:
        # then
        assert (await end(opened))[0] == 4406


async def test_a_client_that_doesnt_authenticate_in_time_is_cut_off(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.sockets.INIT_SECONDS", 0.05)
    async with served.again() as other, other.socket(None, greet=False) as opened:
        # when
        code, _ = await end(opened)
    # then
    assert code == 4408


async def test_a_connection_that_is_idle_is_closed_and_one_that_watches_is_not(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.websocket.IDLE_SECONDS", 0.2)
    async with served.socket(bearer(served)) as watching:
        await watch(watching, run_id)  # at once, so that it is never idle
        assert [(await said(watching))["type"] for _ in range(2)] == ["connection_ack", "next"]
        async with served.socket(bearer(served)) as idle:
            # when
            code, _ = await end(idle)
        await watching.send(json.dumps({"type": "ping"}))
        # then
        assert code == 1000
        assert (await said(watching))["type"] == "pong"


async def test_a_connections_operations_in_progress_are_limited(
    served: Served, run_id: str
) -> None:
    # given twenty operations
    async with served.socket(bearer(served)) as opened:
        assert (await said(opened))["type"] == "connection_ack"
        for key in range(20):
            await watch(opened, run_id, str(key))
            assert (await said(opened))["type"] == "next"
        # when
        await watch(opened, run_id, "one too many")
        refused = await said(opened)
        await opened.send(json.dumps({"type": "complete", "id": "7"}))
        await watch(opened, run_id, "instead of another")
        taken = await said(opened)
    # then
    assert (refused["type"], refused["id"]) == ("error", "one too many")
    assert refused["payload"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 1}
    assert (taken["type"], taken["id"]) == ("next", "instead of another")


async def test_a_tokens_connections_are_limited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.streams.MAX_STREAMS", 2)
    async with served.operations() as one, served.operations():
        # when
        async with served.socket(bearer(served)) as opened:
            code, _ = await end(opened)
        # then
        assert code == 4429
        # but there is room for another token's, and for one more once one has closed
        async with served.operations(served.tokens[Role.RECEPTIONIST]):
            await one.close()
        async with served.operations():
            pass


async def test_a_message_that_is_too_large_closes_the_connection(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    async with served.socket(bearer(served)) as opened:
        assert (await said(opened))["type"] == "connection_ack"
        # when
        await opened.send(json.dumps({"type": "ping", "payload": {"x": "x" * 2**20}}))
        code, _ = await end(opened)
    # then
    assert code == 1009
    assert troubles(caplog) == []


JUNK: list[str | bytes] = [
    b"\x00\xff",
    "",
    "{",
    "\x00",
    "[" * DEEP,
    '{"type": "ping", "payload": ' + '{"a":' * DEEP,
    *(
        json.dumps(message)
        for message in (
            None,
            5,
            "ping",
            [],
            [SUBSCRIBE],
            {},
            {"type": None},
            {"type": 5},
            {"type": ["ping"]},
            {"type": "x" * 1000},
            {"type": "start", "id": "1", "payload": {"query": "{ __typename }"}},
            {"type": "connection_ack"},
            {"type": "ping", "payload": 5},
            {"type": "connection_init", "payload": "x"},
            {"type": "complete"},
            {"type": "complete", "id": {}},
            {"type": "subscribe"},
            {"type": "subscribe", "id": "1"},
            SUBSCRIBE | {"id": 5},
            SUBSCRIBE | {"id": []},
            SUBSCRIBE | {"id": ""},
            SUBSCRIBE | {"id": "é" * 201},
            SUBSCRIBE | {"payload": None},
            SUBSCRIBE | {"payload": "{ __typename }"},
            SUBSCRIBE | {"payload": {}},
            SUBSCRIBE | {"payload": {"query": 5}},
            SUBSCRIBE | {"payload": {"query": ["{ __typename }"]}},
            SUBSCRIBE | {"payload": {"query": "{ __typename }", "variables": []}},
            SUBSCRIBE | {"payload": {"query": "{ __typename }", "operationName": {}}},
            SUBSCRIBE | {"payload": {"query": "{ __typename }", "extensions": "x"}},
        )
    ),
]


async def test_an_invalid_message_closes_the_connection_without_a_warning(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    for junk in JUNK:
        for greeted in (True, False):
            # given
            async with served.socket(bearer(served), greet=greeted) as opened:
                if greeted:
                    assert (await said(opened))["type"] == "connection_ack"
                # when
                await opened.send(junk)
                code, _ = await end(opened)
            # then
            too_long = len(junk) > (OPTIONS["ws_max_size"] if greeted else GREETING)
            assert code == (1009 if too_long else 4400), junk[:100]
    assert troubles(caplog) == []


async def test_text_that_isnt_utf_8_closes_the_connection_without_a_warning(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    async with served.socket(bearer(served)) as opened:
        assert (await said(opened))["type"] == "connection_ack"
        # when
        await opened.send(b"\xff\xfe", text=True)
        code, _ = await end(opened)
    # then
    assert code == 1007
    assert troubles(caplog) == []


async def test_a_client_that_authenticates_twice_is_cut_off(served: Served) -> None:
    # given
    async with served.socket(bearer(served)) as opened:
        assert (await said(opened))["type"] == "connection_ack"
        # when
        await opened.send(json.dumps({"type": "connection_init", "payload": bearer(served)}))
        # then
        assert (await end(opened))[0] == 4429


async def test_an_id_in_use_closes_the_connection(
    served: Served, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    # given an id that is longer than a close reason may be
    async with served.socket(bearer(served)) as opened:
        key = "é" * 200
        await watch(opened, run_id, key)
        # when
        await watch(opened, run_id, key)
        code, _ = await end(opened)
    # then
    assert code == 4409
    assert troubles(caplog) == []


async def test_an_operation_that_cant_be_run_gets_its_code_and_the_connection_stays_open(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    async with served.operations() as operations:
        for document in ("", "{", f"{{ {'x' * 1000}", "{ nope }", "query A { a } query B { b }"):
            # when
            [answer] = await operations.all(document)
            # then
            assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]
        [answer] = await operations.all(OPERATIONS["viewer"])
    assert answer["data"]["viewer"]["name"] == "Admin"
    assert troubles(caplog) == []


async def test_a_connection_that_watches_is_closed_when_its_token_is_revoked(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a run without news
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    async with served.socket(bearer(served)) as opened:
        await watch(opened, run_id)
        await until(somebody_watches)
        # when
        await revoke_all(served)
        code, _ = await end(opened)
    # then
    assert code == 4403
    await until(nobody_watches)


async def test_a_client_that_hangs_up_is_no_longer_worked_for(
    served: Served, run_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    for abruptly in (False, True):
        # given
        async with served.socket(bearer(served)) as opened:
            await watch(opened, run_id)
            await until(somebody_watches)
            # when
            if abruptly:
                opened.transport.abort()
        # then
        await until(nobody_watches)
    assert troubles(caplog) == []


async def test_a_client_that_stops_watching_is_no_longer_worked_for(
    served: Served, run_id: str
) -> None:
    # given
    async with served.socket(bearer(served)) as opened:
        await watch(opened, run_id)
        await until(somebody_watches)
        # when
        await opened.send(json.dumps({"type": "complete", "id": "1"}))
        # then
        await until(nobody_watches)


async def test_a_bug_closes_the_connection_and_is_logged_masked(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given that even the token can't be looked up
    await served.practice.pool.execute("alter table access_tokens rename to away")
    # when
    async with served.socket(bearer(served)) as opened:
        closed = await end(opened)
    # then
    assert closed == (1011, "Internal error")
    [trouble] = troubles(caplog)
    assert "UndefinedTableError" in trouble
    assert "access_tokens" not in trouble


async def test_the_url_of_a_websocket_is_not_logged(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    caplog.set_level(logging.INFO)
    # when
    async with served.operations():
        pass
    # then
    assert "/graphql" not in caplog.text
