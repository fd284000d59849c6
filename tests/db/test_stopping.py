"""Tests of stopping a run: waiting messages never go, those being handed over do."""

import pytest

from core.identity import Actor
from db.attempts import record_receipt
from db.delivery import Settlement, claim_messages, settle_messages, what_waits
from db.runs import get_runs
from db.sending import RunAccepted, SendOutcome, plan_next, start_automated_run
from db.types import Row
from db.unknown_messages import claim_unknown
from tests.db.test_schedule import hours
from tests.db.test_settle import all_of, claimed
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice
from tests.support.unknown_messages import listed

CANCELLED = ("CANCELLED", "RUN_STOPPED")


def run_of(outcome: SendOutcome) -> int:
    assert isinstance(outcome, RunAccepted)
    return outcome.run_id


async def run_as_shown(practice: Practice, run_id: int) -> Row:
    [run] = await get_runs(practice.pool, practice.id, [run_id])
    return run


async def becomes(practice: Practice, recall: int) -> tuple[str, str | None]:
    """Return the state of the recall's last attempt, and why it was cancelled."""
    attempt = (await practice.attempts(recall))[-1]
    return attempt["state"], attempt["cancellation"]


async def audited(practice: Practice) -> list[str]:
    """Return the runs whose stop left an audit event."""
    rows = await practice.pool.fetch(
        "select subject from audit_events where practice_id = $1 and action = 'RUN_STOPPED'",
        practice.id,
    )
    return [row["subject"] for row in rows]


async def test_a_held_run_that_is_stopped_sends_nothing(practice: Practice) -> None:
    # given
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(2)]
    run_id = run_of(await practice.send(*recalls, hold=60))

    # when
    await practice.stop(run_id)

    # then a worker cancels it at once, long before the hold is over
    assert (await what_waits(practice.pool)).stopped
    assert await practice.deliver() == []
    assert [await becomes(practice, recall) for recall in recalls] == [CANCELLED] * 2
    run = await run_as_shown(practice, run_id)
    assert (run["state"], run["cancelled"], run["queued"]) == ("FINISHED", 2, 0)
    assert run["started_at"] <= run["stopped_at"] <= run["finished_at"]


