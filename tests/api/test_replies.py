"""Tests of patients' replies: a STOP blocks before it is acknowledged."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest

from api.replies import is_stop
from db.delivery import Settlement, claim_messages, settle_messages
from db.opt_outs import pending_opt_outs
from dev.listening import a_listener
from tests.support.operations import OPERATIONS, SEND, TICK
from tests.support.practice import MOBILE, a_practice
from tests.support.served import Served
from tests.support.simulated import until
from tests.support.traces import process


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "“STOP”", "Opt-out", "unsubscribe"])
def test_a_word_that_says_no_is_a_stop(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "Please don't stop", "START", "Can't stop by today", "yes"])
def test_any_other_text_is_not_a_stop(text: str) -> None:
    assert not is_stop(text)


async def blocked_events(served: Served) -> list[tuple[str, str]]:
    """Return the source and the actor of each blocked number's newest event."""
    entries = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    return [
        (entry["history"][0]["source"], entry["history"][0]["actor"])
        for entry in entries
        if entry["blockedRecalls"]
    ]


async def test_a_stop_blocks_the_number_and_says_who_did(served: Served) -> None:
    # given
    recall = await served.practice.recall()
    # when
    status = await served.reply(MOBILE, "Stop")
    # then
    assert status == 200
    assert await blocked_events(served) == [("PATIENT_REPLY", "Patient")]
    answer = await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    assert answer["__typename"] == "NothingToSend"


async def test_a_stop_holds_for_every_practice_that_has_the_number(served: Served) -> None:
    # given
    other = await a_practice(served.practice.pool)
    await other.patient()
    stranger = await a_practice(served.practice.pool)
    await served.practice.patient()
    # when
    await served.reply(MOBILE, "STOP")
    # then
    rows = await other.pool.fetch(
        "select practice_id from blocked_communications where blocked_recalls order by practice_id"
    )
    assert [row["practice_id"] for row in rows] == [served.practice.id, other.id]
    assert stranger.id not in {row["practice_id"] for row in rows}


async def test_a_stop_is_acknowledged_only_when_no_worker_has_the_number_in_hand(
    served: Served,
) -> None:
    # given
    practice = served.practice
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=30)
    assert claim is not None
    # when
    replying = asyncio.create_task(served.reply(MOBILE, "STOP"))
    async with asyncio.timeout(5):
        while not await practice.pool.fetchval("select exists (select from block_events)"):
            await asyncio.sleep(0.005)
    done, _ = await asyncio.wait([replying], timeout=0.15)
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in claim.messages]
    await settle_messages(practice.pool, claim, settled, retry_after=0)
    # then
    assert not done
    assert await asyncio.wait_for(replying, timeout=5) == 200


async def test_a_worker_that_is_frozen_in_one_practice_keeps_no_other_from_being_blocked(
    served: Served,
) -> None:
    # given a worker frozen with a message of the first practice, and a queued one of the second
    first, second = served.practice, await a_practice(served.practice.pool)
    await first.send(await first.recall())
    frozen = await claim_messages(first.pool, lease=30)
    assert frozen is not None
    await second.send(await second.recall())
    # when
    replying = asyncio.create_task(served.reply(MOBILE, "STOP"))

    async def done() -> bool:
        return bool(await first.pool.fetchval("select exists (select from block_events)")) and (
            await pending_opt_outs(first.pool) == []
        )

    await until(done, seconds=20)
    # then
    assert await second.deliver() == []
    assert not replying.done()
    settled = [Settlement(message.attempt_id, "SENT", "SM1") for message in frozen.messages]
    await settle_messages(first.pool, frozen, settled, retry_after=0)
    assert await asyncio.wait_for(replying, timeout=5) == 200


async def test_two_stops_at_once_block_once(served: Served) -> None:
    # given
    await served.practice.patient()
    # when
    statuses = await asyncio.gather(*(served.reply(MOBILE, "STOP") for _ in range(2)))
    # then
    assert statuses == [200, 200]
    assert await blocked_events(served) == [("PATIENT_REPLY", "Patient")]
    assert await pending_opt_outs(served.practice.pool) == []


async def test_a_stop_that_one_practice_cant_carry_out_is_acknowledged_and_finished_by_the_sweeper(
    served: Served,
) -> None:
    # given
    pool, other = served.practice.pool, await a_practice(served.practice.pool)
    await served.practice.patient()
    await other.patient()
    await pool.execute(
        "alter table blocked_communications"
        f" add constraint broken check (practice_id <> {other.id})"
    )
    # when
    status = await served.reply(MOBILE, "STOP")
    await served.work()
    # then
    assert status == 200
    assert await blocked_events(served) == [("PATIENT_REPLY", "Patient")]
    assert len(await pending_opt_outs(pool)) == 1
    # when
    await pool.execute("alter table blocked_communications drop constraint broken")
    await served.work()
    # then
    assert await pool.fetchval("select count(*) from blocked_communications") == 2
    assert await pending_opt_outs(pool) == []


