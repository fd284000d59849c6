"""Tests of holding: a send by hand that waits some seconds, in which it can still be undone."""

from datetime import timedelta

import pytest

from db.delivery import what_waits
from db.runs import get_runs
from db.sending import NothingToSend, RunAccepted
from tests.support.practice import MOBILE, Practice, a_mobile


async def test_a_held_send_is_not_claimed_early(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    outcome = await practice.send(recall, hold=60)

    # then
    assert isinstance(outcome, RunAccepted)
    assert (await practice.deliver(), (await what_waits(practice.pool)).ready) == ([], False)
    assert await practice.attempt_states(recall) == ["QUEUED"]
    [run] = await get_runs(practice.pool, practice.id, [outcome.run_id])
    assert run["held_until"] - run["started_at"] == timedelta(seconds=60)
    assert run["state"] == "SENDING"


async def test_a_held_send_goes_afterwards(practice: Practice) -> None:
    # given
    outcome = await practice.send(await practice.recall(), hold=60)
    assert isinstance(outcome, RunAccepted)

    # when
    await practice.holds_run_out()

    # then
    assert await practice.deliver() == [MOBILE]
    assert await practice.run_state(outcome.run_id) == "FINISHED"


async def test_a_send_is_not_held_unless_requested(practice: Practice) -> None:
    # when
    outcome = await practice.send(await practice.recall())

    # then
    assert isinstance(outcome, RunAccepted)
    [run] = await get_runs(practice.pool, practice.id, [outcome.run_id])
    assert run["held_until"] is None
    assert await practice.deliver() == [MOBILE]


async def test_every_chunk_of_a_send_is_held(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sending.CHUNK", 1)
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(3)]

    # when
    await practice.send(*recalls, hold=60)

    # then
    assert await practice.deliver() == []


async def test_a_held_send_holds_up_no_other(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall(), hold=60)
    other = a_mobile()

    # when
    await practice.send(await practice.recall(await practice.patient(mobile=other)))

    # then
    assert await practice.deliver() == [other]


async def test_a_held_recall_is_in_progress_and_is_not_sent_twice(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall, hold=60)

    # when
    outcome = await practice.send(recall)

    # then
    assert outcome == NothingToSend(skipped=1)


async def test_the_same_key_gives_the_same_run_however_long_it_is_held(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    first = await practice.send(recall, key="k", hold=60)

    # when
    second = await practice.send(recall, key="k", hold=30)
    third = await practice.send(recall, key="k")

    # then
    assert isinstance(first, RunAccepted)
    assert first == second == third
    assert await practice.deliver() == []


async def test_a_block_while_a_send_is_held_is_heeded(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall, hold=60)

    # when
    await practice.block()
    await practice.holds_run_out()

    # then
    assert await practice.deliver() == []
    assert await practice.attempt_states(recall) == ["REFUSED"]


async def test_a_send_that_only_refuses_is_answered_as_if_it_were_not_held(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall(await practice.patient(status="DECEASED"))

    # when
    held = await practice.send(recall, key="held", hold=60)
    at_once = await practice.send(recall, key="at once")

    # then
    assert isinstance(held, NothingToSend)
    assert held == at_once
