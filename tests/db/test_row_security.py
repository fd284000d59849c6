"""Tests that PostgreSQL itself keeps the practices apart, whatever a statement forgets."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from db.pool import Reads, UnguardedError, open_pool, open_reads
from db.tenancy import in_practice
from db.types import Pool
from dev.servers.running import as_application
from tests.support.practice import Practice, a_practice

ACROSS = {
    "add_people_shown",
    "demo_tokens_left",
    "finish_opt_out",
    "keep_opt_out",
    "known_at_gateway",
    "next_overdue_chunk",
    "next_ready_chunk",
    "next_stopped_chunk",
    "next_unsure_chunk",
    "note_opt_out",
    "opt_out",
    "patients_named",
    "pending_opt_outs",
    "practices_due",
    "practices_of_mobile",
    "runs_to_plan",
    "stops_since",
    "work_waiting",
}
"""The functions that run as the tables' owner; db/sql/cross_practice.sql argues for each."""
OF_NO_PRACTICE = {"opt_outs", "stops_heard"}
"""Tables that the application reaches only through those functions."""
MAY_UPDATE_SOME_COLUMNS = {"practices", "access_tokens", "sessions"}
MAY_NOT_UPDATE = {"ended_jwts", "people_shown"}
MAY_DELETE = {"category_links", "blocked_communications", "runs", "sessions", "ended_jwts"}
MAY_NOT_INSERT = {"practices", "people_shown"}
HISTORY = {"block_events", "audit_events"}


@pytest.fixture
async def application(database_url: str) -> AsyncIterator[Pool]:
    """The application's pool, on a single connection: each use finds it as the last left it."""
    pool = await open_pool(as_application(database_url), name="test", connections=1)
    yield pool
    await pool.close()


@pytest.fixture
async def reads(database_url: str) -> AsyncIterator[Reads]:
    reads = await open_reads(as_application(database_url), name="test", connections=1)
    yield reads
    await reads.close()


async def tables(pool: Pool) -> set[str]:
    rows = await pool.fetch(
        "select tablename from pg_tables where schemaname = 'public'"
        " and tablename <> 'alembic_version'"
    )
    return {row["tablename"] for row in rows}


async def test_every_table_is_behind_the_policy(pool: Pool) -> None:
    # when
    rows = await pool.fetch(
        """
        select relname, relrowsecurity, polname, pg_get_expr(polqual, polrelid) as condition
        from pg_class left join pg_policy on polrelid = pg_class.oid
        where relnamespace = 'public'::regnamespace and relkind = 'r'
          and relname <> 'alembic_version'
        """
    )
    # then
    assert {row["relname"] for row in rows if row["relrowsecurity"]} == await tables(pool)
    assert {row["relname"] for row in rows if row["polname"] is None} == OF_NO_PRACTICE
    for row in rows:
        if row["relname"] in OF_NO_PRACTICE:
            continue
        assert row["polname"] == "of_practice"
        assert "current_setting('recalls.practice'::text, true)" in row["condition"]


async def test_the_application_owns_nothing_and_bypasses_nothing(pool: Pool) -> None:
    # when
    role = await pool.fetchrow(
        "select oid, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles"
        " where rolname = 'recalls_app'"
    )
    assert role is not None
    owned = await pool.fetchval(
        "select count(*) from pg_shdepend where refobjid = $1 and deptype = 'o'", role["oid"]
    )
    # then
    assert list(role.values())[1:] == [False] * 4
    assert owned == 0


async def test_the_application_may_do_no_more_than_it_needs(pool: Pool) -> None:
    # given
    privileges = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
    every = await tables(pool)
    reached = every - OF_NO_PRACTICE
    # when
    may = {
        privilege: {
            table
            for table in every
            if await pool.fetchval(
                "select has_table_privilege('recalls_app', $1, $2)", table, privilege
            )
        }
        for privilege in privileges
    }
    # then
    assert may == {
        "SELECT": reached,
        "INSERT": reached - MAY_NOT_INSERT - HISTORY,
        "UPDATE": reached - MAY_UPDATE_SOME_COLUMNS - MAY_NOT_UPDATE - HISTORY,
        "DELETE": MAY_DELETE,
        "TRUNCATE": set(),
        "TRIGGER": set(),
        "REFERENCES": set(),
    }


WRITES = {
    "audit_events": "(practice_id, actor, action{}) values ($1, 'Kim', 'SIGNED_IN'{})",
    "block_events": "(practice_id, actor, mobile, source, listed, blocked_recalls{})"
    " values ($1, 'Kim', '+61491570006', 'STAFF', true, true{})",
}


