"""Tests of one process's delivery: what it claims, hands over and settles when things go wrong."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from db.delivery import Claim, claim_messages
from db.pool import open_pool
from db.runs import get_runs
from db.sending import RunAccepted
from db.types import Pool
from dev.servers.running import ServerUrls, as_application
from tests.support.last_words import late_ends
from tests.support.practice import MOBILE, Practice
from tests.support.raw_gateway import TAKEN, http, raw_gateway, twilio, until
from workers.clock import Deadline
from workers.delivery import Delivery
from workers.gateway.protocol import Gateway, Listed, Message, Outcome
from workers.limiter import Limiter

Deliver = Callable[[], Awaitable[object]]


@asynccontextmanager
async def delivering(
    practice: Practice,
    servers: ServerUrls,
    gateway: Gateway,
    concurrency: int = 8,
    pool: Pool | None = None,
) -> AsyncIterator[Deliver]:
    """Yield a function that delivers all that is ready, by a sender that no other test has."""
    limiter = Limiter(servers.valkey_url, f"{practice.id} {time.monotonic_ns()}", rate=None)
    delivery = Delivery(
        pool or practice.pool,
        gateway,
        limiter,
        concurrency=concurrency,
        lease=15,
        look_after=None,
    )
    try:
        yield lambda: delivery.drain(lambda: True)
    finally:
        await limiter.close()


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="has no such clock")
async def test_a_machine_suspended_after_its_claim_sends_no_message_blocked_meanwhile(
    practice: Practice, servers: ServerUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a machine that sleeps for an hour with a claim in hand; its monotonic clock stands still
    read, asleep = time.clock_gettime, 0

    async def claim_then_sleep(*arguments: Any, **options: Any) -> Claim | None:
        nonlocal asleep
        claim = await claim_messages(*arguments, **options)
        if claim is not None:
            asleep += 3600
            await practice.leases_run_out()
            await practice.block()
        return claim

    monkeypatch.setattr("workers.delivery.claim_messages", claim_then_sleep)
    monkeypatch.setattr(
        time, "clock_gettime", lambda clock: read(clock) + asleep * (clock == time.CLOCK_BOOTTIME)
    )
    recall = await practice.recall(await practice.patient(mobile=MOBILE))
    await practice.send(recall)
    async with (
        raw_gateway(TAKEN) as server,
        twilio(server.url) as gateway,
        delivering(practice, servers, gateway) as deliver,
    ):
        # when
        await deliver()
        woken = await practice.attempt_states(recall)
        await practice.retry_now()
        await deliver()
    # then
    assert woken == ["QUEUED"]
    assert await practice.attempt_states(recall) == ["REFUSED"]
    assert server.received == b""


async def test_a_gateway_that_a_wrong_setting_keeps_from_sending_is_not_asked_for_each_message(
    practice: Practice, servers: ServerUrls
) -> None:
    # given a run of forty messages, and a sender that isn't the account's
    await practice.many(40)
    run = await practice.automate()
    assert isinstance(run, RunAccepted)
    async with (
        raw_gateway(http(400, b'{"code": 21606}')) as server,
        twilio(server.url) as gateway,
        delivering(practice, servers, gateway, concurrency=4) as deliver,
    ):
        # when
        await deliver()
        await practice.retry_now()
        await deliver()
    # then only those on their way together were refused, and none of them has failed
    assert len(server.requests) == 4
    [counts] = await get_runs(practice.pool, practice.id, [run.run_id])
    assert (counts["queued"], counts["failed"]) == (40, 0)


async def test_a_connection_that_ends_just_before_its_use_loses_no_outcome(
    practice: Practice, servers: ServerUrls, database_url: str
) -> None:
    # given a message that is with the gateway when the worker's connection ends
    recall = await practice.recall()
    await practice.send(recall)
    async with (
        late_ends(as_application(database_url)) as (url, way),
        await open_pool(url, name="ended", connections=1) as pool,
        raw_gateway(TAKEN) as server,
        twilio(server.url) as gateway,
        delivering(practice, servers, gateway, pool=pool) as deliver,
    ):
        server.may_answer.clear()
        delivered = asyncio.ensure_future(deliver())
        await until(lambda: bool(server.requests))
        await way.end(practice.pool, "recalls ended")
        # when
        server.may_answer.set()
        await delivered
    # then
    assert await practice.attempt_states(recall) == ["SENT"]


class Surprising:
    """The adapter, which fails in an unforeseen way when it is first asked to send."""

    lists = False

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._failed = False

    async def send(self, message: Message, *, deadline: Deadline) -> Outcome:
        if self._failed:
            return await self._gateway.send(message, deadline=deadline)
        self._failed = True
        raise LookupError

    async def listed(self, to: str, since: datetime) -> Sequence[Listed] | None:
        return await self._gateway.listed(to, since)

    async def close(self) -> None:
        await self._gateway.close()


async def test_an_unforeseen_failure_keeps_no_connection(
    practice: Practice, servers: ServerUrls
) -> None:
    # given a claim that fails while one of its messages is about to begin
    await practice.send(*[await practice.recall() for _ in range(2)])
    async with (
        raw_gateway(TAKEN) as server,
        twilio(server.url) as gateway,
        delivering(practice, servers, Surprising(gateway), concurrency=1) as deliver,
    ):
        with pytest.raises(ExceptionGroup):
            await deliver()
        assert server.requests == []
        recall = await practice.recall()
        await practice.send(recall)
        # when
        async with asyncio.timeout(5):
            await deliver()
    # then
    assert await practice.attempt_states(recall) == ["SENT"]
