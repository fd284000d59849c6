"""Tests that every merge of operations' steps is found, and the same steps end the same way."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest

from tests.support.interleavings import STEP, Operation, Scheduler, Stepwise

GOES_ON = "select cardinality(pg_blocking_pids($1)) = 0"


class Monitor(asyncpg.Connection):
    """A monitor that answers once each connection in ``at_work`` has reached a step or a lock."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.at_work: dict[int, Stepwise] = {}

    async def fetch(self, query: str, *arguments: Any, **named: Any) -> Any:
        rows = await super().fetch(query, *arguments, **named)
        for row in rows:
            while not row["blocked_by"] and await self._goes_on(row["pid"]):
                continue
        return rows

    async def _goes_on(self, pid: int) -> bool:
        goes_on: bool = await self.fetchval(GOES_ON, pid)
        return goes_on and pid in self.at_work and self.at_work[pid].turn is None


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[Monitor]]:
    """A monitor, and three connections for operations."""
    settings = {"deadlock_timeout": "100ms"}
    opened = [
        await asyncpg.connect(database_url, server_settings=settings, connection_class=Monitor)
        for _ in range(4)
    ]
    await opened[0].execute(STEP)
    yield opened
    for connection in opened:
        await connection.close()


def doing(*statements: str, seen_late_by: Monitor | None = None) -> Operation:
    async def do(steps: Stepwise) -> None:
        if seen_late_by:
            seen_late_by.at_work[steps.pid] = steps
        async with steps.transaction():
            for statement in statements:
                await steps.execute(statement)
        await steps.step("the end")
        if seen_late_by:
            del seen_late_by.at_work[steps.pid]

    return do


async def nothing() -> None:
    """Let no time pass, and leave everything as it was."""


async def merges(
    connections: Sequence[Monitor], *operations: Operation, switches: int
) -> list[str]:
    scheduler = Scheduler(connections[0], connections[1:], nothing)
    named = list(zip("ABC", operations, strict=False))
    return [str(merge) async for merge in scheduler.merges(named, nothing, switches=switches)]


async def test_a_monitor_that_looks_late_finds_the_same_merges(
    connections: list[Monitor],
) -> None:
    # given one that releases what the other waits for; both take a while
    first = ("select pg_advisory_lock(7)", "select pg_sleep(0.02), pg_advisory_unlock(7)")
    then = ("select pg_advisory_xact_lock(7), pg_sleep(0.02)",)

    # when
    at_once = await merges(connections, doing(*first), doing(*then), switches=2)
    monitor = connections[0]
    late = await merges(
        connections,
        doing(*first, seen_late_by=monitor),
        doing(*then, seen_late_by=monitor),
        switches=2,
    )

    # then
    assert late == at_once
    assert len(set(at_once)) == len(at_once) > 5


async def test_no_operation_goes_on_while_others_wait_for_each_other(
    connections: list[Monitor],
) -> None:
    # given
    one, two = "select pg_advisory_xact_lock(1)", "select pg_advisory_xact_lock(2)"

    # when
    with pytest.raises(asyncpg.DeadlockDetectedError) as deadlock:
        await merges(connections, doing(one, two), doing(two, one), doing("select 1"), switches=1)

    # then
    (after,) = deadlock.value.__notes__
    assert [step[0] for step in after.splitlines()[1:]] == ["A", "B", "B", "A"]