@pytest.mark.parametrize("table", WRITES)
@pytest.mark.parametrize(
    ("column", "value"), [("id", "1"), ("at", "now() - interval '1 day'")], ids=["id", "at"]
)
async def test_the_application_cant_say_when_something_happened(
    application: Pool, practice: Practice, table: str, column: str, value: str
) -> None:
    # given
    statement = f"insert into {table} {WRITES[table]}"
    # when / then
    async with in_practice(application, practice.id) as connection:
        await connection.execute(statement.format("", ""), practice.id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with in_practice(application, practice.id) as connection:
            await connection.execute(statement.format(f", {column}", f", {value}"), practice.id)


async def test_only_these_functions_run_as_the_owner_and_with_a_fixed_search_path(
    pool: Pool,
) -> None:
    # when
    rows = await pool.fetch("select proname, proconfig from pg_proc where prosecdef")
    # then
    assert {row["proname"] for row in rows} == ACROSS
    assert all("search_path=public, pg_temp" in row["proconfig"] for row in rows)


async def test_nobody_else_may_call_the_functions(pool: Pool) -> None:
    # when
    open_to_all = await pool.fetch(
        "select proname from pg_proc where pronamespace = 'logic'::regnamespace"
        " and has_function_privilege('public', oid, 'EXECUTE')"
    )
    # then
    assert open_to_all == []


async def test_every_view_runs_with_its_readers_rights(pool: Pool) -> None:
    # when
    rows = await pool.fetch(
        "select relname, reloptions from pg_class"
        " where relnamespace = 'logic'::regnamespace and relkind = 'v'"
    )
    # then
    assert {"patient_sms", "recall_status"} <= {row["relname"] for row in rows}
    assert all(row["reloptions"] == ["security_invoker=true"] for row in rows)


async def filled(practice: Practice) -> set[str]:
    """Add a row of each kind that staff make, and return the tables' names."""
    recall = await practice.recall()
    await practice.send(recall)
    await practice.block()
    return {"patients", "recalls", "contact_attempts", "runs", "chunks", "blocked_communications"}


async def test_without_a_practice_there_is_no_row(practice: Practice, application: Pool) -> None:
    # given
    await filled(practice)
    # when
    found = {
        table: await application.fetchval(f"select count(*) from {table}")  # noqa: S608
        for table in await tables(practice.pool) - OF_NO_PRACTICE
    }
    # then
    assert found == dict.fromkeys(found, 0)


async def test_a_statement_without_a_where_sees_one_practice(
    practice: Practice, application: Pool
) -> None:
    # given
    other = await a_practice(practice.pool)
    kinds = await filled(practice)
    await filled(other)
    for table in sorted(kinds):
        # when
        async with in_practice(application, other.id) as connection:
            owners = await connection.fetch(f"select distinct practice_id from {table}")  # noqa: S608
        # then
        assert [row["practice_id"] for row in owners] == [other.id], table


async def test_an_update_without_a_where_changes_one_practice(
    practice: Practice, application: Pool
) -> None:
    # given
    other = await a_practice(practice.pool)
    await filled(practice)
    await filled(other)
    # when
    async with in_practice(application, other.id) as connection:
        await connection.execute("update patients set first_name = 'Changed'")
        await connection.execute("delete from blocked_communications")
    # then
    names = await practice.pool.fetch("select practice_id, first_name from patients order by 1")
    assert [tuple(row) for row in names] == [(practice.id, "Ann"), (other.id, "Changed")]
    left = await practice.pool.fetch("select practice_id from blocked_communications")
    assert [row["practice_id"] for row in left] == [practice.id]


async def test_nothing_can_be_written_for_another_practice(
    practice: Practice, application: Pool
) -> None:
    # given
    other = await a_practice(practice.pool)
    # when / then
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with in_practice(application, other.id) as connection:
            await connection.execute(
                "insert into categories (practice_id, name, sms_template, automated, steps)"
                " values ($1, 'Theirs', 'Hi', false, '{}')",
                practice.id,
            )


async def test_a_connection_carries_no_practice_over(practice: Practice, application: Pool) -> None:
    # given
    await filled(practice)
    async with in_practice(application, practice.id) as connection:
        assert await connection.fetchval("select count(*) from patients") == 1
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with in_practice(application, practice.id) as connection:
            await connection.execute("select 1 / 0")
    # when / then
    assert await application.fetchval("select count(*) from patients") == 0


async def test_a_read_sees_the_practice_it_names_and_leaves_none_behind(
    practice: Practice, reads: Reads
) -> None:
    # given
    other = await a_practice(practice.pool)
    await filled(practice)
    everything = "select practice_id from patients where $1 = $1"
    # when
    seen = [await reads.fetch(everything, key) for key in (practice.id, other.id, practice.id)]
    nobody = await reads._kept[0].fetch("select practice_id from patients")
    # then
    assert [[row["practice_id"] for row in rows] for rows in seen] == [
        [practice.id],
        [],
        [practice.id],
    ]
    assert nobody == []


async def test_a_read_keeps_its_order(practice: Practice, reads: Reads) -> None:
    # given
    for number in range(30):
        await practice.recall(due_date=practice.due((number * 7) % 30))
    # when
    rows = await reads.fetch(
        "select due_date from recalls where practice_id = $1 order by due_date", practice.id
    )
    # then
    assert [row["due_date"] for row in rows] == sorted(row["due_date"] for row in rows)
    assert len(rows) == 30


async def test_the_application_cant_make_itself_the_owner(application: Pool) -> None:
    # when / then
    for statement in (
        "set role postgres",
        "alter table patients disable row level security",
        "drop policy of_practice on patients",
        "create policy all_rows on patients using (true)",
        "create table public.copied as select * from patients",
        "create function logic.escape() returns void language sql security definer as ''",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute(statement)


async def test_a_role_that_the_policies_do_not_bind_must_not_serve(database_url: str) -> None:
    # when / then
    with pytest.raises(UnguardedError, match="recalls_app"):
        await open_pool(database_url, name="test")
    with pytest.raises(UnguardedError):
        await open_reads(database_url, name="test")
