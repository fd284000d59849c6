"""Tests of the recall status: a recall's state and tab, as contacts are made and days pass."""

from datetime import date

import pytest

from db.recalls import RecallQuery, count_recalls
from db.types import Pool
from tests.support.practice import Practice, a_mobile, a_practice

WAITING = ("WAITING", None)
TO_ACTION = ("TO_ACTION", "TO_ACTION")
CALLS = ("TO_ACTION", "CALLS")
LETTERS = ("TO_ACTION", "LETTERS")


@pytest.mark.parametrize(
    ("due_in", "expected"),
    [(-400, TO_ACTION), (-1, TO_ACTION), (0, TO_ACTION), (14, TO_ACTION), (15, WAITING)],
)
async def test_a_recall_is_to_action_from_two_weeks_before_it_is_due(
    practice: Practice, due_in: int, expected: tuple[str, str | None]
) -> None:
    # when
    recall = await practice.recall(due_date=practice.due(due_in))

    # then
    assert await practice.state_and_tab(recall) == expected


async def test_a_recall_that_the_pms_completed_is_completed(practice: Practice) -> None:
    # when
    recall = await practice.recall(completed=True)

    # then
    assert await practice.state_and_tab(recall) == ("COMPLETED", None)


async def test_a_recall_that_the_pms_reopens_is_to_action_again(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r", completed=True)

    # when
    await practice.recall(patient, pms_id="r", completed=False)

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_a_recall_that_staff_close_needs_no_further_action(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    await practice.close(recall)

    # then
    assert await practice.state_and_tab(recall) == ("NO_FURTHER_ACTION", None)


async def test_completed_in_the_pms_takes_precedence_over_closed_by_staff(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient, pms_id="r")
    await practice.close(recall)

    # when
    await practice.recall(patient, pms_id="r", completed=True)

    # then
    assert await practice.state_and_tab(recall) == ("COMPLETED", None)


async def test_closing_again_keeps_the_first_time_and_person(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.close(recall)
    closed = "select no_further_action_at, no_further_action_by from recalls"
    before = await practice.pool.fetchrow(closed)

    # when
    await practice.close(recall)

    # then
    assert await practice.pool.fetchrow(closed) == before


async def test_a_queued_message_makes_the_recall_wait(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    await practice.send(recall)

    # then
    assert await practice.state_and_tab(recall) == WAITING


@pytest.mark.parametrize(("kind", "wait"), [("SMS", 3), ("LETTER", 10), ("PHONE", 2)])
async def test_a_recall_waits_after_a_contact_as_long_as_its_kind_requires(
    practice: Practice, kind: str, wait: int
) -> None:
    # given
    recall = await practice.recall()
    if kind == "SMS":
        await practice.send(recall)
        await practice.deliver()
    else:
        await practice.contact(recall, kind)

    # when
    await practice.days_pass(wait - 1)
    the_day_before = await practice.state_and_tab(recall)
    await practice.days_pass(1)
    on_the_day = await practice.state_and_tab(recall)

    # then
    assert (the_day_before, on_the_day) == (WAITING, TO_ACTION)


async def test_the_last_contact_decides_the_wait(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.contact(recall, "LETTER")
    await practice.days_pass(4)
    await practice.contact(recall, "PHONE")

    # when
    await practice.days_pass(2)

    # then
    assert await practice.state_and_tab(recall) != WAITING


async def test_the_wait_counts_the_practices_own_calendar_days(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, time_zone="Pacific/Kiritimati")
    recall = await practice.recall()
    await practice.contact(recall, "PHONE")

    # when
    # One minute after the local midnight that yesterday began with.
    await pool.execute(
        "update contact_attempts set created_at ="
        " ($1::date - 1 + time '00:01') at time zone 'Pacific/Kiritimati'",
        practice.today,
    )
    the_day_after = await practice.state_and_tab(recall)
    await pool.execute("update contact_attempts set created_at = created_at - interval '2 minutes'")
    two_days_after = await practice.state_and_tab(recall)

    # then
    assert (the_day_after, two_days_after) == (WAITING, TO_ACTION)


@pytest.mark.parametrize("outcome", ["FAILED", "REFUSED"])
async def test_a_message_that_never_reached_anybody_is_not_a_contact(
    practice: Practice, outcome: str
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)

    # when
    if outcome == "REFUSED":
        await practice.block()
    await practice.deliver(state=outcome)

    # then
    assert await practice.attempt_states(recall) == [outcome]
    assert (await practice.see(recall))["state"] == "TO_ACTION"


async def test_a_message_that_may_have_arrived_is_a_contact(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)

    # when
    await practice.deliver(state="UNKNOWN")

    # then
    assert await practice.state_and_tab(recall) == WAITING


async def test_after_two_messages_the_letter_is_due(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    for _ in range(2):
        await practice.send(recall)
        await practice.deliver()
        await practice.days_pass(3)

    # then
    assert await practice.state_and_tab(recall) == LETTERS


async def test_after_the_last_step_the_recall_stays_to_action(practice: Practice) -> None:
    # given
    recall = await practice.recall()

    # when
    for kind in ("PHONE", "PHONE", "LETTER"):
        await practice.contact(recall, kind)
    await practice.days_pass(10)

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_a_call_by_hand_counts_as_the_step_that_is_due(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.contact(recall, "PHONE")
    await practice.days_pass(2)

    # when
    await practice.contact(recall, "PHONE")
    await practice.days_pass(2)

    # then
    assert await practice.state_and_tab(recall) == LETTERS


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["SMS", "SMS", "LETTER"], LETTERS),
        (["SMS", "PHONE", "LETTER"], CALLS),
        (["SMS", "LETTER", "PHONE"], LETTERS),
        (["SMS", "SMS"], TO_ACTION),
        (["PHONE", "SMS"], CALLS),
        (["LETTER"], LETTERS),
        ([], TO_ACTION),
    ],
)
async def test_a_recall_that_can_get_no_sms_stands_at_its_next_call_or_letter(
    practice: Practice, steps: list[str], expected: tuple[str, str | None]
) -> None:
    # given
    await practice.category(name="Moles", reasons=["Mole"], steps=steps, automated="SMS" in steps)

    # when
    recall = await practice.recall(await practice.patient(mobile=None), reason="Mole")

    # then
    assert await practice.state_and_tab(recall) == expected


async def test_a_letter_in_place_of_messages_takes_the_letters_step(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(mobile=None))

    # when
    await practice.contact(recall, "LETTER")
    await practice.days_pass(10)

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_an_overridable_reason_leaves_the_recall_at_its_sms_step(practice: Practice) -> None:
    # when
    recall = await practice.recall(await practice.patient(sms_consent=False))

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_an_unblocked_number_brings_the_recall_back_to_its_sms_step(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.block()
    blocked = await practice.state_and_tab(recall)

    # when
    await practice.unblock()

    # then
    assert (blocked, await practice.state_and_tab(recall)) == (LETTERS, TO_ACTION)


async def test_the_reason_decides_the_category_and_the_urgency_if_no_reason_does(
    practice: Practice,
) -> None:
    # given
    skin = await practice.category(name="Moles", reasons=["MOLE check"])
    urgent = await practice.category(name="Urgent", reasons=[], urgencies=["Urgent"])
    patient = await practice.patient()

    # when
    recalls = [
        await practice.recall(patient, reason=reason, urgency=urgency)
        for reason, urgency in [
            ("mole CHECK", "urgent"),
            ("Blood test", "URGENT"),
            ("Blood test", None),
        ]
    ]

    # then
    categories = [(await practice.see(recall))["category_id"] for recall in recalls]
    assert categories == [skin, urgent, None]


async def test_a_recall_of_no_category_is_to_action(practice: Practice) -> None:
    # when
    recall = await practice.recall(reason="Blood test")

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


async def test_the_tabs_count_their_recalls(practice: Practice) -> None:
    # given
    await practice.recall(await practice.patient(mobile=None))
    await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.recall(due_date=date(2999, 1, 1))

    # when
    counts = [
        await count_recalls(practice.pool, practice.id, RecallQuery(tab=tab))
        for tab in ("TO_ACTION", "LETTERS", "CALLS", None)
    ]

    # then
    assert counts == [1, 1, 0, 3]


async def test_steps_reach_every_tab_that_they_can_put_a_recall_in(pool: Pool) -> None:
    # when
    missed = await pool.fetch(
        """
        with kind (name) as (values ('SMS'), ('PHONE'), ('LETTER'), (null)),
        steps as (
          select array_remove(array[a.name, b.name, c.name], null) as steps
          from kind a, kind b, kind c
          union all select null
        )
        select steps, taken, hard
        from steps, generate_series(0, 4) taken, (values (true), (false)) h (hard)
        where not logic.reaches_tab(
          steps, logic.recall_tab('TO_ACTION', steps[logic.due_step(steps, taken, hard)]))
        """
    )

    # then
    assert missed == []


@pytest.mark.parametrize("status", ["DECEASED", "INACTIVE"])
@pytest.mark.parametrize("steps", [["PHONE"], ["LETTER"], ["SMS", "PHONE"], ["SMS", "LETTER"]])
async def test_nobody_is_asked_to_call_or_write_to_the_dead_or_the_inactive(
    practice: Practice, status: str, steps: list[str]
) -> None:
    # given
    await practice.category(name="Moles", reasons=["Mole"], automated=False, steps=steps)

    # when
    recall = await practice.recall(await practice.patient(status=status), reason="Mole")

    # then
    assert await practice.state_and_tab(recall) == TO_ACTION


@pytest.mark.parametrize(("kind", "days"), [("SMS", 3), ("PHONE", 2), ("LETTER", 10)])
async def test_a_recall_says_when_it_is_back(practice: Practice, kind: str, days: int) -> None:
    # given
    recall = await practice.recall()
    before = (await practice.see(recall))["back_on"]

    # when
    if kind == "SMS":
        await practice.send(recall)
        await practice.deliver()
    else:
        await practice.contact(recall, kind)

    # then
    assert before is None
    assert (await practice.see(recall))["back_on"] == practice.due(days)


async def test_a_recall_that_is_due_much_later_says_when_it_is_to_be_contacted(
    practice: Practice,
) -> None:
    # when
    recall = await practice.recall(due_date=practice.due(50))

    # then
    assert (await practice.see(recall))["back_on"] == practice.due(50 - 14)


async def test_when_a_recall_is_back_isnt_known_while_its_message_is_on_its_way(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()

    # when
    await practice.send(recall)

    # then
    assert await practice.state_and_tab(recall) == WAITING
    assert (await practice.see(recall))["back_on"] is None
