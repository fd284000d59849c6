"""Tests of a worker that freezes with messages in hand, and wakes after a block was answered."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from tests.support.operations import BLOCK, SEND
from tests.support.practice import a_mobile
from tests.support.served import Served
from tests.support.simulated import get, until
from tests.support.worker_process import worker

MESSAGES = 16
AT_ONCE = 8  # as the fixture ``served`` sets it
LEASE = 1.5


@pytest.mark.takes_long("freezes a worker until its claim has run out")
async def test_a_worker_that_was_frozen_sends_no_message_blocked_meanwhile(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a worker that is frozen when half of what it claimed is with the gateway
    monkeypatch.setenv("RECALLS_WORKER_LEASE", str(LEASE))
    await served.misbehave(latency_ms=1000, drop_receipts=1.0)
    numbers = [a_mobile() for _ in range(MESSAGES)]
    recalls = {
        number: await served.practice.recall(await served.practice.patient(mobile=number))
        for number in numbers
    }

    async def half_handed_over() -> bool:
        return len(await get(served.gateway, "/messages")) == AT_ONCE

    async with worker(tmp_path / "log") as process:
        await served.call(
            SEND, recallIds=[f"Recall:{recall}" for recall in recalls.values()], idempotencyKey="a"
        )
        await until(half_handed_over, seconds=15)
        process.send_signal(signal.SIGSTOP)
        await served.misbehave(latency_ms=0)
        handed = {message["to"] for message in await get(served.gateway, "/messages")}
        in_hand = next(number for number in numbers if number not in handed)
        assert await served.practice.attempt_states(recalls[in_hand]) == ["SENDING"]
        # when a number that it still has in hand is blocked, and it goes on
        started = time.monotonic()
        blocked = await served.call(BLOCK, mobile=in_hand, blockedRecalls=True)
        took = time.monotonic() - started
        process.send_signal(signal.SIGCONT)
        # then the block was answered once the lease was over, and all others got their message
        assert blocked["blockedRecalls"] is True
        assert took < LEASE + 1
        async with asyncio.timeout(20):
            for number in set(numbers) - {in_hand}:
                await served.until_states(recalls[number], "SENT", seconds=20)
        await served.until_states(recalls[in_hand], "REFUSED", seconds=20)
    to = [message["to"] for message in await get(served.gateway, "/messages")]
    assert sorted(to) == sorted(set(numbers) - {in_hand})
