"""Tests of sending by hand: what is refused, and that a key stands for one run."""

import asyncio

import pytest

from db.recalls import RecallQuery, list_recalls
from db.sending import (
    NothingToSend,
    RunAccepted,
    UnknownRecalls,
)
from db.types import IdempotencyConflictError, RefusalCount
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice


async def messages(practice: Practice) -> int:
    count: int = await practice.pool.fetchval(
        "select count(*) from contact_attempts where practice_id = $1", practice.id
    )
    return count


async def test_a_recall_with_nothing_against_it_is_sent(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    outcome = await practice.send(recall)

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == [MOBILE]
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["trigger"], attempt["actor"]) == (
        "SENT",
        "MANUAL",
        "Reception",
    )
    assert attempt["body"] == "Hi Ann, Skin check. Harbour Medical 02 5550 1234"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"status": "DECEASED"}, "PATIENT_DECEASED"),
        ({"status": "INACTIVE"}, "PATIENT_INACTIVE"),
        ({"mobile": None}, "MOBILE_MISSING"),
        ({"mobile": "02 5550 1234"}, "MOBILE_INVALID"),
    ],
)
@pytest.mark.parametrize("proceed", [False, True])
async def test_a_hard_block_is_refused_and_recorded_even_if_staff_proceed(
    practice: Practice, facts: dict[str, str | None], reason: str, proceed: bool
) -> None:
    # given
    recall = await practice.recall(await practice.patient(**facts))

    # when
    outcome = await practice.send(recall, proceed=proceed)

    # then
    assert outcome == NothingToSend([RefusalCount(reason, 1)])
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["refusal_reason"]) == ("REFUSED", reason)
    assert await practice.deliver() == []


@pytest.mark.parametrize("proceed", [False, True])
async def test_a_blocked_number_is_refused_even_if_staff_proceed(
    practice: Practice, proceed: bool
) -> None:
    # given
    recall = await practice.recall(await practice.patient(sms_consent=False))
    await practice.block()

    # when
    outcome = await practice.send(recall, proceed=proceed)

    # then
    assert outcome == NothingToSend([RefusalCount("BLOCKED_COMMUNICATION", 1)])


async def test_the_same_key_gives_the_same_run(practice: Practice) -> None:
    # given
    recalls = [await practice.recall(), await practice.recall()]
    first = await practice.send(*recalls, key="k")
    await practice.deliver()

    # when
    second = await practice.send(*recalls[::-1], key="k")

    # then
    assert first == second
    assert await messages(practice) == 2


async def test_the_same_key_gives_the_same_refusal(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(mobile=None))
    first = await practice.send(recall, key="k")

    # when
    second = await practice.send(recall, key="k")

    # then
    assert first == second
    assert await messages(practice) == 1


async def test_the_same_key_for_other_recalls_is_a_conflict(practice: Practice) -> None:
    # given
    recall, other = await practice.recall(), await practice.recall()
    await practice.send(recall, key="k")

    # when / then
    with pytest.raises(IdempotencyConflictError):
        await practice.send(other, key="k")
    with pytest.raises(IdempotencyConflictError):
        await practice.send(recall, key="k", proceed=True)
    with pytest.raises(IdempotencyConflictError):
        await practice.automate(key="k")


