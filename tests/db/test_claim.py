"""Tests of claims: which worker gets a message, and the last check before it is handed over."""

import asyncio

import pytest

from db.delivery import claim_messages
from db.sending import RunAccepted
from db.types import Pool
from tests.support.practice import MOBILE, Practice, a_mobile


async def test_a_claim_returns_the_messages_of_one_chunk_once(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())

    # when
    first = await claim_messages(practice.pool, lease=10)
    second = await claim_messages(practice.pool, lease=10)

    # then
    assert first is not None
    assert [message.mobile for message in first.messages] == [MOBILE]
    assert second is None


async def test_two_workers_never_claim_the_same_chunk(practice: Practice) -> None:
    # given
    for _ in range(4):
        await practice.send(await practice.recall(await practice.patient(mobile=a_mobile())))

    # when
    claims = await asyncio.gather(*(claim_messages(practice.pool, lease=10) for _ in range(8)))

    # then
    handed = [message.attempt_id for claim in claims if claim for message in claim.messages]
    assert len(handed) == len(set(handed)) == 4


async def test_a_block_after_queueing_refuses_the_message_at_the_claim(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.block()

    # when
    handed = await practice.deliver()

    # then
    assert handed == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["refusal_reason"]) == ("REFUSED", "BLOCKED_COMMUNICATION")


async def test_a_refusal_at_the_claim_gives_the_step_back(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.block()
    await practice.deliver()

    # when
    await practice.unblock()
    await practice.send(recall)

    # then
    assert await practice.deliver() == [MOBILE]
    steps = await practice.pool.fetch("select step from attempt_recalls order by attempt_id")
    assert [row["step"] for row in steps] == [None, 1]


@pytest.mark.parametrize(
    ("change", "cancellation"),
    [
        ("completed", "RECALL_COMPLETED"),
        ("no further action", "NO_FURTHER_ACTION"),
        ("another number", "MOBILE_CHANGED"),
    ],
)
async def test_a_message_that_is_no_longer_wanted_is_cancelled_at_the_claim(
    practice: Practice, change: str, cancellation: str
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.send(recall)

    # when
    match change:
        case "completed":
            await practice.recall(patient, pms_id="r", completed=True)
        case "no further action":
            await practice.close(recall)
        case _:
            await practice.patient(patient, mobile=a_mobile())
    handed = await practice.deliver()

    # then
    assert handed == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", cancellation)
    assert await practice.pool.fetchval("select step from attempt_recalls") is None


async def test_a_recall_that_was_moved_to_a_later_date_is_not_sent_by_automation(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.automate()
    # when
    await practice.recall(patient, pms_id="r", due_date=practice.due(60))
    # then
    assert await practice.deliver() == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "NO_LONGER_DUE")


async def test_a_recall_with_a_later_date_is_sent_if_a_person_says_so(practice: Practice) -> None:
    # given
    recall = await practice.recall(due_date=practice.due(60))
    # when
    await practice.send(recall)
    # then
    assert await practice.deliver() == [MOBILE]


async def test_a_call_made_in_the_meantime_makes_the_message_unnecessary(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    # when
    await practice.contact(recall, "PHONE")
    # then
    assert await practice.deliver() == []
    assert await practice.attempt_states(recall) == ["CANCELLED", "DONE"]
    [attempt, _] = await practice.attempts(recall)
    assert attempt["cancellation"] == "NO_LONGER_DUE"


async def test_a_call_made_before_the_send_does_not_cancel_the_message(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.contact(recall, "PHONE")
    # when
    await practice.send(recall)
    # then
    assert await practice.deliver() == [MOBILE]


async def test_a_changed_number_can_be_sent_to_afterwards(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient)
    await practice.send(recall)
    number = a_mobile()
    await practice.patient(patient, mobile=number)
    await practice.deliver()

    # when
    await practice.send(recall)

    # then
    assert await practice.deliver() == [number]


async def test_a_chunk_whose_messages_are_all_refused_ends_its_run(practice: Practice) -> None:
    # given
    outcome = await practice.send(await practice.recall())
    await practice.block()

    # when
    await practice.deliver()

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.run_state(outcome.run_id) == "FINISHED"


async def test_a_block_committed_while_the_claim_waits_is_seen_by_it(practice: Practice) -> None:
    for _ in range(20):
        # given
        number, other = a_mobile(), a_mobile()
        blocked, free = [
            await practice.recall(await practice.patient(mobile=mobile))
            for mobile in (number, other)
        ]
        await practice.send(blocked, free)
        async with practice.pool.acquire() as blocker:
            transaction = blocker.transaction()
            await transaction.start()
            await blocker.execute(
                "select logic.set_block($1, $2, true, true, null, 'Reception', 'STAFF', false)",
                practice.id,
                number,
            )

            # when
            claiming = asyncio.create_task(claim_messages(practice.pool, lease=10))
            await until_a_claim_waits_for_a_lock(practice.pool)
            await transaction.commit()
            claim = await claiming

        # then
        assert claim is not None
        assert [message.mobile for message in claim.messages] == [other]
        assert await practice.attempt_states(blocked) == ["REFUSED"]


async def until_a_claim_waits_for_a_lock(pool: Pool) -> None:
    async with asyncio.timeout(5):
        while not await pool.fetchval(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database()))"
        ):
            await asyncio.sleep(0.001)


async def test_a_recall_that_moved_to_another_patient_is_cancelled(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient("p1"), pms_id="r1")
    await practice.send(recall)
    # when
    await practice.recall(await practice.patient("p2"), pms_id="r1")
    # then
    assert await practice.deliver() == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "PATIENT_CHANGED")
