"""Tests of lanes: work that never runs twice at the same time in a process."""

import asyncio

import pytest

from workers.lane import Lane


async def test_asking_while_a_lane_is_busy_has_it_look_once_more() -> None:
    # given a lane that has nothing left, but hasn't said so yet
    lane, go_on = Lane(), asyncio.Event()
    looks: list[Lane] = []

    async def step() -> bool:
        looks.append(lane)
        await go_on.wait()
        return False

    working = asyncio.create_task(lane.work(step, lambda: True))
    await asyncio.sleep(0)

    # when
    others = [await lane.work(step, lambda: True) for _ in range(3)]

    # then
    assert (others, len(looks)) == ([False] * 3, 1)
    go_on.set()
    assert await working is False
    assert len(looks) == 2


async def test_a_turn_that_runs_out_says_that_there_is_more() -> None:
    # given
    lane = Lane()
    steps: list[Lane] = []

    async def step() -> bool:
        steps.append(lane)
        return True

    # when
    more = await lane.work(step, lambda: len(steps) < 3)

    # then
    assert (more, len(steps)) == (True, 3)
    assert not lane.busy


async def test_a_step_that_raises_leaves_the_lane_free() -> None:
    # given
    lane = Lane()

    async def step() -> bool:
        raise ValueError

    # when
    with pytest.raises(ValueError):  # noqa: PT011
        await lane.work(step, lambda: True)

    # then
    assert await lane.work(lambda: asyncio.sleep(0, result=False), lambda: True) is False
