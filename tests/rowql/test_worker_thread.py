"""Tests of the worker thread: the event loop goes on, and the work's time is metered."""

import asyncio
import gc
import threading
from contextvars import ContextVar
from time import sleep, thread_time

import pytest

from rowql import on_worker_thread

CALLER: ContextVar[str] = ContextVar("caller", default="nobody")


async def test_work_runs_in_the_one_thread_while_the_loop_goes_on() -> None:
    # given
    began, may_end = threading.Event(), threading.Event()

    def work(word: str, *, end: str) -> tuple[str, int]:
        began.set()
        assert may_end.wait(10)
        return word + end, threading.get_ident()

    running = asyncio.create_task(on_worker_thread(None, work, "do", end="ne"))
    # when
    while not began.is_set():
        await asyncio.sleep(0)
    may_end.set()
    word, thread = await running
    # then
    assert word == "done"
    assert thread != threading.get_ident()
    assert thread == await on_worker_thread(None, threading.get_ident)


async def test_the_meter_gets_the_threads_own_seconds_in_the_callers_context() -> None:
    # given
    metered: list[tuple[str, float]] = []
    CALLER.set("Ann")

    def work() -> None:
        sleep(0.05)  # takes no CPU time
        until = thread_time() + 0.02
        while thread_time() < until:
            pass

    # when
    await on_worker_thread(lambda seconds: metered.append((CALLER.get(), seconds)), work)
    # then
    [(caller, seconds)] = metered
    assert caller == "Ann"
    assert 0.02 <= seconds < 0.06


async def test_work_that_fails_is_metered_and_its_error_raised() -> None:
    # given
    metered: list[float] = []

    def work() -> None:
        raise LookupError

    # when
    with pytest.raises(LookupError):
        await on_worker_thread(metered.append, work)
    # then
    assert len(metered) == 1


async def test_work_whose_caller_gives_up_is_waited_for_and_metered() -> None:
    # given
    began, may_end = threading.Event(), threading.Event()
    metered: list[float] = []

    def work() -> None:
        began.set()
        assert may_end.wait(10)

    running = asyncio.create_task(on_worker_thread(metered.append, work))
    while not began.is_set():
        await asyncio.sleep(0)
    # when
    running.cancel()
    await asyncio.sleep(0)
    before = len(metered)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    # then
    assert (before, len(metered)) == (0, 1)
    assert metered[0] > 0


async def test_work_whose_caller_gives_up_before_it_began_is_never_done() -> None:
    # given
    began, may_end = threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        began.set()
        assert may_end.wait(10)

    running = asyncio.create_task(on_worker_thread(None, first))
    while not began.is_set():
        await asyncio.sleep(0)
    waiting = asyncio.create_task(on_worker_thread(None, done.append, "second"))
    await asyncio.sleep(0)
    # when
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    may_end.set()
    await running
    await on_worker_thread(None, done.append, "third")
    # then
    assert done == ["third"]


async def test_garbage_is_not_collected_during_work() -> None:
    # when
    during = await on_worker_thread(None, gc.isenabled)
    # then
    assert during is False
    assert gc.isenabled()
