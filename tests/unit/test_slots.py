"""Tests of slots: at most so many at once, in order of arrival."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import cost
from core.cost import COST, BusyError, Cost
from core.slots import Slots


async def waiting(slots: Slots, count: int, got: list[int]) -> list[asyncio.Task[None]]:
    """Return tasks that wait for a slot, one after another, and note when they have it."""

    async def take(number: int) -> None:
        await slots.take("a")
        got.append(number)

    tasks = [asyncio.create_task(take(number)) for number in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_slots_are_handed_over_in_order_of_arrival() -> None:
    # given
    slots, got = Slots(1), list[int]()
    assert slots.take_free("a")
    tasks = await waiting(slots, 3, got)
    # when
    for _ in tasks:
        slots.give_back("a")
        await asyncio.sleep(0.001)
    # then
    assert got == [0, 1, 2]


async def test_nobody_overtakes_those_who_wait() -> None:
    # given
    slots, got = Slots(1), list[int]()
    assert slots.take_free("a")
    await waiting(slots, 1, got)
    # when
    slots.give_back("a")
    # then
    assert not slots.take_free("a")


async def test_a_slot_handed_to_one_who_gives_up_goes_to_the_next() -> None:
    # given
    slots, got = Slots(1), list[int]()
    assert slots.take_free("a")
    first, second = await waiting(slots, 2, got)
    # when the first is cancelled in the step in which it is its turn
    slots.give_back("a")
    first.cancel()
    await asyncio.wait([first, second])
    # then
    assert got == [1]


async def test_one_who_gave_up_waiting_is_passed_over() -> None:
    # given
    slots, got = Slots(1), list[int]()
    assert slots.take_free("a")
    first, second = await waiting(slots, 2, got)
    first.cancel()
    await asyncio.wait([first])
    # when
    slots.give_back("a")
    await second
    # then
    assert got == [1]


async def test_a_client_that_waits_too_long_is_told_so_and_holds_no_slot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.001)
    COST.set(Cost())
    slots = Slots(1)
    assert slots.take_free("a")
    # when
    with pytest.raises(BusyError):
        await slots.take("a")
    # then
    slots.give_back("a")
    assert slots.take_free("a")


async def test_a_worker_waits_for_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.0)
    slots, got = Slots(1), list[int]()
    assert slots.take_free("a")
    [task] = await waiting(slots, 1, got)
    await asyncio.sleep(0.01)
    # when
    slots.give_back("a")
    await task
    # then
    assert got == [0]


@given(st.lists(st.sampled_from(["take", "give back", "cancel"]), max_size=60))
def test_whatever_happens_no_slot_is_lost_and_none_is_held_twice(steps: list[str]) -> None:
    async def play() -> None:
        # given
        slots, got, tasks, given_back = Slots(2), list[int](), list[asyncio.Task[None]](), 0
        # when
        for step in steps:
            if step == "take":

                async def take(number: int) -> None:
                    await slots.take("a")
                    got.append(number)

                tasks.append(asyncio.create_task(take(len(tasks))))
            elif step == "give back" and len(got) > given_back:
                slots.give_back("a")
                given_back += 1
            elif step == "cancel" and tasks:
                tasks[len(tasks) // 2].cancel()
            for _ in range(steps.index(step) % 3):
                await asyncio.sleep(0)
            assert len(got) - given_back <= 2
        # then everybody who is still there gets a slot
        while not all(task.done() for task in tasks):
            for _ in range(5):
                await asyncio.sleep(0)
            if len(got) > given_back:
                slots.give_back("a")
                given_back += 1
        while len(got) > given_back:
            slots.give_back("a")
            given_back += 1
        assert slots._taken == slots._waiting == {}

    asyncio.run(play())
