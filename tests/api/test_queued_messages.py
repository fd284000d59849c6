"""Tests of what stops a queued message before it is handed to the gateway."""

import pytest

from tests.support.operations import AUTOMATE, BLOCK, CLOSE, OPERATIONS, SEND
from tests.support.practice import MOBILE
from tests.support.served import Served


@pytest.fixture
async def queued(served: Served) -> int:
    """A recall whose message was accepted but not yet handed over."""
    recall = await served.practice.recall(await served.practice.patient("p"), pms_id="r")
    run = await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="queued")
    assert run["queued"] == 1
    return recall


async def test_a_block_stops_a_message_that_is_queued(served: Served, queued: int) -> None:
    # given
    entry = await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # when
    await served.work()
    # then
    [attempt] = await served.practice.attempts(queued)
    assert (attempt["state"], attempt["refusal_reason"]) == ("REFUSED", "BLOCKED_COMMUNICATION")
    assert entry["alreadyHandedOver"] == 0
    assert await served.got(MOBILE) == []


async def test_no_further_action_stops_a_message_that_is_queued(
    served: Served, queued: int
) -> None:
    # given
    marked = await served.call(CLOSE, recallIds=[f"Recall:{queued}"])
    # when
    await served.work()
    # then
    assert marked["recalls"] == [{"id": f"Recall:{queued}", "state": "NO_FURTHER_ACTION"}]
    [attempt] = await served.practice.attempts(queued)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "NO_FURTHER_ACTION")
    assert await served.got(MOBILE) == []


async def test_a_recall_completed_in_the_pms_stops_a_message_that_is_queued(
    served: Served, queued: int
) -> None:
    # given
    row = {
        "pmsId": "r",
        "patientPmsId": "p",
        "reason": "Skin check",
        "dueDate": str(served.practice.today),
        "completed": True,
    }
    await served.query(OPERATIONS["syncRecalls"], {"input": [row]})
    # when
    await served.work()
    # then
    [attempt] = await served.practice.attempts(queued)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "RECALL_COMPLETED")
    assert await served.got(MOBILE) == []


async def test_a_new_number_in_the_pms_stops_a_message_to_the_old_one(
    served: Served, queued: int
) -> None:
    # given
    row = {"pmsId": "p", "firstName": "Ann", "lastName": "Smith", "mobile": "0491 570 157"}
    await served.query(OPERATIONS["syncPatients"], {"input": [row]})
    # when
    await served.work()
    # then
    [attempt] = await served.practice.attempts(queued)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "MOBILE_CHANGED")
    assert await served.got(MOBILE) == await served.got("+61491570157") == []


async def test_a_block_before_planning_stops_an_automated_run_that_was_accepted(
    served: Served,
) -> None:
    # given
    recall = await served.practice.recall()
    run = await served.call(AUTOMATE, idempotencyKey="a")
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # when
    await served.work()
    # then
    assert await served.practice.attempt_states(recall) == ["REFUSED"]
    assert await served.practice.run_state(int(run["id"].removeprefix("Run:"))) == "FINISHED"
    assert await served.got(MOBILE) == []


async def test_a_block_counts_the_messages_that_were_handed_over_before_it(
    served: Served, queued: int
) -> None:
    # given
    await served.work()
    await served.until_states(queued, "DELIVERED")
    # when
    entry = await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # then
    assert entry["alreadyHandedOver"] == 1
