"""Tests of messages without an answer, and how looking them up at the gateway settles them."""

import pytest

from tests.support.operations import BLOCK, OPERATIONS, SEND
from tests.support.practice import MOBILE
from tests.support.served import Served


@pytest.fixture
async def queued(served: Served, monkeypatch: pytest.MonkeyPatch) -> int:
    """A recall whose message is queued, and a worker that waits a fifth of a second for answers."""
    monkeypatch.setenv("RECALLS_GATEWAY_TIMEOUT", "0.2")
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="queued")
    return recall


async def unanswered(served: Served, **trouble: float) -> None:
    """Let the worker hand the message over to a gateway in trouble, which then recovers."""
    await served.misbehave(**trouble, drop_receipts=1.0)
    await served.work()
    await served.misbehave(**dict.fromkeys(trouble, 0.0))


async def look(served: Served, *, minutes: int) -> None:
    """Let the worker look the message up ``minutes`` after it was handed over."""
    await served.practice.pool.execute(
        "update contact_attempts set handed_over_at = handed_over_at - $1 * interval '1 minute'"
        " where state = 'UNKNOWN'",
        minutes,
    )
    await served.practice.retry_now()
    await served.work()


async def test_a_message_that_the_gateway_has_is_known_to_be_sent(
    served: Served, queued: int
) -> None:
    # given
    await unanswered(served, accept_then_hang=1.0)
    assert await served.practice.attempt_states(queued) == ["UNKNOWN"]
    # when
    await look(served, minutes=0)
    # then
    assert await served.practice.attempt_states(queued) == ["DELIVERED"]
    [message] = await served.got(MOBILE)
    assert (
        await served.practice.pool.fetchval("select gateway_id from contact_attempts")
        == (message["sid"])
    )


@pytest.mark.usefixtures("queued")
async def test_a_run_ends_only_when_its_last_message_is_no_longer_unknown(served: Served) -> None:
    # given
    await unanswered(served, accept_then_hang=1.0)
    [before] = (await served.query(OPERATIONS["runs"]))["nodes"]
    # when
    await look(served, minutes=0)
    # then
    [after] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (before["state"], before["unknown"]) == ("SENDING", 1)
    assert (after["state"], after["unknown"], after["sent"]) == ("FINISHED", 0, 1)


async def test_a_message_that_the_gateway_has_not_got_yet_stays_unknown(
    served: Served, queued: int
) -> None:
    # given
    await unanswered(served, drop=1.0)
    # when
    await look(served, minutes=9)
    # then
    assert await served.practice.attempt_states(queued) == ["UNKNOWN"]
    assert await served.got(MOBILE) == []


async def test_a_message_that_the_gateway_never_took_is_sent_once(
    served: Served, queued: int
) -> None:
    # given
    await unanswered(served, drop=1.0)
    # when
    await look(served, minutes=10)
    # then
    assert await served.practice.attempt_states(queued) == ["SENT"]
    assert len(await served.got(MOBILE)) == 1


async def test_a_message_that_was_never_taken_is_checked_again(served: Served, queued: int) -> None:
    # given
    await unanswered(served, drop=1.0)
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # when
    await look(served, minutes=10)
    # then
    assert await served.practice.attempt_states(queued) == ["REFUSED"]
    assert await served.got(MOBILE) == []


async def test_a_look_up_without_an_answer_settles_nothing(
    served: Served, queued: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    await unanswered(served, drop=1.0)
    # when the list can't be read
    with monkeypatch.context() as wrong:
        wrong.setenv("RECALLS_GATEWAY_TOKEN", "wrong")
        await look(served, minutes=60)
    # then
    assert await served.practice.attempt_states(queued) == ["UNKNOWN"]


@pytest.mark.usefixtures("queued")
async def test_after_a_day_of_asking_in_vain_a_person_decides(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    await unanswered(served, drop=1.0)
    # when
    with monkeypatch.context() as wrong:
        wrong.setenv("RECALLS_GATEWAY_TOKEN", "wrong")
        await look(served, minutes=24 * 60)
    # then
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (run["state"], run["unknown"]) == ("FINISHED", 1)
