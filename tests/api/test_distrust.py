"""Tests of `db distrust`: once a database falls back to an earlier time, nothing is sent twice."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta

import pytest

from core.identity import Actor
from db.delivery import Settlement, claim_messages
from db.distrust import Distrusted, WorkersRunningError, distrust
from db.pool import open_pool
from db.sending import RunAccepted, plan_next, start_automated_run
from db.types import Pool
from db.unknown_messages import claim_unknown, end_look_up, settle_unknown
from dev.servers.running import as_application
from tests.support.operations import SEND
from tests.support.practice import MOBILE, Practice, a_mobile
from tests.support.served import Served

MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TABLES = ("runs", "chunks", "contact_attempts", "attempt_recalls")


async def back_up(pool: Pool) -> None:
    for table in TABLES:
        await pool.execute(f"create table saved_{table} as table {table}")


async def restore(pool: Pool) -> None:
    """Put the saved rows back, past triggers and keys, as a restored database would have them."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(f"truncate {', '.join(TABLES)} cascade")
        for table in TABLES:
            await connection.execute(f"insert into {table} table saved_{table}")


async def command(database_url: str, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "db", "distrust", *arguments),
        env=os.environ | {"RECALLS_DATABASE_OWNER_URL": database_url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def let_ten_minutes_pass(practice: Practice) -> None:
    await practice.pool.execute(
        "update contact_attempts set handed_over_at = handed_over_at - interval '10 minutes'"
        " where state = 'UNKNOWN'"
    )
    await practice.pool.execute("update chunks set look_at = look_at - interval '10 minutes'")


async def test_messages_sent_in_the_lost_time_are_not_sent_again_and_the_rest_are(
    served: Served, database_url: str
) -> None:
    # given a backup with two queued messages, one of which is sent afterwards
    pool, practice = served.practice.pool, served.practice
    other = a_mobile()
    sent = await practice.recall()
    left = await practice.recall(await practice.patient(mobile=other))
    await served.call(SEND, recallIds=[f"Recall:{left}"], idempotencyKey="left")
    await served.call(SEND, recallIds=[f"Recall:{sent}"], idempotencyKey="sent")
    await back_up(pool)
    since = datetime.now(UTC)
    await pool.execute(
        "update chunks c set not_before = now() + interval '1 hour' from runs r"
        " where r.practice_id = c.practice_id and r.id = c.run_id and r.idempotency_key = 'left'"
    )
    await served.work()
    assert (len(await served.got(MOBILE)), await served.got(other)) == (1, [])

    # when the database falls back to the backup
    await restore(pool)
    code, said = await command(database_url, "--since", since.isoformat())
    distrusted = [await practice.attempt_states(recall) for recall in (sent, left)]
    await served.work()
    before_the_first_look = await served.got(other)
    await let_ten_minutes_pass(practice)
    await served.work()

    # then
    assert (code, said[:12]) == (0, "2 messages w")
    assert distrusted == [["UNKNOWN"], ["UNKNOWN"]]
    assert before_the_first_look == []
    assert len(await served.got(MOBILE)) == len(await served.got(other)) == 1
    states = [await practice.attempt_states(recall) for recall in (sent, left)]
    assert all(state in ("SENT", "DELIVERED") for [state] in states)


async def test_a_message_that_a_worker_had_claimed_is_distrusted_from_its_handover(
    practice: Practice,
) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await claim_messages(practice.pool, lease=10)
    handed_over = await practice.pool.fetchval("select handed_over_at from contact_attempts")
    # when
    done = await distrust(practice.pool, datetime.now(UTC))
    # then
    assert done == Distrusted(messages=1, runs=0)
    [row] = await practice.pool.fetch("select state, handed_over_at from contact_attempts")
    assert tuple(row) == ("UNKNOWN", handed_over)


async def test_a_message_that_could_not_have_been_claimed_is_trusted(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall, hold=60)
    # when
    done = await distrust(practice.pool, MOMENT)
    # then
    assert done == Distrusted(messages=0, runs=0)
    assert await practice.attempt_states(recall) == ["QUEUED"]


async def test_an_automated_run_that_may_have_begun_waits_for_the_next_opening(
    practice: Practice,
) -> None:
    # given
    await practice.pool.execute("update practices set next_run_at = now() - interval '1 minute'")
    # when
    done = await distrust(practice.pool, datetime.now(UTC) - timedelta(hours=1))
    # then
    assert done == Distrusted(messages=0, runs=1)
    assert await practice.pool.fetchval("select next_run_at > now() from practices")


async def test_a_run_that_was_being_planned_sends_to_nobody_twice(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a backup from when one of three recalls was planned
    monkeypatch.setattr("db.sending.SLICE", 1)
    await practice.many(3)
    run = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="run", actor=Actor("Reception")
    )
    await plan_next(practice.pool)
    await back_up(practice.pool)
    since = datetime.now(UTC)
    await practice.plan()
    assert len(await practice.deliver()) == 3
    # when
    await restore(practice.pool)
    await distrust(practice.pool, since)
    # then
    await practice.plan()
    assert await practice.deliver() == []
    assert isinstance(run, RunAccepted)
    assert await practice.run_state(run.run_id) == "SENDING"  # the first has yet to be looked up


async def test_a_message_that_was_never_taken_is_sent_however_old_it_is(practice: Practice) -> None:
    # given a message that was sent and one that wasn't, in the same chunk
    sent, left = MOBILE, a_mobile()
    recalls = [
        await practice.recall(await practice.patient(mobile=number)) for number in (sent, left)
    ]
    await practice.send(*recalls)
    await practice.pool.execute("update runs set started_at = now()")  # whatever hour it is
    await distrust(practice.pool, datetime.now(UTC) - timedelta(hours=26))
    await practice.retry_now()
    # when
    unknown = await claim_unknown(practice.pool, hold=30)
    assert unknown is not None
    for message in unknown.messages:
        state, sid = ("SENT", "SM1") if message.mobile == sent else ("QUEUED", None)
        settlement = Settlement(message.attempt_id, state, sid)
        await settle_unknown(practice.pool, unknown, message.mobile, [settlement])
    await end_look_up(practice.pool, unknown, look_again=60)
    # then
    assert await practice.deliver() == [left]


async def test_nothing_is_done_while_a_worker_is_connected(
    practice: Practice, database_url: str
) -> None:
    # given
    await practice.send(await practice.recall())
    async with await open_pool(as_application(database_url), name="worker", connections=1):
        # when / then
        with pytest.raises(WorkersRunningError):
            await distrust(practice.pool, MOMENT)
    assert await practice.pool.fetchval("select state from contact_attempts") == "QUEUED"


async def test_a_time_that_is_no_moment_in_the_past_is_refused(database_url: str) -> None:
    # when
    times = ("yesterday", "2026-11-23T09:00:00", "9999-01-01T00:00:00Z")
    refused = await asyncio.gather(*(command(database_url, "--since", time) for time in times))
    # then
    assert [(code, "--since" in said) for code, said in refused] == [(2, True)] * 3
