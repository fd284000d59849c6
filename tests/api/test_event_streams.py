"""Tests of subscriptions as server-sent events: graphql-sse, with one connection per operation."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.identity import Role
from tests.support.operations import OPERATIONS, PROGRESS, SEND
from tests.support.practice import a_mobile
from tests.support.served import Events, Served
from tests.support.simulated import until
from tests.support.watching import nobody_watches, revoke_all, watchers

MASKED = "Something went wrong on our side. It was logged; please try again."


@pytest.fixture
async def run_id(served: Served) -> str:
    """A run of two messages that no worker has started on."""
    recalls = [
        await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
        for _ in range(2)
    ]
    run = await served.call(
        SEND, recallIds=[f"Recall:{recall}" for recall in recalls], idempotencyKey="a"
    )
    return str(run["id"])


async def rest(stream: AsyncIterator[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the rest of a stream that ends soon."""
    async with asyncio.timeout(10):
        return [event async for event in stream]


async def test_a_watcher_gets_each_change_as_an_event_until_the_run_has_finished(
    served: Served, run_id: str
) -> None:
    # given
    async with served.events(PROGRESS, {"id": run_id}) as events:
        name, first = await anext(events.stream)
        # when
        _, seen = await asyncio.gather(served.work(), rest(events.stream))
    # then
    assert (name, first["data"]["runProgress"]["state"]) == ("next", "SENDING")
    assert events.answer.headers["Cache-Control"] == "no-cache, no-transform"
    assert {name for name, _ in seen[:-1]} == {"next"}
    assert seen[-2][1]["data"]["runProgress"]["state"] == "FINISHED"
    assert seen[-1] == ("complete", None)


async def test_a_query_is_one_event(served: Served) -> None:
    # when
    async with served.events(OPERATIONS["viewer"]) as events:
        [(name, answer), end] = await rest(events.stream)
    # then
    assert (name, answer["data"]["viewer"]["name"]) == ("next", "Admin")
    assert end == ("complete", None)


async def test_a_client_that_accepts_events_and_json_gets_json_unless_it_subscribes(
    served: Served, run_id: str
) -> None:
    # given
    await served.work()
    accept = "application/json, text/event-stream"
    headers = {"Authorization": f"Bearer {served.admin}", "Accept": accept}
    for document, kind in (
        (OPERATIONS["viewer"], "application/json"),
        (PROGRESS, "text/event-stream"),
    ):
        # when
        body = {"query": document, "variables": {"id": run_id}}
        async with served.http.post("/graphql", json=body, headers=headers) as answer:
            # then
            assert (answer.status, answer.content_type) == (200, kind)


@pytest.mark.parametrize("token", ["", "x"])
async def test_a_client_without_a_valid_token_gets_no_stream(
    served: Served, run_id: str, token: str
) -> None:
    # when
    async with served.events(PROGRESS, {"id": run_id}, token=token or "recalls_1_x") as events:
        content = await events.answer.json()
    # then
    assert events.answer.status == 401
    assert content["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_error_has_its_code(served: Served) -> None:
    for document, variables in (
        ("subscription { nope }", {}),
        ("subscription {", {}),
        (PROGRESS, {"id": "Recall:1"}),
        (PROGRESS, {}),
    ):
        # when
        async with served.events(document, variables) as events:
            [(name, answer), end] = await rest(events.stream)
        # then
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
        assert (name, end) == ("next", ("complete", None))


async def test_nothing_is_changed_by_get(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    # given
    change = 'mutation { blockMobile(input: { mobile: "0491 570 006" }) { __typename } }'
    headers = {"Authorization": f"Bearer {served.admin}", "Accept": "text/event-stream"}
    parameters = {"query": change}
    # when
    async with served.http.get("/graphql", params=parameters, headers=headers) as answer:
        [(_, told), _] = await rest(Events(answer).stream)
    # then
    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_USER_INPUT"]
    assert not await served.practice.pool.fetchval("select count(*) from blocked_communications")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_a_bug_is_masked(served: Served) -> None:
    # given
    await served.practice.pool.execute("alter table runs rename to runs_away")
    # when
    async with served.events(PROGRESS, {"id": "Run:1"}) as events:
        [(_, answer), _] = await rest(events.stream)
    # then
    [error] = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (MASKED, "INTERNAL_SERVER_ERROR")


async def test_a_stream_without_news_shows_that_it_is_alive(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.event_stream.HEARTBEAT_SECONDS", 0.05)
    async with served.again() as other, other.events(PROGRESS, {"id": run_id}) as events:
        # when
        async with asyncio.timeout(5):
            seen = [await anext(events.stream) for _ in range(3)]
    # then
    assert (":", "ping") in seen


async def test_a_stream_ends_when_its_token_is_revoked(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a run without news
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    async with served.events(PROGRESS, {"id": run_id}) as events:
        await anext(events.stream)
        # when
        await revoke_all(served)
        [(name, told), end] = await rest(events.stream)
    # then
    assert told["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (name, end) == ("next", ("complete", None))


async def test_a_revoked_tokens_stream_gets_no_news(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a stream that isn't checked in between, and a token that is no longer cached
    monkeypatch.setattr("api.viewers.CACHE_SECONDS", 0.0)
    async with served.events(PROGRESS, {"id": run_id}) as events:
        await anext(events.stream)
        await revoke_all(served)
        # when
        await served.work()
        told = await rest(events.stream)
    # then
    assert [answer["errors"][0]["extensions"]["code"] for _, answer in told[:-1]] == [
        "UNAUTHENTICATED"
    ]


async def test_a_tokens_open_streams_are_limited(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.streams.MAX_STREAMS", 2)
    async with (
        served.events(PROGRESS, {"id": run_id}) as one,
        served.operations(),
        served.events(PROGRESS, {"id": run_id}, token=served.tokens[Role.RECEPTIONIST]) as theirs,
    ):
        await anext(one.stream)
        # when
        async with served.events(PROGRESS, {"id": run_id}) as events:
            # then
            assert (events.answer.status, events.answer.headers["Retry-After"]) == (429, "1")
            content = await events.answer.json()
        assert content["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 1}
        assert (await anext(theirs.stream))[0] == "next"


async def test_a_client_that_hangs_up_makes_room_and_is_no_longer_worked_for(
    served: Served,
    run_id: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # given room for one
    monkeypatch.setattr("api.streams.MAX_STREAMS", 1)
    for _ in range(3):
        async with served.events(PROGRESS, {"id": run_id}) as events:
            assert (await anext(events.stream))[0] == "next"
            assert watchers() == 1
            # when
            events.answer.close()
        # then
        await until(nobody_watches)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
