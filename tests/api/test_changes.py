"""Tests of what a subscriber to its practice's changes hears, over both transports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from core.identity import Role
from db.tokens import create_token
from tests.support.operations import BLOCK, CHANGES, CLOSE, OPERATIONS, SEND, TICK
from tests.support.practice import MOBILE, a_practice
from tests.support.served import Served
from tests.support.simulated import until
from tests.support.watching import nobody_watches, revoke_all, somebody_watches

EVERYTHING = ["BLOCKS", "RECALLS", "RUNS", "SETUP"]
WAYS = ["websocket", "events"]
CALL = OPERATIONS["recordContactAttempt"]


@asynccontextmanager
async def following(
    served: Served, way: str = "websocket", token: str | None = None
) -> AsyncIterator[AsyncIterator[list[str]]]:
    """Open a subscription to the practice's changes: an iterator of the kinds in each message."""
    async with asyncio.timeout(15):
        if way == "websocket":
            async with served.operations(token) as operations:
                yield kinds(operations.run(CHANGES))
        else:
            async with served.events(CHANGES, token=token) as events:
                yield kinds(payload async for name, payload in events.stream if name == "next")


async def kinds(payloads: AsyncIterator[dict[str, Any]]) -> AsyncIterator[list[str]]:
    async for payload in payloads:
        yield payload["data"]["changes"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_subscriber_is_told_everything_at_first_and_then_what_changes(
    served: Served, way: str
) -> None:
    # given
    recall = f"Recall:{await served.practice.recall()}"
    async with following(served, way) as changes:
        assert await anext(changes) == EVERYTHING
        for document, given, told in (
            (BLOCK, {"mobile": MOBILE, "blockedRecalls": True}, {"BLOCKS", "RECALLS"}),
            (TICK, {"mobile": MOBILE, "blocked": False}, {"BLOCKS", "RECALLS"}),
            (CALL, {"recallId": recall, "kind": "PHONE"}, {"RECALLS"}),
            (OPERATIONS["savePreferences"], {"smsRepeatDays": 9}, {"SETUP"}),
            (SEND, {"recallIds": [recall], "idempotencyKey": "a"}, {"RECALLS", "RUNS"}),
            (CLOSE, {"recallIds": [recall]}, {"RECALLS"}),
        ):
            # when
            await served.call(document, **given)
            # then: in one message, or in more if the call has several transactions
            heard: set[str] = set()
            while not heard >= told:
                heard |= set(await anext(changes))


async def test_a_subscriber_hears_what_the_worker_does(served: Served) -> None:
    # given
    recall = f"Recall:{await served.practice.recall()}"
    async with following(served) as changes:
        await anext(changes)
        await served.call(SEND, recallIds=[recall], idempotencyKey="a")
        await anext(changes)
        # when
        await served.work()
        # then
        assert await anext(changes) == ["RECALLS", "RUNS"]


async def test_a_subscriber_hears_that_a_patient_wrote_stop(served: Served) -> None:
    # given
    await served.practice.recall()
    async with following(served) as changes:
        await anext(changes)
        # when
        await served.reply(MOBILE, "STOP")
        # then
        assert await anext(changes) == ["BLOCKS", "RECALLS"]


async def test_a_subscriber_isnt_told_of_another_practices_changes(served: Served) -> None:
    # given
    other = await a_practice(served.practice.pool)
    token = await create_token(served.practice.pool, other.id, "Theirs", Role.ADMIN)
    async with following(served, token=token) as changes:
        await anext(changes)
        # when
        await served.call(BLOCK, mobile=MOBILE)
        await served.call(OPERATIONS["savePreferences"], smsRepeatDays=9, token=token)
        # then
        assert await anext(changes) == ["SETUP"]


async def test_a_subscriber_is_told_everything_again_after_a_dropped_connection(
    served: Served,
) -> None:
    # given
    async with following(served) as changes:
        await anext(changes)
        # when
        await served.practice.pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'recalls change feed'"
        )
        # then
        assert await anext(changes) == EVERYTHING


@pytest.mark.parametrize("way", WAYS)
async def test_a_subscriber_that_has_gone_is_no_longer_worked_for(served: Served, way: str) -> None:
    # given
    async with following(served, way) as changes:
        await anext(changes)
        assert await somebody_watches()
    # when / then
    await until(nobody_watches)


async def test_a_websocket_is_closed_when_the_token_is_revoked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a practice in which nothing happens
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    async with following(served) as changes:
        await anext(changes)
        # when
        await revoke_all(served)
        # then
        with pytest.raises(ConnectionClosedError) as closed:
            await anext(changes)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    await until(nobody_watches)


async def test_events_end_when_the_token_is_revoked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a practice in which nothing happens
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    async with asyncio.timeout(15), served.events(CHANGES) as events:
        await anext(events.stream)
        # when
        await revoke_all(served)
        [(_, told), end] = [event async for event in events.stream]
    # then
    assert [error["extensions"]["code"] for error in told["errors"]] == ["UNAUTHENTICATED"]
    assert end == ("complete", None)
    await until(nobody_watches)


async def test_nothing_is_sent_once_the_token_is_revoked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a token that is no longer cached
    monkeypatch.setattr("api.viewers.CACHE_SECONDS", 0.0)
    async with following(served) as changes:
        await anext(changes)
        await revoke_all(served)
        # when
        await served.practice.block()
        # then
        with pytest.raises(ConnectionClosedError):
            await anext(changes)
