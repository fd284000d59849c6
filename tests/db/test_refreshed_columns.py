"""Tests of the denormalised columns that `db migrate` refreshes, beside processes at work."""

import asyncio
import threading
from pathlib import Path

import asyncpg
import pytest

from db.migrate import migrate
from tests.db.test_denormalised_columns import STALE, copies
from tests.support.practice import Practice, a_practice
from tests.support.releases import another_release, holding, until_it_waits, upgrade

pytestmark = pytest.mark.usefixtures("alone")


async def test_a_practice_whose_columns_are_refreshed_waits_for_no_other(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given
    other = await a_practice(practice.pool)
    async with holding(database_url, f"select logic.lock_denormalised({other.id})"):
        release = another_release(tmp_path, 1, fills_columns=True)
        upgrading = asyncio.create_task(upgrade(database_url, release))
        await until_it_waits(practice.pool, "advisory")
        # when / then
        async with asyncio.timeout(10):
            await practice.block()
    await upgrading


async def test_a_large_practice_is_refreshed_some_patients_at_a_time(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given recalls of more patients than are refreshed at a time, as other functions stored them
    await practice.pool.execute(
        """
        with people as (
          insert into patients (practice_id, pms_id, first_name, last_name, status)
          select $1, n, 'Ann', 'Smith', 'ACTIVE' from generate_series(1, 1500) n
          returning id, pms_id
        )
        insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)
          select $1, pms_id, id, 'Skin check', current_date, false from people order by id
        """,
        practice.id,
    )
    await practice.pool.execute("update recalls set sms_reason = 'PATIENT_INACTIVE'")
    last = "select from recalls where patient_id = (select max(id) from patients) for update"
    async with holding(database_url, last):
        # when
        release = another_release(tmp_path, 1, fills_columns=True)
        upgrading = asyncio.create_task(upgrade(database_url, release))
        await until_it_waits(practice.pool, "transactionid")
        # then
        refreshed = await practice.pool.fetchval(
            "select count(*) from recalls where sms_reason = 'MOBILE_MISSING'"
        )
        assert refreshed == 1000
    await upgrading
    assert await practice.pool.fetch(STALE) == []


async def test_the_new_release_may_start_before_the_columns_are_refreshed(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given
    release = another_release(tmp_path, 1, fills_columns=True)
    may_start = threading.Event()
    async with holding(database_url, f"select logic.lock_denormalised({practice.id})"):
        # when
        upgrading = asyncio.create_task(
            asyncio.to_thread(
                migrate, database_url, functions=release, before_refreshing=may_start.set
            )
        )
        await until_it_waits(practice.pool, "advisory")
        # then
        assert may_start.is_set()
    await upgrading


async def test_a_migration_cut_off_before_refreshing_columns_is_finished_by_the_next(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given columns as other functions might have stored them
    await practice.recall(pms_id="r")
    await practice.pool.execute("update recalls set sms_reason = 'PATIENT_INACTIVE'")
    functions = another_release(tmp_path, 1, fills_columns=True)
    async with holding(database_url, f"select logic.lock_denormalised({practice.id})"):
        upgrading = asyncio.create_task(upgrade(database_url, functions))
        await until_it_waits(practice.pool, "advisory")
        await practice.pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = 'recalls migrate'"
        )
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await upgrading
    # when
    await upgrade(database_url, functions)
    # then
    assert await copies(practice.pool) == (None, "Skin checks")
