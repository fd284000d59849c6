"""Tests of runs: their counts, their list, and what the gateway's receipts change."""

import asyncio
from uuid import UUID, uuid4

import pytest

from db.attempts import attempts_of_runs, count_attempts, get_attempts, record_receipt
from db.delivery import Settlement, claim_messages, settle_messages
from db.runs import count_runs, get_runs, list_runs
from db.sending import RunAccepted
from db.types import Row
from tests.support.practice import Practice, a_mobile, a_practice


async def a_run(practice: Practice, messages: int = 1) -> int:
    """Send ``messages`` recalls by hand, and return the run."""
    recalls = [
        await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(messages)
    ]
    outcome = await practice.send(*recalls)
    assert isinstance(outcome, RunAccepted)
    return outcome.run_id


async def the_attempt(practice: Practice) -> Row:
    row = await practice.pool.fetchrow("select * from contact_attempts")
    assert row is not None
    return row


async def receipt(
    practice: Practice, state: str, reference: UUID | None = None, *, opted_out: bool = False
) -> bool:
    """Record a receipt for the only message; return whether the message is known."""
    return await record_receipt(
        practice.pool,
        practice.id,
        reference or (await the_attempt(practice))["reference"],
        state=state,
        gateway_id="SM9",
        failure="30003" if state in ("FAILED", "UNDELIVERED") else None,
        opted_out=opted_out,
    )


async def test_a_run_counts_what_became_of_its_messages(practice: Practice) -> None:
    # given
    run_id = await a_run(practice, messages=3)
    [queued] = await get_runs(practice.pool, practice.id, [run_id])

    # when
    await practice.deliver()
    await practice.pool.execute(
        "update contact_attempts set state = 'UNDELIVERED' where id ="
        " (select min(id) from contact_attempts)"
    )
    [done] = await get_runs(practice.pool, practice.id, [run_id])

    # then
    assert (queued["planned"], queued["queued"], queued["sent"]) == (3, 3, 0)
    assert (done["planned"], done["queued"], done["sent"], done["failed"]) == (3, 0, 2, 1)
    assert (queued["state"], done["state"]) == ("SENDING", "FINISHED")


async def test_runs_are_listed_newest_first_without_repeats(practice: Practice) -> None:
    # given
    runs = [await a_run(practice) for _ in range(5)]
    seen: list[int] = []
    after = None
    more = True

    # when
    while more:
        page = await list_runs(practice.pool, practice.id, first=2, after=after)
        more = len(page) > 2
        page = page[:2]
        seen += [row["id"] for row in page]
        after = page[-1]["id"]

    # then
    assert seen == runs[::-1]
    assert await count_runs(practice.pool, practice.id) == 5


async def test_a_runs_attempts_are_paged_in_order(practice: Practice) -> None:
    # given
    run_id = await a_run(practice, messages=5)
    scope = (practice.pool, practice.id, [run_id])

    # when: one row more than requested says that there are more
    [*first, more] = await attempts_of_runs(*scope, first=3, after=None)
    rest = await attempts_of_runs(*scope, first=3, after=first[-1]["id"])

    # then
    ids = [row["id"] for row in (*first, *rest)]
    assert (len(first), len(rest), more["id"]) == (3, 2, rest[0]["id"])
    assert ids == sorted(ids)
    assert await count_attempts(*scope) == {run_id: 5}


async def test_the_attempts_of_several_runs_are_paged_in_one_statement(practice: Practice) -> None:
    # given
    runs = [await a_run(practice, messages=count) for count in (3, 1)]

    # when
    rows = await attempts_of_runs(
        practice.pool, practice.id, runs, first=1, after=None, columns=["run_id"]
    )

    # then a page of one each, and one more for the first run
    assert sorted(row["run_id"] for row in rows) == [runs[0], runs[0], runs[1]]


async def test_a_practice_sees_its_own_runs_only(practice: Practice) -> None:
    # given
    run_id = await a_run(practice)
    attempt = await the_attempt(practice)
    neighbour = await a_practice(practice.pool)

    # when / then
    assert await get_runs(neighbour.pool, neighbour.id, [run_id]) == []
    assert await get_attempts(neighbour.pool, neighbour.id, [attempt["id"]]) == []
    assert await count_runs(neighbour.pool, neighbour.id) == 0


@pytest.mark.parametrize("state", ["DELIVERED", "UNDELIVERED", "FAILED"])
async def test_a_receipt_says_what_became_of_a_sent_message(practice: Practice, state: str) -> None:
    # given
    await a_run(practice)
    await practice.deliver()

    # when
    known = await receipt(practice, state)

    # then
    attempt = await the_attempt(practice)
    assert known
    assert (attempt["state"], attempt["gateway_id"]) == (state, "SM9")


async def test_a_receipt_settles_a_message_whose_fate_was_unknown(practice: Practice) -> None:
    # given
    await a_run(practice)
    await practice.deliver(state="UNKNOWN")

    # when
    await receipt(practice, "SENT")

    # then
    attempt = await the_attempt(practice)
    assert attempt["state"] == "SENT"
    assert attempt["settled_at"] is not None


@pytest.mark.parametrize("late", ["SENT", "FAILED", "UNDELIVERED", "DELIVERED"])
async def test_a_late_receipt_does_not_change_a_delivered_message(
    practice: Practice, late: str
) -> None:
    # given
    await a_run(practice)
    await practice.deliver()
    await receipt(practice, "DELIVERED")
    before = await the_attempt(practice)

    # when
    known = await receipt(practice, late)

    # then
    assert known
    assert await the_attempt(practice) == before


async def test_a_receipt_may_come_before_the_answer(practice: Practice) -> None:
    # given
    run_id = await a_run(practice)
    claim = await claim_messages(practice.pool, lease=10)
    assert claim is not None

    # when
    await receipt(practice, "DELIVERED")
    settled = [Settlement(message.attempt_id, "SENT", "SM9") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)

    # then
    assert (await the_attempt(practice))["state"] == "DELIVERED"
    assert await practice.run_state(run_id) == "FINISHED"


async def test_receipts_and_the_sweep_at_the_same_moment_agree(practice: Practice) -> None:
    # given
    await a_run(practice)
    await claim_messages(practice.pool, lease=10)
    await practice.leases_run_out()

    # when
    await asyncio.gather(*(receipt(practice, "DELIVERED") for _ in range(4)), practice.sweep())

    # then
    assert (await the_attempt(practice))["state"] == "DELIVERED"


async def test_a_receipt_for_another_practices_message_is_unknown(practice: Practice) -> None:
    # given
    await a_run(practice)
    await practice.deliver()
    neighbour = await a_practice(practice.pool)

    # when / then
    assert not await receipt(neighbour, "DELIVERED")
    assert not await receipt(practice, "DELIVERED", reference=uuid4())
    assert (await the_attempt(practice))["state"] == "SENT"
