"""Tests of PostgreSQL's own log, which quotes rows and statements unless told not to."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from db.migrate import keep_values_out_of_log
from db.pool import open_pool
from db.types import Pool
from dev.servers.running import as_application

NAME = "Quillfeather"
TALKATIVE = {
    "log_min_messages": "warning",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_parameter_max_length_on_error": "-1",
    "log_min_duration_statement": "0",
}
"""Settings that a host may have; the first three are PostgreSQL's defaults."""


@pytest.fixture
async def logged(pool: Pool) -> AsyncIterator[Callable[[], str]]:
    """A function that returns the log of a server that says all it can about the database."""
    database = await pool.fetchval("select current_database()")
    for name, value in TALKATIVE.items():
        await pool.execute(f"alter database {database} set {name} = '{value}'")
    data = Path(await pool.fetchval("show data_directory"))
    log = data.with_name("postgres.log")
    before = log.stat().st_size

    def since() -> str:
        return log.read_bytes()[before:].decode()

    yield since
    for name in TALKATIVE:
        await pool.execute(f"alter database {database} reset {name}")


async def fail(url: str) -> None:
    """Run statements as the application with a name in each: two fail, one counts as slow."""
    pool = await open_pool(url, name="test")
    async with pool:
        for query in ("select $1::text::integer", "select count(*) from practices where $1 = 'x'"):
            try:
                await pool.fetch(query, NAME)
            except asyncpg.DataError:
                continue
        with pytest.raises(asyncpg.DataError):
            await pool.execute(f"select '{NAME}'::integer")


async def test_the_log_of_a_talkative_server_quotes_people(
    logged: Callable[[], str], database_url: str
) -> None:
    # when
    await fail(as_application(database_url))
    # then
    assert NAME in logged()


async def test_no_name_gets_into_the_log_once_migrate_keeps_values_out(
    logged: Callable[[], str], database_url: str
) -> None:
    # when
    assert await keep_values_out_of_log(database_url)
    await fail(as_application(database_url))
    # then slow statements are logged, without their parameters
    assert "select count(*) from practices" in logged()
    assert NAME not in logged()


async def test_a_second_serving_role_is_as_discreet(
    logged: Callable[[], str], pool: Pool, database_url: str
) -> None:
    # given
    await pool.execute("create role recalls_app_2 login in role recalls_app")
    try:
        # when
        assert await keep_values_out_of_log(database_url)
        await fail(as_application(database_url).replace("recalls_app@", "recalls_app_2@"))
    finally:
        await pool.execute("drop owned by recalls_app_2")
        await pool.execute("drop role recalls_app_2")
    # then
    assert NAME not in logged()


async def test_an_owner_that_may_not_change_the_log_is_recognised(
    pool: Pool, database_url: str
) -> None:
    # given
    await pool.execute("create role limited_owner login createrole")
    try:
        # when
        limited = database_url.replace("//postgres@", "//limited_owner@")
        changed = await keep_values_out_of_log(limited)
    finally:
        await pool.execute("drop role limited_owner")
    # then
    assert not changed
