"""Tests of the database that tests use one after another: none leaves anything for the next."""

from db.types import Pool
from tests.support.databases import Recycled
from tests.support.practice import Practice, a_practice


async def filled(pool: Pool) -> list[str]:
    """Return the tables that have a row."""
    tables = await pool.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind = 'r' and relname <> 'alembic_version' order by 1"
    )
    return [
        name
        for (name,) in tables
        if await pool.fetchval(f"select exists (select from {name})")  # noqa: S608
    ]


async def test_a_cleared_database_is_like_new(practice: Practice, recycled: Recycled) -> None:
    # given
    await practice.send(await practice.recall())
    await practice.block()
    before, used = recycled.url, await filled(recycled.pool)
    # when
    await recycled.clear()
    # then
    assert {"practices", "contact_attempts", "audit_events", "block_events"} <= set(used)
    assert await filled(recycled.pool) == []
    assert recycled.url == before
    assert (await a_practice(recycled.pool)).id == 1


async def test_a_database_that_holds_much_is_cleared_too(
    practice: Practice, recycled: Recycled
) -> None:
    # given
    await practice.many(4_000)
    # when
    await recycled.clear()
    # then
    assert await filled(recycled.pool) == []


async def test_a_database_whose_schema_was_changed_is_replaced(
    pool: Pool, recycled: Recycled
) -> None:
    # given
    before = recycled.url
    await pool.execute("alter table runs rename to runs_away")
    # when
    await recycled.clear()
    # then
    assert recycled.url != before
    assert await recycled.pool.fetchval("select count(*) from runs") == 0


async def test_a_database_whose_settings_were_changed_is_replaced(
    pool: Pool, recycled: Recycled
) -> None:
    # given
    before = recycled.url
    name = await pool.fetchval("select current_database()")
    await pool.execute(f"alter database {name} set work_mem = '5MB'")
    # when
    await recycled.clear()
    # then
    assert recycled.url != before


async def test_a_database_that_was_analyzed_is_replaced(
    practice: Practice, recycled: Recycled
) -> None:
    # given
    before = recycled.url
    await practice.pool.execute("analyze recalls")
    # when
    await recycled.clear()
    # then
    assert recycled.url != before