async def test_a_recall_of_a_stopped_run_can_be_sent_again(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.stop(run_of(await practice.send(recall, hold=60)))
    await practice.deliver()
    before = await practice.state_and_tab(recall)

    # when
    await practice.send(recall)

    # then its step was given back
    assert before[0] == "TO_ACTION"
    assert await practice.deliver() == [MOBILE]
    steps = await practice.pool.fetch("select step from attempt_recalls order by attempt_id")
    assert [row["step"] for row in steps] == [None, 1]


async def test_the_key_of_a_stopped_run_still_stands_for_it(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    first = await practice.send(recall, key="k", hold=60)
    await practice.stop(run_of(first))
    await practice.deliver()

    # when
    second = await practice.send(recall, key="k", hold=60)

    # then
    assert first == second
    assert await practice.deliver() == []


async def test_a_stop_is_audited_once(practice: Practice) -> None:
    # given
    run_id = run_of(await practice.send(await practice.recall(), hold=60))

    # when
    await practice.stop(run_id)
    stopped_at = (await run_as_shown(practice, run_id))["stopped_at"]
    await practice.stop(run_id)

    # then
    assert await audited(practice) == [f"Run:{run_id}"]
    assert (await run_as_shown(practice, run_id))["stopped_at"] == stopped_at


async def test_claimed_messages_go_on_and_the_rest_are_cancelled(practice: Practice) -> None:
    # given
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(3)]
    run_id = run_of(await practice.send(*recalls))
    claim = await claim_messages(practice.pool, lease=10, most=1)
    assert claim is not None

    # when
    await practice.stop(run_id)
    ours = await settle_messages(
        practice.pool, claim, all_of(claim, "SENT", gateway_id="SM1"), retry_after=0
    )

    # then
    assert ours
    assert await practice.deliver() == []
    assert [await becomes(practice, recall) for recall in recalls] == [
        ("SENT", None),
        CANCELLED,
        CANCELLED,
    ]
    run = await run_as_shown(practice, run_id)
    assert (run["state"], run["sent"], run["cancelled"]) == ("FINISHED", 1, 2)


async def test_a_run_with_every_message_claimed_ends_when_they_are_settled(
    practice: Practice,
) -> None:
    # given
    run_id = run_of(await practice.send(await practice.recall()))
    claim = await claimed(practice)

    # when
    await practice.stop(run_id)
    while_sending = await practice.run_state(run_id)
    await settle_messages(practice.pool, claim, all_of(claim, "SENT"), retry_after=0)

    # then
    assert (while_sending, await practice.run_state(run_id)) == ("SENDING", "FINISHED")


async def test_a_message_that_the_gateway_did_not_take_is_not_tried_again(
    practice: Practice,
) -> None:
    # given a gateway that is busy
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    claim = await claimed(practice)

    # when
    await practice.stop(run_id)
    await settle_messages(practice.pool, claim, all_of(claim, "QUEUED"), retry_after=0)
    await practice.retry_now()

    # then
    assert await practice.deliver() == []
    assert await becomes(practice, recall) == CANCELLED
    assert await practice.run_state(run_id) == "FINISHED"


async def test_a_message_that_waits_for_another_try_is_cancelled_at_once(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    claim = await claimed(practice)
    await settle_messages(practice.pool, claim, all_of(claim, "QUEUED"), retry_after=60)

    # when
    await practice.stop(run_id)

    # then
    assert await practice.deliver() == []
    assert await becomes(practice, recall) == CANCELLED


@pytest.mark.parametrize("stop_first", [True, False])
async def test_an_unknown_message_that_was_never_taken_is_not_sent_after_a_stop(
    practice: Practice, stop_first: bool
) -> None:
    # given
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    claim = await claimed(practice)
    await settle_messages(
        practice.pool, claim, all_of(claim, "UNKNOWN"), retry_after=0, look_after=0
    )
    if stop_first:
        await practice.stop(run_id)

    # when the gateway's list shows that it never took the message
    unknown = await claim_unknown(practice.pool, hold=60)
    assert unknown is not None
    [message] = unknown.messages
    await listed(practice.pool, unknown, MOBILE, [Settlement(message.attempt_id, "QUEUED")])
    if not stop_first:
        await practice.stop(run_id)

    # then
    assert await practice.deliver() == []
    assert await becomes(practice, recall) == CANCELLED
    assert await practice.run_state(run_id) == "FINISHED"


async def test_an_unknown_message_of_a_stopped_run_is_still_looked_up(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    claim = await claimed(practice)
    await settle_messages(
        practice.pool, claim, all_of(claim, "UNKNOWN"), retry_after=0, look_after=0
    )

    # when
    await practice.stop(run_id)
    before = await practice.run_state(run_id)
    unknown = await claim_unknown(practice.pool, hold=60)
    assert unknown is not None
    [message] = unknown.messages
    sent = [Settlement(message.attempt_id, "SENT", "SM1")]
    await listed(practice.pool, unknown, MOBILE, sent)

    # then
    assert before == "SENDING"
    assert await becomes(practice, recall) == ("SENT", None)
    assert await practice.run_state(run_id) == "FINISHED"


async def test_a_receipt_for_a_message_claimed_before_the_stop_counts(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    run_id = run_of(await practice.send(recall))
    claim = await claimed(practice)
    await practice.stop(run_id)
    await settle_messages(
        practice.pool, claim, all_of(claim, "SENT", gateway_id="SM1"), retry_after=0
    )

    # when
    [message] = claim.messages
    await record_receipt(
        practice.pool,
        practice.id,
        message.reference,
        state="DELIVERED",
        gateway_id="SM1",
        failure=None,
    )

    # then
    assert await becomes(practice, recall) == ("DELIVERED", None)


async def test_a_run_stopped_during_planning_plans_no_more_and_ends(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a run with one of its three patients planned
    monkeypatch.setattr("db.sending.SLICE", 1)
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(3)]
    outcome = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="k", actor=Actor("Reception")
    )
    assert isinstance(outcome, RunAccepted)
    assert await plan_next(practice.pool)

    # when
    await practice.stop(outcome.run_id)

    # then
    assert await plan_next(practice.pool) is None
    assert await practice.deliver() == []
    assert await practice.run_state(outcome.run_id) == "FINISHED"
    assert [await practice.attempt_states(recall) for recall in recalls] == [["CANCELLED"], [], []]


async def test_a_run_with_nothing_planned_ends_with_the_stop(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    outcome = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="k", actor=Actor("Reception")
    )
    assert isinstance(outcome, RunAccepted)

    # when
    await practice.stop(outcome.run_id)

    # then
    assert await practice.run_state(outcome.run_id) == "FINISHED"
    assert await practice.attempts(recall) == []
    assert await audited(practice) == [f"Run:{outcome.run_id}"]


async def test_recalls_of_a_stopped_run_are_sent_by_the_next_one(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.stop(run_of(await practice.automate()))
    await practice.deliver()

    # when
    await practice.automate()

    # then
    assert await practice.deliver() == [MOBILE]
    assert await practice.attempt_states(recall) == ["CANCELLED", "SENT"]


async def test_cancelling_does_not_wait_for_the_morning(practice: Practice) -> None:
    # given a run that waits for the practice's hours
    recall = await practice.recall()
    run_id = run_of(await practice.automate())
    await practice.pool.execute("update runs set started_at = started_at - interval '61 minutes'")
    await hours(practice, now_open=False)
    assert await practice.deliver() == []
    assert await practice.attempt_states(recall) == ["QUEUED"]

    # when
    await practice.stop(run_id)

    # then
    assert await practice.deliver() == []
    assert await becomes(practice, recall) == CANCELLED
    assert await practice.run_state(run_id) == "FINISHED"


async def test_a_finished_run_stays_as_it_is(practice: Practice) -> None:
    # given
    run_id = run_of(await practice.send(await practice.recall()))
    await practice.deliver()
    before = await run_as_shown(practice, run_id)

    # when
    await practice.stop(run_id)

    # then
    assert await run_as_shown(practice, run_id) == before
    assert before["stopped_at"] is None
    assert await audited(practice) == []


async def test_another_practices_run_goes_on(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    run_id = run_of(await practice.send(await practice.recall()))

    # when
    await neighbour.stop(run_id)

    # then
    assert await practice.deliver() == [MOBILE]
    assert await audited(practice) == await audited(neighbour) == []


async def test_a_stop_leaves_the_practices_other_runs_alone(practice: Practice) -> None:
    # given
    other = a_mobile()
    run_id = run_of(await practice.send(await practice.recall()))
    await practice.send(await practice.recall(await practice.patient(mobile=other)))

    # when
    await practice.stop(run_id)

    # then
    assert await practice.deliver() == [other]


async def test_a_refusal_of_a_stopped_run_stays_a_refusal(practice: Practice) -> None:
    # given
    refused = await practice.recall(await practice.patient(status="DECEASED"))
    recall = await practice.recall()
    run_id = run_of(await practice.send(refused, recall, hold=60))

    # when
    await practice.stop(run_id)
    await practice.deliver()

    # then
    assert await practice.attempt_states(refused) == ["REFUSED"]
    assert await becomes(practice, recall) == CANCELLED
