"""Tests that waits and steps count from what happened to a patient, not from what was planned."""

import pytest

from core.identity import Actor
from db.categories import CategoryDraft, save_category
from db.contacts import record_contacts
from db.delivery import Claim, Settlement, claim_messages, settle_messages
from db.types import IdempotencyConflictError
from tests.db.test_runs import receipt
from tests.support.practice import MOBILE, Practice, a_mobile

WAITING = ("WAITING", None)
TO_ACTION = ("TO_ACTION", "TO_ACTION")
LETTERS = ("TO_ACTION", "LETTERS")


IN_VAIN = ["refused", "FAILED", "UNDELIVERED"]


async def goes_in_vain(practice: Practice, how: str) -> None:
    """Have the gateway refuse the ready messages, or take them and report how they ended."""
    if how == "refused":
        claim = await claim_messages(practice.pool, lease=10)
        assert claim is not None
        refused = [Settlement(m.attempt_id, "FAILED", failure="21614") for m in claim.messages]
        await settle_messages(practice.pool, claim, refused, retry_after=0)
        return
    assert await practice.deliver() == [MOBILE]
    reference = await practice.pool.fetchval(
        "select reference from contact_attempts where kind = 'SMS' order by id desc limit 1"
    )
    assert await receipt(practice, how, reference)


async def in_hand(practice: Practice) -> tuple[int, Claim]:
    """Send a recall until a worker has claimed its message; return the recall and the claim."""
    recall = await practice.recall()
    await practice.send(recall)
    claim = await claim_messages(practice.pool, lease=10)
    assert claim is not None
    return recall, claim


async def steps_of(practice: Practice, recall: int) -> list[int | None]:
    rows = await practice.pool.fetch(
        "select step from attempt_recalls where recall_id = $1 order by attempt_id", recall
    )
    return [row["step"] for row in rows]


async def test_the_wait_counts_from_when_the_message_went(practice: Practice) -> None:
    # given a message that waited for three days in a long run
    recall = await practice.recall()
    await practice.automate()
    await practice.days_pass(3)

    # when
    await practice.deliver()

    # then
    assert await practice.state_and_tab(recall) == WAITING
    await practice.automate()
    assert await practice.deliver() == []


async def test_a_recall_waits_as_long_as_its_message_does(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)

    # when
    await practice.days_pass(5)

    # then
    assert await practice.state_and_tab(recall) == WAITING


@pytest.mark.parametrize("how", IN_VAIN)
async def test_a_letter_that_is_due_stays_due_if_a_message_in_its_place_goes_in_vain(
    practice: Practice, how: str
) -> None:
    # given
    recall = await practice.recall()
    for _ in range(2):
        await practice.contact(recall, "PHONE")
    await practice.days_pass(3)
    await practice.send(recall)

    # when
    await goes_in_vain(practice, how)

    # then
    assert await practice.state_and_tab(recall) == LETTERS
    assert await steps_of(practice, recall) == [1, 2, None]


@pytest.mark.parametrize("how", IN_VAIN)
async def test_a_recall_whose_messages_never_arrive_comes_to_its_letter(
    practice: Practice, how: str
) -> None:
    # given
    recall = await practice.recall()

    # when
    for _ in range(2):
        await practice.automate()
        await goes_in_vain(practice, how)

    # then
    assert await practice.state_and_tab(recall) == LETTERS


