"""Tests of the sender's limits as the gateway sees them, with two workers sending."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.support.operations import SEND
from tests.support.practice import MOBILE, a_mobile
from tests.support.served import Served
from tests.support.simulated import get
from workers.jobs import resources

RATE = 20
BUSY = timedelta(seconds=0.5)
"""What a busy machine may take from a permit to its message's arrival at the gateway."""


async def test_two_workers_together_keep_to_the_senders_rate(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given three seconds' worth of messages
    monkeypatch.setenv("RECALLS_GATEWAY_RATE", str(RATE))
    await served.misbehave(drop_receipts=1.0)
    for _ in range(3):
        recalls = [
            await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
            for _ in range(RATE)
        ]
        await served.practice.send(*recalls)
    # when
    async with resources() as one, resources() as another:
        await asyncio.gather(*(worker["delivery"].drain(lambda: True) for worker in (one, another)))
    # then after a second's worth at once they come at the rate, and all are sent in the end
    messages = await get(served.gateway, "/messages")
    times = sorted(datetime.fromisoformat(message["time"]) for message in messages)
    assert len(times) == 3 * RATE
    for number, time in enumerate(times):
        assert time - times[0] >= timedelta(seconds=(number - RATE) / RATE) - BUSY


async def test_a_gateway_that_asks_one_worker_to_wait_is_left_alone_by_all(served: Served) -> None:
    # given
    first = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{first}"], idempotencyKey="first")
    await served.misbehave(rate_limited=1.0, retry_after=60)
    await served.work()
    await served.misbehave(rate_limited=0.0)
    # when there is another message, and another worker
    other = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
    await served.call(SEND, recallIds=[f"Recall:{other}"], idempotencyKey="other")
    await served.work()
    # then
    assert await served.practice.attempt_states(other) == ["QUEUED"]
    assert await served.got(MOBILE) == []
