"""Tests of the database itself: its migrations, its keys, and what its tables don't allow."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from db.migrate import migrate
from db.scripts import FUNCTIONS
from db.types import Pool
from dev.servers.running import ServerUrls
from tests.support.databases import a_database
from tests.support.practice import Practice, a_practice

STATES = [
    "QUEUED", "SENDING", "SENT", "DELIVERED", "UNDELIVERED",
    "REFUSED", "FAILED", "UNKNOWN", "CANCELLED", "DONE",
]  # fmt: skip
REPORTED = {"SENT", "DELIVERED", "UNDELIVERED", "FAILED"}
ALLOWED = {
    "QUEUED": {"SENDING", "REFUSED", "CANCELLED", *REPORTED},
    "SENDING": {"QUEUED", "UNKNOWN", *REPORTED},
    "UNKNOWN": {"QUEUED", *REPORTED},
    "REFUSED": REPORTED,
    "CANCELLED": REPORTED,
    "SENT": REPORTED - {"SENT"},
    "UNDELIVERED": {"DELIVERED"},
    "FAILED": {"DELIVERED"},
    "DONE": {"CANCELLED"},
}


@pytest.fixture
async def empty_url(servers: ServerUrls) -> AsyncIterator[str]:
    """The URL of a database in which nothing was ever created."""
    async with a_database(servers) as url:
        yield url


async def contents(url: str) -> list[tuple[Any, ...]]:
    """Return our part of the database's catalogue and its revision, in a fixed order."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            """
            select 'column', table_schema, table_name, column_name, data_type, column_default
              from information_schema.columns where table_schema in ('public', 'logic')
            union all
            select 'constraint', conrelid::regclass::text, conname,
                   pg_get_constraintdef(oid), null, null
              from pg_constraint where connamespace = 'public'::regnamespace
            union all
            select 'index', tablename, indexname, indexdef, null, null
              from pg_indexes where schemaname = 'public'
            union all
            select 'function', n.nspname, p.proname, pg_get_functiondef(p.oid), null, null
              from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where n.nspname in ('public', 'logic') and p.prokind <> 'a'
            union all
            select 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), null, null
              from pg_trigger where not tgisinternal
            union all
            select 'revision', version_num, null, null, null, null from alembic_version
            order by 1, 2, 3, 4
            """
        )
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


@pytest.mark.usefixtures("alone")
async def test_migrating_again_changes_nothing(empty_url: str) -> None:
    # given
    await asyncio.to_thread(migrate, empty_url)
    pool = await asyncpg.create_pool(empty_url, min_size=1)
    await a_practice(pool)
    before = await contents(empty_url)

    # when
    await asyncio.to_thread(migrate, empty_url)

    # then
    assert await contents(empty_url) == before
    assert await pool.fetchval("select count(*) from practices") == 1
    await pool.close()


@pytest.mark.usefixtures("alone")
async def test_runs_from_the_first_release_keep_the_answer_to_their_key(empty_url: str) -> None:
    # given a run that sends and one that had nothing to send
    await asyncio.to_thread(migrate, empty_url, "0001")
    pool = await asyncpg.create_pool(empty_url, min_size=1)
    await pool.execute(
        """
        with practice as (
          insert into practices (name, time_zone, phone_region, pms_product, phone, next_run_at)
            values ('Harbour Medical', 'Australia/Sydney', 'AU', 'GENIE', '02 5550 1234', now())
            returning id
        ), sends as (
          insert into runs (practice_id, trigger, state, actor, idempotency_key, arguments_hash)
            select id, 'MANUAL', 'SENDING', 'Reception', key, ''
            from practice, unnest(array['sends', 'nothing']) key
            returning practice_id, id, idempotency_key
        )
        insert into chunks (practice_id, run_id, position, priority)
          select practice_id, id, 0, 0 from sends where idempotency_key = 'sends'
        """
    )

    # when
    await asyncio.to_thread(migrate, empty_url)

    # then
    rows = await pool.fetch("select idempotency_key, accepted from runs")
    assert {row["idempotency_key"]: row["accepted"] for row in rows} == {
        "sends": True,
        "nothing": False,
    }
    await pool.close()


@pytest.mark.usefixtures("alone")
async def test_two_migrations_at_the_same_moment_migrate_once(empty_url: str) -> None:
    # when
    commands = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "db",
            "migrate",
            env=os.environ
            | {"RECALLS_DATABASE_OWNER_URL": empty_url, "RECALLS_DATABASE_URL": empty_url},
        )
        for _ in range(2)
    ]
    async with asyncio.timeout(60):
        codes = [await command.wait() for command in commands]

    # then
    assert codes == [0, 0]
    connection = await asyncpg.connect(empty_url)
    assert await connection.fetchval("select count(*) from alembic_version") == 1
    await connection.close()


async def test_every_key_begins_with_the_practice(pool: Pool) -> None:
    # when
    rows = await pool.fetch(
        """
        select i.indexrelid::regclass::text as key, i.indrelid::regclass::text as on_table,
               a.attname as first_column
        from pg_index i
        join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indisunique
        """
    )

    # then
    others = {row["key"] for row in rows if row["first_column"] != "practice_id"}
    of_no_practice = {"opt_outs_pkey", "opt_outs_pending", "stops_heard_pkey"}
    assert others == {"practices_pkey", "alembic_version_pkc"} | of_no_practice
    assert len(rows) > 15


async def test_every_reference_between_rows_begins_with_the_practice(pool: Pool) -> None:
    # when
    rows = await pool.fetch(
        """
        select conname, a.attname as first_column
        from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace
        """
    )

    # then
    assert len(rows) > 10
    assert {row["first_column"] for row in rows} == {"practice_id"}


async def test_values_of_our_own_types_are_passed_on_by_atomic_functions_only(
    pool: Pool,
) -> None:
    # given our types and the functions that take them: a statement may find another release's
    takes_one = await pool.fetch(
        """
        with ours as (
          select t.oid, t.typarray, t.typname from pg_type t join pg_class c on c.oid = t.typrelid
          where t.typnamespace = 'logic'::regnamespace and c.relkind = 'c'
        )
        select typname as name from ours
        union
        select proname from pg_proc
        where pronamespace = 'logic'::regnamespace
          and exists (select from ours where array[oid, typarray] && proargtypes::oid[])
        """
    )
    names = re.compile(rf"\blogic\.({'|'.join(row['name'] for row in takes_one)})\b")
    # when
    bodies = await pool.fetch(
        """
        select proname as place, prosrc as text from pg_proc
        where pronamespace in ('logic'::regnamespace, 'public'::regnamespace) and prosqlbody is null
        """
    )
    texts = [(row["place"], row["text"]) for row in bodies]
    texts += [(path.name, path.read_text()) for path in FUNCTIONS.parent.glob("*.py")]
    # then
    assert {"message_line", "plan_messages", "draft_messages"} <= {r["name"] for r in takes_one}
    assert [(place, match[0]) for place, text in texts for match in names.finditer(text)] == []


async def test_no_table_depends_on_the_functions(pool: Pool) -> None:
    # when
    dependent = await pool.fetch(
        """
        with logic as (
          select 'pg_proc'::regclass as class, oid from pg_proc
            where pronamespace = 'logic'::regnamespace
          union all
          select 'pg_class'::regclass, oid from pg_class
            where relnamespace = 'logic'::regnamespace
          union all
          select 'pg_type'::regclass, oid from pg_type where typnamespace = 'logic'::regnamespace
        )
        select pg_describe_object(d.classid, d.objid, d.objsubid) as what
        from pg_depend d join logic l on l.class = d.refclassid and l.oid = d.refobjid
        where d.deptype in ('n', 'a')
          and (pg_identify_object(d.classid, d.objid, d.objsubid)).schema is distinct from 'logic'
          and pg_describe_object(d.classid, d.objid, d.objsubid) not like '%logic.%'
        """
    )

    # then
    assert [row["what"] for row in dependent] == []


async def test_dropping_the_functions_leaves_every_row(practice: Practice) -> None:
    # given
    await practice.recall()
    tables = "select count(*) from pg_tables where schemaname = 'public'"
    before = await practice.pool.fetchval(tables)

    # when
    async with practice.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("drop schema logic cascade")
        left = (
            await connection.fetchval(tables),
            await connection.fetchval("select count(*) from recalls"),
        )
        await transaction.rollback()

    # then
    assert left == (before, 1)


@pytest.mark.parametrize("source", STATES)
async def test_an_attempt_changes_state_only_as_the_state_machine_allows(
    practice: Practice, source: str
) -> None:
    # given
    await practice.send(await practice.recall())
    targets = set()

    # when
    for target in set(STATES) - {source}:
        async with practice.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            # The checks of single rows would stop most of these before the trigger does.
            await connection.execute(WITHOUT_CHECKS)
            await connection.execute("alter table contact_attempts disable trigger user")
            await connection.execute("update contact_attempts set state = $1", source)
            await connection.execute("alter table contact_attempts enable trigger user")
            try:
                await connection.execute("update contact_attempts set state = $1", target)
                targets.add(target)
            except asyncpg.RaiseError:
                targets.discard(target)
            await transaction.rollback()

    # then
    assert targets == ALLOWED.get(source, set())


WITHOUT_CHECKS = """
  do $$
  declare
    name text;
  begin
    for name in select conname from pg_constraint
      where conrelid = 'contact_attempts'::regclass and contype = 'c'
    loop
      execute format('alter table contact_attempts drop constraint %I', name);
    end loop;
  end $$
"""


async def test_a_step_cannot_be_taken_twice(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.send(recall)
    await practice.deliver()
    await practice.send(recall)

    # when / then
    with pytest.raises(asyncpg.UniqueViolationError):
        await practice.pool.execute("update attempt_recalls set step = 1")


async def test_a_recall_cannot_belong_to_another_practices_patient(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    await practice.patient()

    # when / then
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await practice.pool.execute(
            "insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)"
            " select $1, 'r', id, 'Mole', now(), false from patients",
            neighbour.id,
        )