async def test_a_call_takes_the_step_of_the_message_that_it_makes_unnecessary(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.automate()

    # when
    await practice.contact(recall, "PHONE")

    # then
    assert await practice.attempt_states(recall) == ["CANCELLED", "DONE"]
    assert await steps_of(practice, recall) == [None, 1]
    assert await practice.deliver() == []


async def test_a_call_about_one_of_two_recalls_leaves_the_other_its_message(
    practice: Practice,
) -> None:
    # given one message about two recalls
    patient = await practice.patient()
    await practice.category(
        category_id=None, name="Results", reasons=["Blood test"], sms_template="{reason}"
    )
    called, other = [await practice.recall(patient, reason="Blood test") for _ in range(2)]
    await practice.send(called, other)

    # when
    await practice.contact(called, "PHONE")

    # then
    assert await practice.deliver() == [MOBILE]
    assert await practice.attempt_states(called) == ["CANCELLED", "DONE"]
    assert await practice.attempt_states(other) == ["SENT"]
    assert await steps_of(practice, called) == [None, 1]


async def test_a_call_while_the_message_is_being_handed_over_is_its_own_step(
    practice: Practice,
) -> None:
    # given
    recall, _ = await in_hand(practice)

    # when
    await practice.contact(recall, "PHONE")

    # then
    assert await practice.attempt_states(recall) == ["SENDING", "DONE"]
    assert await steps_of(practice, recall) == [1, 2]


async def test_a_call_takes_the_step_of_a_message_that_turns_out_not_to_have_been_taken(
    practice: Practice,
) -> None:
    # given a call while the message is being handed over
    recall, claim = await in_hand(practice)
    await practice.contact(recall, "PHONE")

    # when
    not_taken = [Settlement(message.attempt_id, "QUEUED") for message in claim.messages]
    await settle_messages(practice.pool, claim, not_taken, retry_after=0)
    await practice.retry_now()

    # then
    assert await practice.deliver() == []
    assert await practice.attempt_states(recall) == ["CANCELLED", "DONE"]
    assert await steps_of(practice, recall) == [None, 1]


async def test_a_completed_recall_leaves_a_message_that_is_about_another_too(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    done = await practice.recall(patient, pms_id="done", due_date=practice.due(-1))
    other = await practice.recall(patient)
    await practice.send(done, other)
    before = (await practice.attempts(other))[0]["body"]

    # when
    await practice.recall(patient, pms_id="done", due_date=practice.due(-1), completed=True)
    claim = await claim_messages(practice.pool, lease=10)

    # then
    assert claim is not None
    assert await practice.attempt_states(other) == ["SENDING"]
    [attempt] = await practice.attempts(done)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "RECALL_COMPLETED")
    assert attempt["body"] == before
    assert await steps_of(practice, done) == [None]


async def test_a_message_mentions_only_the_recalls_that_are_left(practice: Practice) -> None:
    # given
    await practice.category(
        name="Results", reasons=["Biopsy", "Blood test"], sms_template="{reason}, {dueDate}"
    )
    patient = await practice.patient()
    done = await practice.recall(patient, pms_id="done", reason="Biopsy")
    other = await practice.recall(patient, reason="Blood test")
    await practice.send(done, other)
    before = (await practice.attempts(other))[0]["body"]

    # when
    await practice.recall(patient, pms_id="done", reason="Biopsy", completed=True)
    claim = await claim_messages(practice.pool, lease=10)

    # then
    assert claim is not None
    [message] = claim.messages
    assert before.startswith("Biopsy and Blood test, ")
    assert message.body.startswith("Blood test, ")


@pytest.mark.parametrize("one_stays", [False, True])
async def test_recalls_that_leave_a_message_each_have_their_own_reason(
    practice: Practice, one_stays: bool
) -> None:
    # given
    patient = await practice.patient()
    done = await practice.recall(patient, pms_id="done")
    closed = await practice.recall(patient)
    stays = [await practice.recall(patient)] if one_stays else []
    await practice.send(done, closed, *stays)
    await practice.recall(patient, pms_id="done", completed=True)
    await practice.close(closed)

    # when
    handed = await practice.deliver()

    # then
    assert handed == [MOBILE] * len(stays)
    reasons = [(await practice.attempts(recall))[0]["cancellation"] for recall in (done, closed)]
    assert reasons == ["RECALL_COMPLETED", "NO_FURTHER_ACTION"]


async def test_a_waiting_message_of_a_category_that_is_no_longer_automated_is_not_sent(
    practice: Practice,
) -> None:
    # given
    [row] = await practice.pool.fetch("select id, name from categories")
    recall = await practice.recall()
    await practice.automate()

    # when
    draft = CategoryDraft(
        row["id"], row["name"], ["Skin check"], [], "Hi {firstName}", False, ["SMS", "SMS"]
    )
    await save_category(practice.pool, practice.id, draft, actor=Actor("Manager"))

    # then
    assert await practice.deliver() == []
    [attempt] = await practice.attempts(recall)
    assert attempt["cancellation"] == "NO_LONGER_DUE"


async def test_consent_withdrawn_after_a_send_by_hand_is_asked_about_again(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient)
    await practice.send(recall)

    # when
    await practice.patient(patient, sms_consent=False)

    # then
    assert await practice.deliver() == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "CONSENT_WITHDRAWN")
    await practice.send(recall, proceed=True)
    assert await practice.deliver() == [MOBILE]


async def test_consent_withdrawn_after_planning_does_not_stop_an_automated_run(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    await practice.recall(patient)
    await practice.automate()

    # when
    await practice.patient(patient, sms_consent=False)

    # then
    assert await practice.deliver() == [MOBILE]


async def test_a_call_recorded_twice_under_one_key_is_one_call(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()

    async def call(recall_id: int, kind: str) -> int:
        recorded = await record_contacts(
            practice.pool,
            practice.id,
            [recall_id],
            kind=kind,
            note=None,
            actor=Actor("Reception"),
            keys=["k"],
        )
        return recorded.attempt_ids[0]

    # when
    first, again = await call(recall, "PHONE"), await call(recall, "PHONE")

    # then
    assert first == again
    assert await steps_of(practice, recall) == [1]
    with pytest.raises(IdempotencyConflictError):
        await call(recall, "LETTER")
    other = await practice.recall(await practice.patient(mobile=a_mobile()))
    with pytest.raises(IdempotencyConflictError):
        await call(other, "PHONE")
