"""Tests of recording calls and letters, and of undoing them."""

from collections.abc import Sequence

import pytest

from core.identity import Actor
from db.contacts import Recorded, record_contacts, undo_contacts, unknown_contacts
from db.recalls import reopen_recalls
from db.types import IdempotencyConflictError
from tests.support.practice import Practice, a_mobile, a_practice

STAFF = Actor("Reception")


async def call(practice: Practice, *recalls: int, tab: str | None = None) -> Recorded:
    """Record a call for the recalls."""
    return await record_contacts(
        practice.pool, practice.id, recalls, kind="PHONE", note=None, actor=STAFF, tab=tab
    )


async def undo(practice: Practice, attempts: Sequence[int]) -> None:
    """Undo the calls."""
    await undo_contacts(practice.pool, practice.id, attempts, actor=STAFF)


async def actions(practice: Practice) -> list[str]:
    """Return what the audit trail says was done, oldest first."""
    rows = await practice.pool.fetch(
        "select action from audit_events where practice_id = $1 and action ~ '^CONTACT|^RECALLS_'"
        " order by id",
        practice.id,
    )
    return [row["action"] for row in rows]


async def test_many_calls_are_recorded_at_once(practice: Practice) -> None:
    # given
    recalls = [await practice.recall() for _ in range(3)]

    # when
    recorded = await call(practice, *recalls)

    # then
    assert len(recorded.attempt_ids) == 3
    assert [await practice.attempt_states(recall) for recall in recalls] == [["DONE"]] * 3
    assert await actions(practice) == ["CONTACT_RECORDED"] * 3


async def test_a_call_for_a_recall_that_has_left_the_tab_is_left_out(practice: Practice) -> None:
    # given
    await practice.category(
        name="Moles", reasons=["Mole"], automated=False, steps=["PHONE", "PHONE", "LETTER"]
    )
    recall, other = await practice.recall(reason="Mole"), await practice.recall(reason="Mole")
    await call(practice, recall, tab="CALLS")

    # when
    again = await call(practice, recall, other, tab="CALLS")

    # then
    assert again.left_out == [recall]
    assert await practice.attempt_states(recall) == ["DONE"]
    assert await practice.attempt_states(other) == ["DONE"]


async def test_a_patient_who_rings_back_while_the_recall_waits_can_be_recorded(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await call(practice, recall)

    # when
    await call(practice, recall)

    # then
    assert await practice.attempt_states(recall) == ["DONE", "DONE"]


@pytest.mark.parametrize("state", ["closed", "completed", "DECEASED", "INACTIVE"])
async def test_no_call_is_recorded_for_what_is_closed_or_for_whom_nobody_calls(
    practice: Practice, state: str
) -> None:
    # given
    status = state if state.isupper() else "ACTIVE"
    recall = await practice.recall(
        await practice.patient(status=status), completed=state == "completed"
    )
    if state == "closed":
        await practice.close(recall)

    # when
    recorded = await call(practice, recall)

    # then
    assert recorded == Recorded([], [recall])
    assert await practice.attempts(recall) == []


async def test_if_one_key_stands_for_something_else_nothing_is_recorded(
    practice: Practice,
) -> None:
    # given
    one, two = await practice.recall(), await practice.recall()

    async def letters(recalls: list[int], keys: list[str]) -> Recorded:
        return await record_contacts(
            practice.pool, practice.id, recalls, kind="LETTER", note=None, actor=STAFF, keys=keys
        )

    await letters([one], ["known"])

    # when
    with pytest.raises(IdempotencyConflictError):
        await letters([one, two], ["new", "known"])

    # then
    assert await practice.attempt_states(one) == ["DONE"]
    assert await practice.attempt_states(two) == []


async def test_an_undone_call_gives_its_step_back(practice: Practice) -> None:
    # given
    await practice.category(
        name="Moles", reasons=["Mole"], automated=False, steps=["PHONE", "LETTER"]
    )
    recall = await practice.recall(reason="Mole")
    recorded = await call(practice, recall)

    # when
    await undo(practice, recorded.attempt_ids)

    # then
    assert await practice.state_and_tab(recall) == ("TO_ACTION", "CALLS")
    [attempt] = await practice.attempts(recall)
    assert (attempt["state"], attempt["cancellation"]) == ("CANCELLED", "UNDONE")


async def test_undoing_twice_is_undoing_once(practice: Practice) -> None:
    # given
    recorded = await call(practice, await practice.recall())

    # when
    await undo(practice, recorded.attempt_ids)
    await undo(practice, recorded.attempt_ids)

    # then
    assert await actions(practice) == ["CONTACT_RECORDED", "CONTACT_UNDONE"]


async def test_only_calls_and_letters_of_the_practice_can_be_undone(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    [sms] = await practice.attempts(recall)
    neighbour = await a_practice(practice.pool)
    [theirs] = (await call(neighbour, await neighbour.recall())).attempt_ids
    [ours] = (await call(practice, await practice.recall())).attempt_ids

    # when
    unknown = await unknown_contacts(practice.reader, practice.id, [sms["id"], theirs, ours])
    await undo(practice, [sms["id"], theirs])

    # then
    assert unknown == sorted([sms["id"], theirs])
    assert await practice.attempt_states(recall) == ["QUEUED"]
    assert await actions(neighbour) == ["CONTACT_RECORDED"]


async def test_a_reopened_recall_is_due_again(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.close(recall)

    # when
    await reopen_recalls(practice.pool, practice.id, [recall], actor=STAFF)
    await reopen_recalls(practice.pool, practice.id, [recall], actor=STAFF)

    # then
    assert await practice.state_and_tab(recall) == ("TO_ACTION", "TO_ACTION")
    assert await actions(practice) == ["RECALLS_CLOSED", "RECALLS_REOPENED"]


async def test_what_the_pms_completed_isnt_reopened(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.close(recall)
    await practice.recall(patient, pms_id="r", completed=True)

    # when
    await reopen_recalls(practice.pool, practice.id, [recall], actor=STAFF)

    # then
    assert await practice.state_and_tab(recall) == ("COMPLETED", None)


async def attention(practice: Practice) -> list[int]:
    """Return the recalls that need somebody."""
    rows = await practice.pool.fetch("select logic.needs_attention($1) as id", practice.id)
    return sorted(row["id"] for row in rows)


@pytest.mark.parametrize(
    ("state", "needs"),
    [("SENT", False), ("FAILED", True), ("UNKNOWN", True), ("QUEUED", False)],
)
async def test_a_recall_whose_message_went_wrong_needs_somebody(
    practice: Practice, state: str, *, needs: bool
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)

    # when
    if state != "QUEUED":
        await practice.deliver(state)

    # then
    assert await attention(practice) == ([recall] if needs else [])


async def test_it_no_longer_does_once_somebody_has_called_or_closed_it(
    practice: Practice,
) -> None:
    # given
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(4)]
    await practice.send(*recalls)
    await practice.deliver("FAILED")
    before = await attention(practice)

    # when
    await call(practice, recalls[0])
    await practice.close(recalls[1])
    await practice.send(recalls[2])

    # then
    assert before == recalls
    assert await attention(practice) == [recalls[3]]


async def test_it_does_again_if_the_call_is_undone(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.deliver("FAILED")
    recorded = await call(practice, recall)

    # when
    await undo(practice, recorded.attempt_ids)

    # then
    assert await attention(practice) == [recall]