async def test_a_stop_that_cant_be_kept_is_not_acknowledged(served: Served) -> None:
    # given
    await served.practice.pool.execute("alter table opt_outs rename to opt_outs_away")
    # when / then
    assert await served.reply(MOBILE, "STOP") == 500


@pytest.mark.takes_long("starts the API as a process of its own")
async def test_a_stop_whose_api_was_killed_is_finished_by_the_sweeper(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an API that has kept a STOP, and waits for the lock on the practice's facts
    practice = served.practice
    await practice.patient()
    with a_listener() as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("RECALLS_PORT", str(port))
    monkeypatch.setenv("RECALLS_REPLIES_URL", f"{url}/replies/twilio")
    async with (
        process(sys.executable, "-m", "api", "serve", log=tmp_path / "log") as api,
        aiohttp.ClientSession(url) as http,
    ):

        async def serves() -> bool:
            return "Uvicorn running on" in (tmp_path / "log").read_text()

        async def kept() -> bool:
            return await pending_opt_outs(practice.pool) != []

        await until(serves, seconds=40)
        async with practice.pool.acquire() as connection, connection.transaction():
            await connection.execute("select logic.lock_denormalised($1)", practice.id)
            other = Served(url, http, served.gateway, practice, "")
            replying = asyncio.create_task(other.reply(MOBILE, "STOP"))
            await until(kept, seconds=20)
            api.kill()
            with pytest.raises(aiohttp.ClientError):
                await replying
    assert await blocked_events(served) == []
    # when
    await served.work()
    # then
    assert await blocked_events(served) == [("PATIENT_REPLY", "Patient")]
    assert await pending_opt_outs(practice.pool) == []


@pytest.mark.parametrize("text", ["Thank you", "START"])
async def test_another_reply_changes_nothing(served: Served, text: str) -> None:
    # given
    await served.practice.patient()
    # when
    status = await served.reply(MOBILE, text)
    # then
    assert status == 200
    assert await blocked_events(served) == []


async def test_a_reply_that_the_gateway_did_not_sign_is_refused(served: Served) -> None:
    # given
    await served.practice.patient()
    # when
    status = await served.reply(MOBILE, "STOP", token="wrong")
    # then
    assert status == 403
    assert await blocked_events(served) == []


@pytest.mark.parametrize("sender", ["+61491570999", "INFO", ""])
async def test_a_stop_from_a_sender_that_nobody_knows_is_acknowledged(
    served: Served, sender: str
) -> None:
    assert await served.reply(sender, "STOP") == 200


async def unblock(served: Served) -> None:
    """Untick the number, as staff do."""
    await served.call(TICK, mobile=MOBILE, blocked=False)


async def test_the_same_message_again_blocks_no_number_that_staff_have_unticked(
    served: Served,
) -> None:
    # given
    await served.practice.patient()
    await served.reply(MOBILE, "STOP", message="SM1")
    await unblock(served)
    # when
    again = await served.reply(MOBILE, "STOP", message="SM1")
    # then
    assert again == 200
    assert await blocked_events(served) == []
    # but another message does block it
    await served.reply(MOBILE, "STOP", message="SM2")
    assert len(await blocked_events(served)) == 1


async def test_a_message_that_was_not_kept_is_heard_when_it_comes_again(served: Served) -> None:
    # given
    pool = served.practice.pool
    await served.practice.patient()
    await pool.execute("alter table opt_outs rename to opt_outs_away")
    assert await served.reply(MOBILE, "STOP", message="SM1") == 500
    await pool.execute("alter table opt_outs_away rename to opt_outs")
    # when
    status = await served.reply(MOBILE, "STOP", message="SM1")
    # then
    assert status == 200
    assert len(await blocked_events(served)) == 1


async def test_a_stop_that_was_kept_but_not_carried_out_is_carried_out_when_it_comes_again(
    served: Served,
) -> None:
    # given
    pool = served.practice.pool
    await served.practice.patient()
    await pool.execute("alter table blocked_communications add constraint broken check (false)")
    await served.reply(MOBILE, "STOP", message="SM1")
    await pool.execute("alter table blocked_communications drop constraint broken")
    assert await blocked_events(served) == []
    # when
    await served.reply(MOBILE, "STOP", message="SM1")
    # then
    assert len(await blocked_events(served)) == 1
    assert await pending_opt_outs(pool) == []


async def test_the_same_message_twice_at_once_is_heard_once(served: Served) -> None:
    # given
    await served.practice.patient()
    # when
    statuses = await asyncio.gather(
        *(served.reply(MOBILE, "STOP", message="SM1") for _ in range(5))
    )
    # then
    assert statuses == [200] * 5
    assert await served.practice.pool.fetchval("select count(*) from opt_outs") == 1
    assert len(await blocked_events(served)) == 1


async def test_a_flood_of_stops_is_logged_once_without_saying_who(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    monkeypatch.setattr("api.replies.MANY", 3)
    # when
    for number in range(6):
        assert await served.reply(f"+6149157000{number}", "STOP") == 200
    # then
    [told] = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert told.startswith("4 patients sent STOP")
    assert "+61" not in caplog.text
