"""Tests of the consent question: which recalls staff are asked about, and what they agree to."""

import asyncio

from db.sending import (
    ConsentNeeded,
    RunAccepted,
)
from db.types import Pool, RefusalCount
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice


async def test_staff_are_asked_about_overridable_recalls_only(practice: Practice) -> None:
    # given
    clear = await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=True))
    withheld = await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=False))
    hard = await practice.recall(await practice.patient(mobile=None, sms_consent=False))

    # when
    outcome = await practice.send(clear, withheld, hard)

    # then
    assert outcome == ConsentNeeded([withheld], 1, [RefusalCount("MOBILE_MISSING", 1)])
    assert await practice.pool.fetchval("select count(*) from contact_attempts") == 0


async def test_proceeding_sends_and_records_what_was_overridden_and_by_whom(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall(await practice.patient(sms_consent=False))

    # when
    outcome = await practice.send(recall, proceed=True)

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == [MOBILE]
    [attempt] = await practice.attempts(recall)
    assert (attempt["overridden_reason"], attempt["actor"]) == ("PMS_CONSENT_WITHHELD", "Reception")


async def test_a_best_practice_site_is_asked_about_every_recall(practice: Practice) -> None:
    # given
    practice = await a_practice(practice.pool, pms_product="BEST_PRACTICE")
    recalls = [
        await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=consent))
        for consent in (True, False, None)
    ]

    # when
    outcome = await practice.send(*recalls)

    # then
    assert outcome == ConsentNeeded(recalls, 0, [])


async def test_after_the_question_the_same_key_may_proceed(practice: Practice) -> None:
    # given
    recall = await practice.recall(await practice.patient(sms_consent=False))
    await practice.send(recall, key="k")

    # when
    outcome = await practice.send(recall, proceed=True, key="k")

    # then
    assert isinstance(outcome, RunAccepted)


async def test_proceeding_covers_only_the_recalls_that_staff_were_asked_about(
    practice: Practice,
) -> None:
    # given two recalls; one patient withdraws consent after the question
    asked = await practice.recall(await practice.patient(sms_consent=False))
    patient = await practice.patient(mobile=a_mobile())
    since = await practice.recall(patient)
    await practice.patient(patient, mobile=a_mobile(), sms_consent=False)

    # when
    outcome = await practice.send(asked, since, proceed=True, confirmed=[asked])

    # then
    assert isinstance(outcome, ConsentNeeded)
    assert outcome.recall_ids == [since]
    assert await practice.pool.fetchval("select count(*) from contact_attempts") == 0
    assert isinstance(
        await practice.send(asked, since, proceed=True, confirmed=[asked, since]), RunAccepted
    )


async def test_consent_withdrawn_while_a_send_is_planned_is_not_overridden(
    practice: Practice,
) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient)

    # when it is withdrawn after the send has checked whom to ask about
    async with practice.pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table runs in share mode")
        sending = asyncio.create_task(practice.send(recall))
        await until_one_waits(practice.pool)
        await practice.patient(patient, sms_consent=False)
    outcome = await sending

    # then
    assert isinstance(outcome, RunAccepted)
    assert await practice.deliver() == []
    [attempt] = await practice.attempts(recall)
    assert (attempt["cancellation"], attempt["overridden_reason"]) == ("CONSENT_WITHDRAWN", None)
    audited = await practice.pool.fetch("select action from audit_events")
    assert "CONSENT_OVERRIDDEN" not in [row["action"] for row in audited]


async def until_one_waits(pool: Pool) -> None:
    waiting = "select count(*) from pg_locks where relation = 'runs'::regclass and not granted"
    async with asyncio.timeout(10):
        while not await pool.fetchval(waiting):
            await asyncio.sleep(0.001)
