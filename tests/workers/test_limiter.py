"""Tests of the sender's rate limit and pauses, on a real Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from dev.servers.running import ServerUrls
from workers.limiter import Limiter

RATE = 50.0


@pytest.fixture(autouse=True)
async def valkey(servers: ServerUrls) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.valkey_url) as valkey:
        await valkey.flushdb()
        yield valkey


@pytest.fixture
async def limiters(servers: ServerUrls) -> AsyncIterator[list[Limiter]]:
    """Three workers' limiters for one sender."""
    made = [Limiter(servers.valkey_url, "AC1:+61400000000", rate=RATE) for _ in range(3)]
    yield made
    for limiter in made:
        await limiter.close()


async def taken(limiters: list[Limiter], seconds: float, wanted: int = 500) -> int:
    """Let every limiter take all it can for ``seconds``, and return the total."""
    end = time.monotonic() + seconds

    async def take(limiter: Limiter) -> int:
        total = 0
        while time.monotonic() < end:
            permits = await limiter.take(wanted)
            total += permits.granted
            await asyncio.sleep(min(permits.wait, max(0, end - time.monotonic())))
        return total

    return sum(await asyncio.gather(*map(take, limiters)))


async def test_all_workers_together_keep_to_the_rate(limiters: list[Limiter]) -> None:
    # given
    started = time.monotonic()
    # when
    total = await taken(limiters, seconds=1)
    # then a second's worth at once, and the rate from then on
    assert RATE <= total <= RATE * (1 + time.monotonic() - started)


async def test_a_flush_lets_one_seconds_worth_too_many_through(
    limiters: list[Limiter], valkey: Redis
) -> None:
    # given
    started = time.monotonic()
    before = await taken(limiters, seconds=0.2)
    # when
    await valkey.flushdb()
    after = await taken(limiters, seconds=0.2)
    # then
    assert before + after <= RATE * (2 + time.monotonic() - started)


async def test_unused_permits_are_available_again(limiters: list[Limiter]) -> None:
    # given
    one, another, _ = limiters
    permits = await one.take(50)
    assert (await another.take(50)).granted == 0
    # when
    await one.give_back(permits.granted)
    # then
    assert (await another.take(50)).granted == 50


async def test_no_more_than_a_seconds_worth_is_given_back(limiters: list[Limiter]) -> None:
    # when
    await limiters[0].give_back(1000)
    # then
    assert (await limiters[1].take(1000)).granted == RATE


async def test_a_pause_holds_for_every_worker(limiters: list[Limiter]) -> None:
    # when
    await limiters[0].pause(30)
    # then
    for limiter in limiters:
        permits = await limiter.take(1)
        assert (permits.granted, permits.wait > 29) == (0, True)


async def test_a_short_pause_does_not_end_a_long_one(limiters: list[Limiter]) -> None:
    # when
    await limiters[0].pause(30)
    await limiters[1].pause(0.01)
    # then
    assert (await limiters[2].take(1)).wait > 29


async def test_a_pause_ends(limiters: list[Limiter]) -> None:
    # when
    await limiters[0].pause(0.05)
    # then
    async with asyncio.timeout(5):
        while not (await limiters[1].take(1)).granted:
            await asyncio.sleep(0.01)


async def test_without_a_limit_everything_is_granted(servers: ServerUrls) -> None:
    # given
    limiter = Limiter(servers.valkey_url, "AC2:+61400000000", rate=None)
    # when
    permits = await limiter.take(500)
    # then
    assert permits.granted == 500
    await limiter.close()


@pytest.mark.parametrize(("rate", "granted"), [(None, 500), (RATE, 0)])
async def test_without_valkey_nothing_is_granted_under_a_limit(
    rate: float | None, granted: int
) -> None:
    # given
    limiter = Limiter("redis://127.0.0.1:1/0", "AC1:+61400000000", rate=rate)
    # when
    first, second = await limiter.take(500), await limiter.take(500)
    # then
    assert (first.granted, second.granted) == (granted, granted)
    await limiter.close()
