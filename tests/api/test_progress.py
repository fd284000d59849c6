"""Tests of what a run's watcher hears, and of operations that share a connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.operations import AUTOMATE, CLOSE, NODE, PROGRESS, SEND
from tests.support.practice import a_mobile
from tests.support.served import Served

RECALL_STATES = """subscription ($id: ID!) { runProgress(runId: $id) {
  state attempts { nodes { recalls { state attempts { state } } } }
} }"""
TWICE = """mutation ($input: RecallIdsInput!, $record: RecordContactAttemptInput!) {
  recordContactAttempt(input: $record) { ... on ContactAttempt { recalls { state } } }
  markNoFurtherAction(input: $input) { ... on Marked { recalls { state } } }
}"""


@pytest.fixture
async def run_id(served: Served) -> str:
    """A run of three messages that no worker has started on."""
    recalls = [
        await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
        for _ in range(3)
    ]
    run = await served.call(
        SEND, recallIds=[f"Recall:{recall}" for recall in recalls], idempotencyKey="a"
    )
    return str(run["id"])


async def rest(news: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rest of a subscription that ends soon."""
    async with asyncio.timeout(10):
        return [payload["data"]["runProgress"] async for payload in news]


async def test_a_watcher_sees_the_run_now_then_every_change_until_it_has_finished(
    served: Served, run_id: str
) -> None:
    async with served.operations() as operations:
        # given
        news = operations.run(PROGRESS, {"id": run_id})
        first = (await anext(news))["data"]["runProgress"]
        # when
        _, seen = await asyncio.gather(served.work(), rest(news))
    # then
    assert (first["state"], first["planned"], first["queued"]) == ("SENDING", 3, 3)
    assert (seen[-1]["state"], seen[-1]["queued"], seen[-1]["sent"]) == ("FINISHED", 0, 3)
    assert all(before != after for before, after in zip([first, *seen], seen, strict=False))


async def test_a_finished_run_is_reported_once(served: Served, run_id: str) -> None:
    # given
    await served.work()
    # when
    async with served.operations() as operations:
        seen = await operations.all(PROGRESS, {"id": run_id})
    # then
    assert [payload["data"]["runProgress"]["state"] for payload in seen] == ["FINISHED"]


async def test_an_automated_run_can_be_watched_from_its_planning_on(served: Served) -> None:
    # given
    await served.practice.recall()
    run = await served.call(AUTOMATE, idempotencyKey="a")
    async with served.operations() as operations:
        news = operations.run(PROGRESS, {"id": run["id"]})
        first = (await anext(news))["data"]["runProgress"]
        # when
        _, seen = await asyncio.gather(served.work(), rest(news))
    # then
    assert (first["state"], first["planned"]) == ("PLANNING", 0)
    assert (seen[-1]["state"], seen[-1]["sent"]) == ("FINISHED", 1)


async def test_a_watcher_sees_the_recalls_as_they_are_at_each_change(
    served: Served, run_id: str
) -> None:
    async with served.operations() as operations:
        # given
        news = operations.run(RECALL_STATES, {"id": run_id})
        first = (await anext(news))["data"]["runProgress"]
        # when
        _, seen = await asyncio.gather(served.work(), rest(news))
    # then
    assert attempt_states(first) == {"QUEUED"}
    assert attempt_states(seen[-1]) <= {"SENT", "DELIVERED"}


def attempt_states(run: dict[str, Any]) -> set[str]:
    return {
        attempt["state"]
        for node in run["attempts"]["nodes"]
        for recall in node["recalls"]
        for attempt in recall["attempts"]
    }


async def test_each_operation_over_a_websocket_sees_the_current_facts(served: Served) -> None:
    # given
    recall = {"id": f"Recall:{await served.practice.recall()}"}
    async with served.operations() as operations:
        [before] = await operations.all(NODE, recall)
        # when
        await served.call(CLOSE, recallIds=[recall["id"]])
        [after] = await operations.all(NODE, recall)
    # then
    assert before["data"]["node"]["state"] == "TO_ACTION"
    assert after["data"]["node"]["state"] == "NO_FURTHER_ACTION"


async def test_the_second_mutation_of_a_document_sees_what_the_first_changed(
    served: Served,
) -> None:
    # given
    recall = f"Recall:{await served.practice.recall()}"
    variables = {"input": {"recallIds": [recall]}, "record": {"recallId": recall, "kind": "PHONE"}}
    # when
    answer = await served.ask(TWICE, variables)
    # then
    assert answer["data"] == {
        "recordContactAttempt": {"recalls": [{"state": "WAITING"}]},
        "markNoFurtherAction": {"recalls": [{"state": "NO_FURTHER_ACTION"}]},
    }


async def test_a_watcher_that_hangs_up_disturbs_no_other(served: Served, run_id: str) -> None:
    # given two connections, one of which stops watching
    async with served.operations() as one, served.operations() as other:
        gone = other.run(PROGRESS, {"id": run_id})
        await anext(gone)
        news = one.run(PROGRESS, {"id": run_id})
        await anext(news)
        await other.close()
        # when
        _, seen = await asyncio.gather(served.work(), rest(news))
    # then
    assert seen[-1]["state"] == "FINISHED"
