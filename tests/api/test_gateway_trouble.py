"""Tests of what becomes of a message when the gateway is slow, busy, down or says no."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tests.support.operations import OPERATIONS, SEND
from tests.support.practice import MOBILE, a_practice
from tests.support.served import Served
from tests.support.simulated import listening


@pytest.fixture
async def queued(served: Served) -> int:
    """A recall whose message was accepted but not yet handed over."""
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="queued")
    return recall


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that waits a fifth of a second for an answer."""
    monkeypatch.setenv("RECALLS_GATEWAY_TIMEOUT", "0.2")


async def attempt(served: Served) -> tuple[str, str | None]:
    """Return the state and the failure of the newest run's only attempt."""
    run = (await served.query(OPERATIONS["runs"]))["nodes"][0]
    [edge] = run["attempts"]["edges"]
    return edge["node"]["state"], edge["node"]["failure"]


@pytest.mark.usefixtures("impatient")
async def test_a_message_without_an_answer_is_unknown_and_not_sent_again(
    served: Served, queued: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a gateway that takes the message, never says so, and has no list of messages
    monkeypatch.setenv("RECALLS_GATEWAY_LOOKUP", "false")
    await served.misbehave(accept_then_hang=1.0, drop_receipts=1.0)
    await served.work()
    await served.misbehave(accept_then_hang=0.0)
    # when
    await served.practice.retry_now()
    await served.work()
    # then
    assert await attempt(served) == ("UNKNOWN", None)
    assert len(await served.got(MOBILE)) == 1
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (run["state"], run["unknown"]) == ("FINISHED", 1)
    answer = await served.call(SEND, recallIds=[f"Recall:{queued}"], idempotencyKey="again")
    assert answer["__typename"] == "NothingToSend"


@pytest.mark.usefixtures("impatient", "queued")
async def test_a_later_receipt_settles_an_unknown_message(served: Served) -> None:
    # given
    await served.misbehave(accept_then_hang=1.0, drop_receipts=1.0)
    await served.work()
    [message] = await served.got(MOBILE)
    # when
    status = await served.receipt(
        message["reference"], MessageSid=message["sid"], MessageStatus="delivered"
    )
    # then
    assert status == 204
    assert await attempt(served) == ("DELIVERED", None)


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("trouble", ["unavailable", "rate_limited"])
async def test_a_message_that_a_busy_gateway_did_not_take_is_sent_later_and_once(
    served: Served, trouble: str
) -> None:
    # given
    await served.misbehave(**{trouble: 1.0, "retry_after": 0})
    await served.work()
    assert await attempt(served) == ("QUEUED", None)
    await served.misbehave(**{trouble: 0.0, "drop_receipts": 1.0})
    # when
    await served.practice.retry_now()
    await served.work()
    # then
    assert await attempt(served) == ("SENT", None)
    assert len(await served.got(MOBILE)) == 1


@pytest.mark.usefixtures("queued")
async def test_a_message_waits_at_the_gateway_no_longer_than_the_settings_say(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("RECALLS_GATEWAY_VALIDITY", "3600")
    # when
    await served.work()
    # then
    assert [message["validity"] for message in await served.got(MOBILE)] == [3600]


@asynccontextmanager
async def intermediary(gateway: aiohttp.ClientSession, **headers: str) -> AsyncIterator[str]:
    """Run a proxy that passes messages on to the gateway, and answers 503 whatever it says."""

    async def forward(request: web.Request) -> web.Response:
        form = dict(await request.post())
        async with gateway.post(request.path, data=form) as answer:
            assert answer.status == 201
        return web.Response(status=503, text="upstream connect error", headers=headers)

    app = web.Application()
    app.router.add_post("/{path:.*}", forward)
    async with listening(web.AppRunner(app)) as url:
        yield url


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize(
    ("headers", "becomes"), [({}, "UNKNOWN"), ({"Retry-After": "0"}, "QUEUED")]
)
async def test_a_message_that_was_taken_although_an_intermediary_denied_it_is_sent_once(
    served: Served, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], becomes: str
) -> None:
    # given
    await served.misbehave(drop_receipts=1.0)
    async with intermediary(served.gateway, **headers) as url:
        with monkeypatch.context() as proxied:
            proxied.setenv("RECALLS_GATEWAY_URL", url)
            await served.work()
    assert await attempt(served) == (becomes, None)
    [message] = await served.got(MOBILE)
    # when
    await served.receipt(message["reference"], MessageSid=message["sid"], MessageStatus="delivered")
    await served.practice.retry_now()
    await served.work()
    # then
    assert await attempt(served) == ("DELIVERED", None)
    assert len(await served.got(MOBILE)) == 1
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (run["state"], run["sent"]) == ("FINISHED", 1)


@pytest.mark.usefixtures("queued")
async def test_a_gateway_that_asks_to_be_left_alone_is(served: Served) -> None:
    # given
    await served.misbehave(unavailable=1.0, retry_after=60)
    await served.work()
    await served.misbehave(unavailable=0.0)
    # when
    await served.work()
    # then
    assert await attempt(served) == ("QUEUED", None)
    assert await served.got(MOBILE) == []


@pytest.mark.usefixtures("queued")
async def test_a_message_that_the_gateway_rejects_fails_with_its_code(served: Served) -> None:
    # given
    await served.misbehave(reject=1.0, reject_code=21211)
    # when
    await served.work()
    # then
    assert await attempt(served) == ("FAILED", "21211")


@pytest.mark.usefixtures("queued")
async def test_a_sender_that_is_not_the_accounts_loses_no_message(served: Served) -> None:
    # given
    await served.misbehave(reject=1.0, reject_code=21606)
    # when
    await served.work()
    # then
    assert await attempt(served) == ("QUEUED", None)


@pytest.mark.usefixtures("queued")
async def test_a_message_waits_for_a_gateway_that_is_down(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    with monkeypatch.context() as down, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        down.setenv("RECALLS_GATEWAY_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        await served.work()
    assert await attempt(served) == ("QUEUED", None)
    await served.misbehave(drop_receipts=1.0)
    # when it is back
    await served.practice.retry_now()
    await served.work()
    # then
    assert await attempt(served) == ("SENT", None)
    assert len(await served.got(MOBILE)) == 1


@pytest.mark.usefixtures("queued")
async def test_wrong_credentials_lose_no_message(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setenv("RECALLS_GATEWAY_TOKEN", "wrong")
    # when
    await served.work()
    # then
    assert await attempt(served) == ("QUEUED", None)


async def test_a_number_that_the_gateway_says_has_opted_out_is_blocked_in_every_practice(
    served: Served,
) -> None:
    # given two practices that have the number
    other = await a_practice(served.practice.pool)
    await other.patient()
    recall = await served.practice.recall()
    await served.misbehave(reject=1.0, reject_code=21610)
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    # when
    await served.work()
    await served.work()
    # then
    rows = await served.practice.pool.fetch(
        "select practice_id, actor, source, blocked_recalls from block_events order by practice_id"
    )
    assert [tuple(row) for row in rows] == [
        (practice_id, "Gateway", "GATEWAY", True) for practice_id in (served.practice.id, other.id)
    ]
