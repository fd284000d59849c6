"""Tests of what an operation costs: only its own time, charged to its viewer and practice."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest
from redis.asyncio import Redis

from api import admission as admission_module
from api import rate
from api.admission import (
    DATABASE_SHARE,
    LOOP_SHARE,
    MAX_OPERATIONS,
    PRACTICE,
    PRACTICE_SHARES,
    Admission,
    is_large,
)
from api.metering import metered, task_of
from api.rate import BURST_SECONDS
from core import cost
from core.cost import BusyError, Cost
from core.identity import Role, Viewer
from core.slots import Slots
from db.pool import Reads
from db.tenancy import in_practice
from dev.servers.running import ServerUrls
from tests.support.practice import Practice, a_practice

RATE = 20.0
BURST = int(RATE * BURST_SECONDS)
WORK = 0.05


def work(seconds: float) -> None:
    """Keep the event loop busy for that long."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def viewer(key: int = 1, practice: int = 1) -> Viewer:
    return Viewer(practice, "Priya", Role.RECEPTIONIST, "access_tokens", key)


@pytest.fixture
async def metering() -> AsyncIterator[None]:
    """A loop that charges tasks to the operation that started them, as the API's does."""
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(task_of)  # type: ignore[arg-type]
    yield
    loop.set_task_factory(before)


@pytest.fixture
async def admission(
    servers: ServerUrls, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Admission]:
    async with Redis.from_url(servers.valkey_url) as valkey:
        await valkey.flushdb()
    monkeypatch.setattr(rate, "ANSWER_SECONDS", 60.0)
    admission = Admission(servers.valkey_url, RATE)
    yield admission
    await admission.close()


async def granted(admission: Admission, *viewers: Viewer) -> int:
    """Ask until each viewer is refused; return how many operations were granted."""
    count = 0
    for each in viewers:
        while not await admission.try_acquire(each):
            count += 1
    return count


@pytest.mark.usefixtures("metering")
async def test_an_operation_costs_its_own_steps_and_those_of_its_tasks() -> None:
    # given
    async def child() -> None:
        await asyncio.sleep(0)
        work(WORK)

    async def operation() -> str:
        work(WORK)
        await asyncio.gather(child(), child())
        return "done"

    found = Cost()
    # when
    answer = await metered(operation(), found)
    # then
    assert answer == "done"
    assert found.loop >= 3 * WORK


@pytest.mark.usefixtures("metering")
async def test_the_work_of_other_tasks_costs_nothing() -> None:
    # given
    async def other() -> None:
        work(WORK)

    others = [asyncio.create_task(other()) for _ in range(3)]
    found = Cost()
    # when
    await metered(asyncio.sleep(WORK), found)
    # then
    await asyncio.gather(*others)
    assert found.loop < WORK


@pytest.mark.usefixtures("metering")
async def test_a_task_that_never_began_is_cancelled_like_any_other() -> None:
    # given
    async def begins_and_cancels() -> list[Any]:
        tasks = [asyncio.create_task(asyncio.sleep(60)) for _ in range(2)]
        for task in tasks:
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    # when
    results = await metered(begins_and_cancels(), Cost())
    # then
    assert [type(result) for result in results] == [asyncio.CancelledError] * 2


@pytest.mark.usefixtures("metering")
async def test_a_task_group_can_inspect_the_coroutines_of_tasks_that_it_cancels() -> None:
    # given a client that hangs up before the task that answers it has begun
    async def hangs_up() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(asyncio.sleep, 60)
            group.cancel_scope.cancel()

    async with asyncio.timeout(10):
        # when / then
        await metered(hangs_up(), Cost())


@pytest.mark.usefixtures("metering")
async def test_an_error_in_an_operation_is_raised() -> None:
    # given
    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError

    # when / then
    with pytest.raises(LookupError):
        await metered(fails(), Cost())


async def test_a_connection_costs_the_time_for_which_it_is_held(practice: Practice) -> None:
    # given
    async def operation() -> None:
        async with in_practice(practice.pool, practice.id) as connection:
            await connection.execute("select pg_sleep(0.1)")
        slow = "select pg_sleep(0.1)::text from practices where id = $1"
        await Reads(practice.pool, 2).fetch(slow, practice.id)

    found = Cost()
    # when
    await metered(operation(), found)
    # then
    assert found.database >= 0.2


async def taking(admission: Admission, of: Viewer, **seconds: float) -> None:
    """Run an operation that takes the given seconds of each kind."""

    async def operation() -> None:
        found = cost.COST.get()
        assert found is not None
        for kind, each in seconds.items():
            setattr(found, kind, each)

    assert await admission.try_acquire(of) == 0
    await admission.run(of, operation())


SHARES = {"loop": LOOP_SHARE, "database": DATABASE_SHARE}


@pytest.mark.parametrize("kind", SHARES)
async def test_a_viewer_that_takes_more_than_its_share_waits_for_the_next(
    admission: Admission, kind: str
) -> None:
    # given an operation that takes the share of a second and a half
    seconds = admission_module.BURST_SECONDS + 0.5
    await taking(admission, viewer(), **{kind: seconds * SHARES[kind]})
    # when
    began = time.monotonic()
    assert await admission.try_acquire(viewer()) == 0
    async with admission.turn(viewer()):
        took = time.monotonic() - began
    # then it waits for the excess, and no other viewer's share is touched
    assert took >= 0.4
    began = time.monotonic()
    async with admission.turn(viewer(2)):
        assert time.monotonic() - began < took


