"""Tests of patients' replies: a STOP blocks before it is acknowledged."""

import asyncio

import pytest

from api.replies import is_stop
from db.delivery import Settlement, claim_messages, settle_messages
from tests.support.operations import OPERATIONS, SEND
from tests.support.practice import MOBILE, a_practice
from tests.support.served import Served


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "“STOP”", "Opt-out", "unsubscribe"])
def test_a_word_that_says_no_is_a_stop(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "Please don't stop", "START", "Can't stop by today", "yes"])
def test_anything_else_is_not(text: str) -> None:
    assert not is_stop(text)


async def blocked_events(served: Served) -> list[tuple[str, str]]:
    """Give the source and the actor of the newest event of each number that is blocked."""
    entries = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    return [
        (entry["history"][0]["source"], entry["history"][0]["actor"])
        for entry in entries
        if entry["blockedRecalls"]
    ]


async def test_a_stop_blocks_the_number_and_says_who_did(served: Served) -> None:
    # given
    recall = await served.practice.recall()
    # when
    status = await served.reply(MOBILE, "Stop")
    # then
    assert status == 200
    assert await blocked_events(served) == [("PATIENT_REPLY", "Patient")]
    answer = await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    assert answer["__typename"] == "NothingToSend"


async def test_a_stop_holds_for_every_practice_that_has_the_number(served: Served) -> None:
    # given
    other = await a_practice(served.practice.pool)
    await other.patient()
    stranger = await a_practice(served.practice.pool)
    await served.practice.patient()
    # when
    await served.reply(MOBILE, "STOP")
    # then
    rows = await other.pool.fetch(
        "select practice_id from blocked_communications where blocked_recalls order by practice_id"
    )
    assert [row["practice_id"] for row in rows] == [served.practice.id, other.id]
    assert stranger.id not in {row["practice_id"] for row in rows}


async def test_a_stop_is_acknowledged_only_when_no_worker_has_the_number_in_hand(
    served: Served,
) -> None:
    # given
    practice = served.practice
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=30)
    assert claim is not None
    # when
    replying = asyncio.create_task(served.reply(MOBILE, "STOP"))
    async with asyncio.timeout(5):
        while not await practice.pool.fetchval("select exists (select from block_events)"):
            await asyncio.sleep(0.005)
    done, _ = await asyncio.wait([replying], timeout=0.15)
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)
    # then
    assert not done
    assert await asyncio.wait_for(replying, timeout=5) == 200


@pytest.mark.parametrize("text", ["Thank you", "START"])
async def test_another_reply_changes_nothing(served: Served, text: str) -> None:
    # given
    await served.practice.patient()
    # when
    status = await served.reply(MOBILE, text)
    # then
    assert status == 200
    assert await blocked_events(served) == []


async def test_a_reply_that_the_gateway_did_not_sign_is_refused(served: Served) -> None:
    # given
    await served.practice.patient()
    # when
    status = await served.reply(MOBILE, "STOP", token="wrong")
    # then
    assert status == 403
    assert await blocked_events(served) == []


async def test_a_stop_from_a_number_that_nobody_knows_is_acknowledged(served: Served) -> None:
    assert await served.reply("+61491570999", "STOP") == 200