async def test_two_practices_may_use_the_same_key(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    await practice.send(await practice.recall(), key="k")

    # when
    outcome = await neighbour.send(await neighbour.recall(), key="k")

    # then
    assert isinstance(outcome, RunAccepted)


async def test_the_same_key_twice_at_the_same_moment_gives_one_run(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    outcomes = await asyncio.gather(*(practice.send(recall, key="k") for _ in range(6)))

    # then
    assert isinstance(outcomes[0], RunAccepted)
    assert set(map(str, outcomes)) == {str(outcomes[0])}
    assert await practice.deliver() == [MOBILE]


async def test_two_people_at_the_same_moment_send_one_message(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    outcomes = await asyncio.gather(*(practice.send(recall) for _ in range(6)))

    # then
    assert sum(isinstance(outcome, RunAccepted) for outcome in outcomes) == 1
    assert await practice.deliver() == [MOBILE]


@pytest.mark.parametrize("whose", ["nobody's", "a neighbour's"])
async def test_recalls_that_are_not_the_practices_stop_the_whole_send(
    practice: Practice, whose: str
) -> None:
    # given
    own = await practice.recall()
    foreign = 999_999
    if whose == "a neighbour's":
        foreign = await (await a_practice(practice.pool)).recall()

    # when
    outcome = await practice.send(own, foreign)

    # then
    assert outcome == UnknownRecalls([foreign])
    assert await messages(practice) == 0


async def test_sending_nothing_sends_nothing(practice: Practice) -> None:
    # when
    outcome = await practice.send()

    # then
    assert outcome == NothingToSend()


async def test_recalls_of_one_patient_in_one_category_make_one_message(practice: Practice) -> None:
    # given
    await practice.category(name="Moles", reasons=["Mole"], sms_template="{reason} {dueDate}")
    await practice.category(name="Blood", reasons=["Blood test", "Iron test"])
    patient = await practice.patient()
    mole = await practice.recall(patient, reason="Mole")
    blood = await practice.recall(patient, reason="Blood test", due_date=practice.due(1))
    iron = await practice.recall(patient, reason="Iron test")

    # when
    await practice.send(mole, blood, iron)

    # then
    bodies = {
        row["recall_id"]: row["body"]
        for r in (mole, blood, iron)
        for row in await practice.attempts(r)
    }
    assert await practice.deliver() == [MOBILE, MOBILE]
    assert bodies[blood] == bodies[iron]
    assert "Iron test and Blood test" in bodies[blood]
    assert bodies[mole].startswith("Mole ")


async def test_the_same_reason_twice_is_named_once(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recalls = [await practice.recall(patient), await practice.recall(patient)]

    # when
    await practice.send(*recalls)

    # then
    [attempt] = await practice.attempts(recalls[0])
    assert attempt["body"] == "Hi Ann, Skin check. Harbour Medical 02 5550 1234"


async def test_patients_who_share_a_number_get_a_message_each(practice: Practice) -> None:
    # given
    recalls = [await practice.recall(await practice.patient(first_name=n)) for n in ("Ann", "Bo")]

    # when
    await practice.send(*recalls)

    # then
    assert await practice.deliver() == [MOBILE, MOBILE]


async def test_a_recall_in_progress_is_not_sent_again(practice: Practice) -> None:
    # given
    recall, other = await practice.recall(), await practice.recall()
    await practice.send(recall)

    # when
    alone = await practice.send(recall)
    with_another = await practice.send(recall, other)

    # then
    assert alone == NothingToSend(skipped=1)
    assert isinstance(with_another, RunAccepted)
    assert await messages(practice) == 2


async def test_closed_recalls_are_left_out(practice: Practice) -> None:
    # given
    done, closed = await practice.recall(completed=True), await practice.recall()
    await practice.close(closed)

    # when
    outcome = await practice.send(done, closed)

    # then
    assert outcome == NothingToSend(skipped=2)


async def test_staff_may_send_before_the_recall_is_due_and_before_the_wait_is_over(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall(due_date=practice.due(100))
    await practice.send(recall)
    await practice.deliver()

    # when
    outcome = await practice.send(recall)

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == [MOBILE]


async def test_every_recall_in_the_list_can_be_sent_at_once(practice: Practice) -> None:
    # given
    numbers = [a_mobile() for _ in range(12)]
    for number in numbers:
        await practice.recall(await practice.patient(mobile=number))
    page = await list_recalls(practice.pool, practice.id, RecallQuery(), first=50, after=None)

    # when
    await practice.send(*(row["id"] for row in page))

    # then
    assert sorted(await practice.deliver()) == sorted(numbers)


async def test_an_unknown_message_is_not_sent_again_by_hand_during_its_wait(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.deliver(state="UNKNOWN")
    # when
    outcome = await practice.send(recall)
    # then
    assert outcome == NothingToSend(skipped=1)


async def test_a_person_may_send_again_once_the_wait_after_an_unknown_message_is_over(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.deliver(state="UNKNOWN")
    await practice.days_pass(3)
    # when
    outcome = await practice.send(recall)
    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == [MOBILE]
