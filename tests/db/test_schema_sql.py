"""Tests that db/schema.sql says what the tables are."""

import asyncio

import pytest

from db.types import Pool
from dev.schema_sql import SCHEMA, dumped


async def test_the_file_has_what_the_migrations_come_to(database_url: str) -> None:
    # when
    found = await asyncio.to_thread(dumped, database_url)
    # then
    assert found == SCHEMA.read_text(), "make schema"


@pytest.mark.usefixtures("alone")
async def test_a_change_of_a_table_is_noticed(pool: Pool, database_url: str) -> None:
    # when
    await pool.execute("alter table recalls add column colour text check (colour <> '')")
    found = await asyncio.to_thread(dumped, database_url)
    # then
    assert "colour text" in found
    assert "recalls_colour_check" in found
