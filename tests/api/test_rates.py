"""Tests of how many operations a viewer may run, across all processes."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from api import rate
from api.rate import BURST_SECONDS, Rates
from core.identity import Role
from dev.servers.embedded import start_valkey
from dev.servers.running import ServerUrls
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name } }"
RATE = 20.0
BURST = int(RATE * BURST_SECONDS)


@pytest.fixture
async def valkey(servers: ServerUrls) -> AsyncIterator[Redis]:
    async with Redis.from_url(servers.valkey_url, decode_responses=True) as valkey:
        await valkey.flushdb()
        yield valkey


@pytest.fixture
async def two(
    servers: ServerUrls, valkey: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Rates]]:
    """Two processes' rate limits, however long this machine is held up."""
    del valkey
    monkeypatch.setattr(rate, "ANSWER_SECONDS", 60.0)
    made = [Rates(servers.valkey_url, RATE) for _ in range(2)]
    yield made
    for rates in made:
        await rates.close()


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[tuple[Redis, str]]:
    """A Valkey that no other test uses, and its URL."""
    async with AsyncExitStack() as running:
        _, url = await start_valkey(tmp_path, running)
        yield await running.enter_async_context(Redis.from_url(url, decode_responses=True)), url


async def taken(processes: list[Rates], times: int, key: str = "x") -> int:
    """Ask the processes by turns; return how often the key was granted an operation."""
    return sum([not await processes[n % len(processes)].try_acquire(key) for n in range(times)])


async def refusals(served: Served, times: int, role: Role = Role.ADMIN) -> list[dict[str, Any]]:
    answers = [await served.ask(WHO, token=served.tokens[role]) for _ in range(times)]
    return [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]


async def test_a_viewer_has_a_budget_of_operations(served: Served) -> None:
    # given a budget of one at once, and one more every ten seconds
    async with served.again(RATE="0.1") as limited:
        # when
        refused = await refusals(limited, 3)
        # then
        assert [refusal["code"] for refusal in refused] == ["RATE_LIMITED"] * 2
        assert all(1 <= refusal["retryAfter"] <= 10 for refusal in refused)
        assert await refusals(limited, 1, Role.RECEPTIONIST) == []
        async with limited.http.post(
            "/graphql", json={"query": WHO}, headers={"Authorization": f"Bearer {limited.admin}"}
        ) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= 10


async def test_the_budget_holds_for_every_transport_and_endpoint(served: Served) -> None:
    # given
    async with served.again(RATE="0.1") as limited:
        await refusals(limited, 1)
        headers = {"Authorization": f"Bearer {limited.admin}"}
        # when
        async with limited.operations() as operations:
            [answer] = await operations.all(WHO)
        async with limited.http.get("/graphql", params={"query": WHO}, headers=headers) as got:
            pass
        async with limited.http.post("/exports/audit", json={}, headers=headers) as export:
            pass
    # then
    assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert (got.status, export.status) == (429, 429)


async def test_two_processes_share_a_budget(two: list[Rates]) -> None:
    # given
    began = time.monotonic()
    # when
    granted = await taken(two, 10 * BURST)
    # then
    assert BURST <= granted <= BURST + RATE * (time.monotonic() - began) + 1


async def test_a_refused_viewer_is_told_when_to_come_back(two: list[Rates]) -> None:
    # given
    while not (wait := await two[0].try_acquire("x")):
        pass
    assert 0 < wait <= 1 / RATE + 0.001
    # when
    await asyncio.sleep(wait)
    # then
    assert await two[0].try_acquire("x") == 0


async def test_one_budget_doesnt_touch_another(two: list[Rates]) -> None:
    # given
    await taken(two, 10 * BURST)
    # when / then
    assert await taken(two, BURST, key="y") >= BURST


async def test_concurrent_operations_are_granted_no_more(two: list[Rates]) -> None:
    # given
    began = time.monotonic()
    # when
    waits = await asyncio.gather(*[two[n % 2].try_acquire("x") for n in range(10 * BURST)])
    # then
    assert BURST <= waits.count(0) <= BURST + RATE * (time.monotonic() - began) + 1


async def test_valkey_is_asked_for_many_operations_at_once(
    own: tuple[Redis, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(rate, "ANSWER_SECONDS", 60.0)
    valkey, url = own
    rates = Rates(url, RATE)
    # when
    await taken([rates], BURST)
    # then
    calls = (await valkey.info("commandstats"))["cmdstat_get"]["calls"]
    assert calls <= BURST / RATE
    await rates.close()


async def test_a_clock_that_is_set_back_locks_nobody_out(two: list[Rates], valkey: Any) -> None:
    # given what a clock an hour ahead left behind
    await valkey.set("recalls:operations:x", str(time.time() + 3600))
    # when: the wait is no longer than after a used-up budget
    wait = await two[0].try_acquire("x")
    # then
    assert 0 < wait <= 1 / RATE + 0.001


async def test_a_budget_is_forgotten_when_it_is_full_again(two: list[Rates], valkey: Any) -> None:
    # when
    await two[0].try_acquire("x")
    # then
    assert 0 < await valkey.pttl("recalls:operations:x") <= 1000


@pytest.mark.parametrize("times", [1, 5])
async def test_zero_is_no_limit(servers: ServerUrls, times: int) -> None:
    # given
    rates = Rates(servers.valkey_url, 0.0)
    # when / then
    assert await taken([rates], times) == times
    await rates.close()


async def test_if_valkey_stops_each_process_limits_by_itself(tmp_path: Path) -> None:
    # given
    async with AsyncExitStack() as running:
        _, url = await start_valkey(tmp_path, running)
        processes = [Rates(url, RATE) for _ in range(2)]
        assert await taken(processes, 2) == 2
    # when it has stopped
    began = time.monotonic()
    granted = [await taken([process], 10 * BURST) for process in processes]
    # then: its own budget, and what is left of a batch
    most = BURST + RATE * (1 + time.monotonic() - began) + 1
    assert all(BURST <= each <= most for each in granted)
    for process in processes:
        await process.close()


async def test_a_valkey_that_hangs_holds_nobody_up_and_counts_again_afterwards(
    own: tuple[Redis, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(rate, "AWAY_SECONDS", 0.05)
    valkey, url = own
    process = (await valkey.info("server"))["process_id"]
    rates = Rates(url, RATE)
    os.kill(process, signal.SIGSTOP)
    # when
    try:
        async with asyncio.timeout(2 * rate.ANSWER_SECONDS + 1):
            assert await taken([rates], int(RATE)) == RATE
    finally:
        os.kill(process, signal.SIGCONT)

    # then
    async def counted() -> bool:
        await rates.try_acquire("x")
        return bool(await valkey.exists("recalls:operations:x"))

    await until(counted)
    await rates.close()


async def test_the_budget_is_kept_under_no_name_or_token(served: Served, valkey: Any) -> None:
    # when
    await served.ask(WHO)
    # then
    practice, viewer = sorted([key async for key in valkey.scan_iter("recalls:operations:*")])[::-1]
    assert practice == f"recalls:operations:practice:{served.practice.id}"
    assert viewer.startswith(f"recalls:operations:access_tokens:{served.practice.id}:")
