"""Tests of the time limit that operations share one timer for."""

import asyncio

import pytest

from rowql.time_limit import TimeLimit, TimeUpError


async def within(limit: TimeLimit, seconds: float) -> str:
    """Return "done" if the time is enough."""
    with limit:
        await asyncio.sleep(seconds)
        return "done"


async def test_an_operation_whose_time_is_up_is_stopped() -> None:
    with pytest.raises(TimeUpError):
        await within(TimeLimit(0.01), 60)


async def test_each_operation_has_its_own_time() -> None:
    # given
    limit = TimeLimit(0.1)
    slow = asyncio.create_task(within(limit, 60))
    await asyncio.sleep(0.05)
    # when operations begin and end while the first one's time goes on
    slower = asyncio.create_task(within(limit, 60))
    quick = await asyncio.gather(*(within(limit, 0) for _ in range(10)))
    # then
    assert quick == ["done"] * 10
    found = await asyncio.gather(slow, slower, return_exceptions=True)
    assert [type(each) for each in found] == [TimeUpError, TimeUpError]
    assert not limit._until
    assert not limit._over


async def test_after_a_pause_the_time_is_limited_again() -> None:
    # given
    limit = TimeLimit(0.01)
    for _ in range(3):
        # when / then
        with pytest.raises(TimeUpError):
            await within(limit, 60)
        await asyncio.sleep(0.02)


async def test_an_operation_that_its_client_ends_is_no_timeout() -> None:
    # given
    running = asyncio.create_task(within(TimeLimit(60), 60))
    await asyncio.sleep(0)
    # when
    running.cancel()
    # then
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_operation_that_is_cancelled_as_its_time_ends_stays_cancelled() -> None:
    # given
    limit = TimeLimit(60)
    running = asyncio.create_task(within(limit, 60))
    await asyncio.sleep(0)
    # when both happen in one step of the loop
    running.cancel()
    limit._until[running] = 0, 0
    limit._look()
    # then
    with pytest.raises(asyncio.CancelledError):
        await running


def test_a_limit_goes_on_in_another_loop() -> None:
    # given a loop that has ended with the limit's timer
    limit = TimeLimit(0.01)
    asyncio.run(within(limit, 0))
    # when / then
    with pytest.raises(TimeUpError):
        asyncio.run(within(limit, 60))


async def test_without_a_limit_nothing_is_stopped() -> None:
    assert await within(TimeLimit(None), 0.01) == "done"