async def test_of_many_operations_at_once_the_last_pay_for_the_first(
    admission: Admission,
) -> None:
    # given operations that were all admitted before any had cost anything
    began = 0

    async def operation() -> None:
        nonlocal began
        async with admission.turn(viewer()):
            began += 1
            found = cost.COST.get()
            assert found is not None
            found.loop += 4 * LOOP_SHARE
            await asyncio.sleep(0)

    # when
    results = await asyncio.gather(
        *(admission.run(viewer(), operation()) for _ in range(40)), return_exceptions=True
    )
    # then no more begin than may have their turn together
    assert began == MAX_OPERATIONS
    assert {type(result) for result in results} == {type(None), BusyError}


async def test_a_viewer_that_takes_far_more_is_told_when_to_come_back(admission: Admission) -> None:
    # given
    await taking(admission, viewer(), loop=1000 * LOOP_SHARE)
    # when
    wait = await admission.try_acquire(viewer())
    # then: whatever the clock says, nobody is kept out for long
    assert admission_module.DELAY_SECONDS < wait <= admission_module.MAX_SECONDS
    assert await admission.try_acquire(viewer(2, practice=2)) == 0


def test_a_practice_may_take_twice_a_viewers_share() -> None:
    # given
    shares = admission_module.Shares(PRACTICE_SHARES)
    # when
    for _ in range(PRACTICE_SHARES):
        shares.charge("practice:1", 3.0)
    # then
    assert 1.9 <= shares.owed("practice:1") <= 2
    assert shares.owed("practice:2") == 0


async def test_there_is_room_for_one_large_body_per_viewer(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.01)

    async def another(of: Viewer) -> None:
        async with admission.room(of):
            return

    async with admission.room(viewer()):
        # when / then
        with pytest.raises(BusyError):
            await metered(another(viewer()), Cost())
        await metered(another(viewer(2)), Cost())
        async with admission.room(viewer(2)):
            with pytest.raises(BusyError):
                await metered(another(viewer(3)), Cost())
            await metered(another(viewer(3, practice=2)), Cost())


@pytest.mark.parametrize(
    ("length", "method", "large"),
    [
        (b"1000000", "POST", True),
        (b"65536", "POST", False),
        (b"x", "POST", True),
        (None, "POST", True),
        (None, "GET", False),
    ],
)
def test_a_body_is_large_if_it_may_be(length: bytes | None, method: str, large: bool) -> None:
    assert is_large(length, method) is large


async def test_a_practice_has_a_budget_however_many_tokens_it_makes(admission: Admission) -> None:
    # given
    began = time.monotonic()
    viewers = [viewer(key) for key in range(2 * PRACTICE)]
    # when
    count = await granted(admission, *viewers)
    # then
    most = PRACTICE * (BURST + RATE * (time.monotonic() - began) + 1)
    assert PRACTICE * BURST <= count <= most
    assert await admission.try_acquire(viewer(practice=2)) == 0


async def test_a_viewer_whose_turns_are_all_taken_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.01)
    turns = Slots(1)

    async def another(key: str) -> None:
        async with turns.of(key):
            return

    # when
    async with turns.of("a"):
        with pytest.raises(BusyError):
            await metered(another("a"), Cost())
        await metered(another("b"), Cost())
    # then
    await metered(another("a"), Cost())
    assert turns._taken == turns._waiting == {}


async def test_a_practices_operations_in_progress_are_limited_however_many_people_ask(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.01)
    most = PRACTICE_SHARES * MAX_OPERATIONS

    async def another(of: Viewer) -> None:
        async with admission.turn(of):
            return

    async with AsyncExitStack() as held:
        for key in range(most):
            await held.enter_async_context(admission.turn(viewer(key)))
        # when
        with pytest.raises(BusyError):
            await metered(another(viewer(most)), Cost())
        # then
        await metered(another(viewer(most, practice=2)), Cost())
    await metered(another(viewer(most)), Cost())


async def test_a_practices_slow_reads_leave_a_connection_to_the_others(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    reads = Reads(practice.pool, 2)
    async with practice.pool.acquire() as locking, locking.transaction():
        await locking.execute("select pg_advisory_xact_lock(1)")
        waits = "select pg_advisory_xact_lock_shared(1)::text from practices where id = $1"
        slow = [asyncio.create_task(reads.fetch(waits, practice.id)) for _ in range(4)]
        # when
        async with asyncio.timeout(20):
            found = await reads.fetchval("select id from practices where id = $1", neighbour.id)
        # then
        assert found == neighbour.id
        assert not any(task.done() for task in slow)
    await asyncio.gather(*slow)


async def test_a_read_doesnt_wait_for_ever(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.01)
    reads = Reads(practice.pool, 2)
    query = "select id from practices where id = $1"
    async with reads._of_practice.of(practice.id):
        # when / then
        with pytest.raises(BusyError):
            await metered(reads.fetch(query, practice.id), Cost())
    assert await metered(reads.fetchval(query, practice.id), Cost()) == practice.id
