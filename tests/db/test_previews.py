"""Tests that previews of a send and of a template say what then happens."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.categories import MAX_TEMPLATE, InvalidTemplateError
from db.previews import SendPreview, preview_send, preview_template
from db.runs import get_runs, refusals_of_runs
from db.sending import ConsentNeeded, NothingToSend, RunAccepted, UnknownRecalls
from db.types import Pool, RefusalCount, Row
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice
from tests.support.tiers import length

NAME, REASON, DAYS = "Alexandra", "dermoscopy", 14
PATIENTS: dict[str, dict[str, Any]] = {
    "clear": {},
    "withheld": {"sms_consent": False},
    "blocked": {},
    "deceased": {"status": "DECEASED"},
    "inactive": {"status": "INACTIVE", "sms_consent": False},
    "without a mobile": {"mobile": None},
}
REASONS = ["Skin check", "Blood test", "Of no category"]
STATES = ["open", "open", "open", "completed", "closed", "in progress", "sent before", "later"]


@dataclass(frozen=True)
class Wanted:
    """A recall to be sent: its patient, its reason and its state."""

    patient: int
    reason: str
    state: str


RECALLS = st.lists(
    st.builds(Wanted, st.integers(0, 3), st.sampled_from(REASONS), st.sampled_from(STATES)),
    min_size=1,
    max_size=8,
)
MIXES = st.tuples(st.lists(st.sampled_from([*PATIENTS]), min_size=4, max_size=4), RECALLS)


async def preview(practice: Practice, *recalls: int, first: int = 20) -> SendPreview:
    found = await preview_send(practice.pool, practice.id, recalls, first=first)
    assert isinstance(found, SendPreview)
    return found


async def a_mix(practice: Practice, kinds: list[str], wanted: list[Wanted]) -> list[int]:
    """Make the patients and their recalls, and return the recalls."""
    await practice.category(
        name="Bloods", reasons=["Blood test"], sms_template="{firstName} ☎ {reason}, {dueDate}"
    )
    patients = []
    for kind in kinds:
        facts = {"mobile": a_mobile()} | PATIENTS[kind]
        patients.append(await practice.patient(**facts))
        if kind == "blocked":
            await practice.block(facts["mobile"])
    recalls = []
    for each in wanted:
        recall = await practice.recall(
            patients[each.patient],
            reason=each.reason,
            due_date=practice.due(90 if each.state == "later" else 0),
            completed=each.state == "completed",
        )
        recalls.append(recall)
        if each.state in {"in progress", "sent before"}:
            await practice.send(recall, proceed=True)
        if each.state == "sent before":
            await practice.deliver()
        if each.state == "closed":
            await practice.close(recall)
    return recalls


def by_reason(counts: list[RefusalCount]) -> dict[str, int]:
    return {each.reason: each.count for each in counts}


async def queued_of(practice: Practice, run_id: int) -> list[Row]:
    return await practice.pool.fetch(
        """
        select a.patient_id, a.mobile, a.body, logic.sms_segments(a.body) as segments,
               (select count(*) from attempt_recalls ar
                where ar.practice_id = a.practice_id and ar.attempt_id = a.id) as recalls
        from contact_attempts a
        where a.practice_id = $1 and a.run_id = $2 and a.state = 'QUEUED'
        """,
        practice.id,
        run_id,
    )


@pytest.mark.both
@settings(max_examples=length(15, 60))
@given(mix=MIXES)
@example(mix=([*PATIENTS][:4], [Wanted(n, REASONS[0], "open") for n in (0, 0, 1, 2, 3)]))
async def test_a_preview_counts_what_the_send_then_does(
    pool: Pool, mix: tuple[list[str], list[Wanted]]
) -> None:
    # given
    practice = await a_practice(pool)
    recalls = await a_mix(practice, *mix)

    # when
    told = await preview(practice, *recalls)
    asked = await practice.send(*recalls)
    sent = await practice.send(*recalls, proceed=True) if told.to_confirm else asked

    # then
    if told.to_confirm:
        assert isinstance(asked, ConsentNeeded)
        assert len(asked.recall_ids) == sum(each.count for each in told.to_confirm)
        assert by_reason(asked.refusals) == by_reason(told.refusals)
        clear = sum(draft["recalls"] for draft in told.drafts if not draft["sms_reason"])
        assert asked.sendable == clear
    if not told.messages:
        assert isinstance(sent, NothingToSend)
        assert (by_reason(sent.refusals), sent.skipped) == (by_reason(told.refusals), told.skipped)
        return
    assert isinstance(sent, RunAccepted)
    [run] = await get_runs(pool, practice.id, [sent.run_id])
    refused = await refusals_of_runs(pool, practice.id, [sent.run_id])
    messages = await queued_of(practice, sent.run_id)
    assert (run["queued"], run["skipped"]) == (told.messages, told.skipped)
    assert {row["reason"]: row["count"] for row in refused} == by_reason(told.refusals)
    assert sum(row["segments"] for row in messages) == told.segments
    shown = ("patient_id", "mobile", "body", "segments", "recalls")
    assert Counter(tuple(row[name] for name in shown) for row in messages) == Counter(
        tuple(draft[name] for name in shown) for draft in told.drafts
    )


async def test_two_recalls_of_one_patient_make_one_message(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recalls = [await practice.recall(patient), await practice.recall(patient)]

    # when
    told = await preview(practice, *recalls)

    # then
    assert (told.messages, told.segments, told.skipped) == (1, 1, 0)
    [draft] = told.drafts
    assert (draft["mobile"], draft["recalls"]) == (MOBILE, 2)
    assert draft["body"] == "Hi Ann, Skin check. Harbour Medical 02 5550 1234"


async def test_a_recall_named_twice_counts_once(practice: Practice) -> None:
    # given
    closed, recall = await practice.recall(completed=True), await practice.recall()

    # when
    told = await preview(practice, recall, closed, recall, closed)

    # then
    assert (told.messages, told.skipped) == (1, 1)


async def test_recalls_are_counted_by_the_reason_they_cant_go(practice: Practice) -> None:
    # given
    kinds = ["withheld", "withheld", "deceased", "without a mobile"]
    recalls = await a_mix(practice, kinds, [Wanted(n % 4, REASONS[0], "open") for n in range(6)])

    # when
    told = await preview(practice, *recalls)

    # then
    assert told.to_confirm == [RefusalCount("PMS_CONSENT_WITHHELD", 4)]
    assert by_reason(told.refusals) == {"PATIENT_DECEASED": 1, "MOBILE_MISSING": 1}
    assert told.messages == 2


@pytest.mark.parametrize("first", [0, 1, 2, 3, 20])
async def test_the_first_messages_are_shown_and_all_of_them_counted(
    practice: Practice, first: int
) -> None:
    # given
    recalls = await a_mix(
        practice,
        ["deceased", "clear", "clear", "withheld"],
        [Wanted(n, REASONS[0], "open") for n in range(4)],
    )

    # when
    told = await preview(practice, *recalls, first=first)

    # then
    assert len(told.drafts) == min(first, 3)
    assert (told.messages, told.segments) == (3, 3)


async def test_recalls_that_are_not_the_practices_are_unknown(practice: Practice) -> None:
    # given
    own, theirs = await practice.recall(), await (await a_practice(practice.pool)).recall()

    # when
    found = await preview_send(practice.pool, practice.id, [own, theirs, 999_999], first=3)

    # then
    assert found == UnknownRecalls([theirs, 999_999])


async def test_a_preview_of_a_send_writes_nothing(practice: Practice) -> None:
    # given
    refused = await practice.recall(await practice.patient(status="DECEASED"))
    recall = await practice.recall()

    # when
    await preview(practice, recall, refused)

    # then
    assert await practice.attempts(recall) == await practice.attempts(refused) == []
    assert await practice.pool.fetchval("select count(*) from runs") == 0


@pytest.mark.parametrize(
    "template",
    [
        "Hi {firstName}, {reason} on {dueDate}. {practiceName} {practicePhone}",
        "{firstName} {firstName}: 100% of {reason}s {dueDate}",
        "  Hi\n{firstName} ☎ {practicePhone} ",
        "No placeholder, €5 %s \\1",
        "{reason} " * 60,
    ],
)
async def test_a_template_is_shown_as_it_would_be_sent(practice: Practice, template: str) -> None:
    # given
    await practice.category(name="Any", reasons=[REASON.upper()], sms_template=template)
    patient = await practice.patient(first_name=NAME)
    recall = await practice.recall(patient, reason=REASON, due_date=practice.due(DAYS))

    # when
    shown = await preview_template(
        practice.pool, practice.id, template, name=NAME, reason=REASON, due_in_days=DAYS
    )
    outcome = await practice.send(recall)

    # then
    assert isinstance(outcome, RunAccepted)
    [sent] = await queued_of(practice, outcome.run_id)
    assert (shown["body"], shown["segments"]) == (sent["body"], sent["segments"])


@pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_the_due_date_shown_goes_by_the_practices_clock(pool: Pool, time_zone: str) -> None:
    # given
    practice = await a_practice(pool, time_zone=time_zone)

    # when
    shown = await preview_template(
        pool, practice.id, "{dueDate}", name=NAME, reason=REASON, due_in_days=DAYS
    )

    # then
    due = practice.due(DAYS)
    assert shown["body"] == f"{due.day} {due:%B %Y}"


@pytest.mark.parametrize(
    "template", ["", "   ", "{nope}", "Hi {firstName", "x" * (MAX_TEMPLATE + 1), "nul \0"]
)
async def test_a_template_that_couldnt_be_saved_isnt_shown(
    practice: Practice, template: str
) -> None:
    # when / then
    with pytest.raises(InvalidTemplateError) as refused:
        await preview_template(
            practice.pool, practice.id, template, name=NAME, reason=REASON, due_in_days=DAYS
        )
    with pytest.raises(InvalidTemplateError) as unsaved:
        await practice.category(name="Any", reasons=[], sms_template=template)
    assert str(refused.value) == str(unsaved.value)
    assert refused.value.unknown == unsaved.value.unknown
