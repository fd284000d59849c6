"""Tests of a send that is held and taken back, over HTTP, with a worker running."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.identity import Role
from tests.support.operations import NODE, OPERATIONS, SEND, STOP
from tests.support.practice import MOBILE
from tests.support.served import Served


@pytest.fixture
async def recall(served: Served) -> str:
    return f"Recall:{await served.practice.recall()}"


async def held(served: Served, recall: str, seconds: int = 60) -> dict[str, Any]:
    """Send the recall, held for that many seconds."""
    run: dict[str, Any] = await served.call(
        SEND, recallIds=[recall], idempotencyKey="a", holdSeconds=seconds
    )
    return run


async def test_a_send_that_is_held_says_until_when(served: Served, recall: str) -> None:
    # when
    run = await held(served, recall)
    at_once = await served.call(
        SEND, recallIds=[f"Recall:{await served.practice.recall()}"], idempotencyKey="b"
    )
    # then
    started, until = (datetime.fromisoformat(run[name]) for name in ("startedAt", "heldUntil"))
    assert until - started == timedelta(seconds=60)
    assert (run["stoppedAt"], at_once["heldUntil"]) == (None, None)


async def test_a_send_that_is_held_wakes_the_worker_when_the_hold_is_over(
    served: Served, recall: str
) -> None:
    # given
    await held(served, recall, seconds=1)
    # when the worker ends with the last job that is queued for it
    await served.work()
    # then
    assert len(await served.got(MOBILE)) == 1
    assert await served.practice.pool.fetchval(
        "select a.handed_over_at >= r.held_until from runs r, contact_attempts a"
    )


async def test_a_send_that_is_stopped_in_time_is_undone(served: Served, recall: str) -> None:
    # given
    run = await held(served, recall)
    # when
    stopped = await served.call(STOP, runId=run["id"], token=served.tokens[Role.RECEPTIONIST])
    await served.practice.deliver()  # not work(): one of the worker's jobs waits for a minute
    # then
    assert (stopped["__typename"], stopped["id"]) == ("Run", run["id"])
    assert stopped["stoppedAt"] is not None
    assert await served.got(MOBILE) == []
    node = await served.query(NODE, {"id": recall})
    assert node["state"] == "TO_ACTION"
    [attempt] = node["attempts"]
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "RUN_STOPPED")
    [known] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (known["state"], known["cancelled"], known["queued"]) == ("FINISHED", 1, 0)


@pytest.mark.parametrize("seconds", [-1, 61])
async def test_an_invalid_hold_is_refused_and_the_field_named(
    served: Served, recall: str, seconds: int
) -> None:
    # when
    given = {"recallIds": [recall], "idempotencyKey": "a", "holdSeconds": seconds}
    answer = await served.ask(SEND, {"input": given})
    # then
    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (
        "BAD_USER_INPUT",
        "holdSeconds",
    )
    assert (await served.query(OPERATIONS["runs"]))["nodes"] == []


async def test_a_finished_run_stays_as_it_is(served: Served, recall: str) -> None:
    # given
    run = await held(served, recall, seconds=0)
    await served.work()
    # when
    stopped = await served.call(STOP, runId=run["id"])
    # then
    assert (stopped["state"], stopped["sent"], stopped["stoppedAt"]) == ("FINISHED", 1, None)


async def test_a_run_that_nobody_has_is_unknown(served: Served) -> None:
    # when
    answer = await served.call(STOP, runId="Run:99999")
    # then
    assert answer == {
        "__typename": "UnknownRun",
        "message": "We can't find that run. Nothing has changed.",
    }
