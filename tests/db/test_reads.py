"""Tests of the connections that clients read over: served in order, and none lost."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from db.pool import Reads, open_reads
from dev.servers.running import as_application
from tests.support.simulated import until


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[Reads]:
    """A single connection to read over."""
    reads = await open_reads(as_application(database_url), name="test", connections=1)
    yield reads
    await reads.close()


async def test_waiting_clients_are_served_in_order(one: Reads) -> None:
    # given more clients than connections, each asking again as soon as it is answered
    served: list[int] = []

    async def ask(number: int) -> None:
        for _ in range(3):
            await one.fetchval("select 1", 1)
            served.append(number)

    # when
    await asyncio.gather(*(ask(number) for number in range(5)))
    # then nobody is served a second time before everybody was once
    assert served == [*range(5)] * 3


async def test_statements_that_fail_cost_no_connection(one: Reads) -> None:
    # given
    for _ in range(3):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await one.fetch("select 1 / 0", 1)
    # when
    async with asyncio.timeout(5):
        answer = await one.fetchval("select 2", 1)
    # then
    assert answer == 2


async def test_a_statement_that_is_given_up_costs_no_connection(one: Reads) -> None:
    # given
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await one.fetch("select pg_sleep(30)", 1)
    # when
    async with asyncio.timeout(5):
        answer = await one.fetchval("select 2", 1)
    # then
    assert answer == 2


async def test_a_connection_that_was_cut_is_replaced(one: Reads, pool: asyncpg.Pool) -> None:
    # given
    before = await one.fetchval("select pg_backend_pid()", 1)
    await pool.fetchval("select pg_terminate_backend($1)", before)

    async def answers() -> bool:
        try:
            return bool(await one.fetchval("select pg_backend_pid()", 1) != before)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            return False  # it hasn't noticed yet

    # when / then
    await until(answers)


async def test_a_connection_is_kept_between_statements(one: Reads) -> None:
    # when
    seen = {await one.fetchval("select pg_backend_pid()", 1) for _ in range(5)}
    # then
    assert len(seen) == 1


async def test_reads_keep_their_plans_and_use_indexes(one: Reads) -> None:
    # when
    settings = [
        await one.fetchval("select current_setting($2)", 1, name)
        for name in ("plan_cache_mode", "enable_seqscan", "jit")
    ]
    # then
    assert settings == ["force_generic_plan", "off", "off"]


async def test_no_row_is_none(one: Reads) -> None:
    # when / then
    assert await one.fetchrow("select 1 where false", 1) is None
    assert await one.fetchval("select 1 where false", 1) is None
