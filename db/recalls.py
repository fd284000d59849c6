"""The recall list: pages, counts, and closing and reopening recalls."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from core.identity import Actor
from db.audit import record
from db.columns import PATIENT, RECALL, Columns
from db.recall_filter import ALL_RECALLS, Matching, matching, narrow
from db.recall_filter import RecallQuery as RecallQuery  # noqa: PLC0414 - callers look for it here
from db.tab_counts import TABS, count_tabs
from db.tenancy import in_practice
from db.types import MAX_AT_ONCE, MAX_EACH, Pool, Reader, Row

AFTER = "(r.due_date, r.id) > ({}, {})"
ALL = Matching().sql
ALL_AFTER = Matching(conditions=[*Matching().conditions, AFTER.format("$2", "$3")]).sql
_SHARING = PATIENT.with_columns(shared_with="me.id")
_OF_ATTEMPT = RECALL.with_columns(attempt_id="r.attempt_id")


async def list_recalls(
    reader: Reader,
    practice_id: int,
    query: RecallQuery,
    *,
    first: int,
    after: tuple[date, int] | None,
    columns: Columns = None,
) -> list[Row]:
    """Return a page of recalls by due date; ``after`` is the last row's (due_date, id).

    If there are more than ``first``, one extra row is returned.
    """
    if query == ALL_RECALLS:
        sql, arguments = (ALL, []) if after is None else (ALL_AFTER, [*after])
    else:
        found = await matching(reader, practice_id, query)
        if after is not None:
            due_date, recall_id = map(found.place, after)
            found.conditions.append(AFTER.format(due_date, recall_id))
        sql, arguments = found.sql, found.arguments
    statement = _page(columns and tuple(columns), sql, first + 1)
    return await reader.fetch(statement, practice_id, *arguments)


@lru_cache(maxsize=1000)
def _page(columns: Columns, matching: str, most: int) -> str:
    """Return the page's SQL; equal pages get the same string, which is found prepared faster."""
    selected = RECALL.select(columns)
    # First the page, then what is shown of it: a join before the limit would join all that match.
    return f"""
        select {selected.list}
        from (select r.*{matching} order by r.due_date, r.id limit {most:d}) r
        {selected.joins} order by r.due_date, r.id
    """


async def count_recalls(reader: Reader, practice_id: int, query: RecallQuery) -> int:
    """Return how many recalls ``list_recalls`` pages through."""
    counted = await _counting(reader, practice_id, query, [query.tab or "ALL"])
    return int(await reader.fetchval(*counted))


async def count_recalls_by_tab(
    reader: Reader, practice_id: int, query: RecallQuery, columns: Columns = None
) -> list[Row]:
    """Return one row, with how many recalls each tab has, as of one moment.

    ``columns`` are tabs in lower case. The query's own tab doesn't matter.
    """
    tabs = TABS if columns is None else [column.upper() for column in columns]
    return await reader.fetch(*await _counting(reader, practice_id, query, tabs))


async def _counting(
    reader: Reader, practice_id: int, query: RecallQuery, tabs: Sequence[str]
) -> tuple[str, int, *tuple[Any, ...]]:
    """Return the statement that counts the tabs, and its arguments."""
    if query.search is None:
        found = Matching()
        narrow(found, query)
    else:
        found = await matching(reader, practice_id, query._replace(tab=None))
    statement = count_tabs(found, tabs, searched=query.search is not None)
    return statement, practice_id, *found.arguments


async def get_recalls(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the recalls among ``ids`` that belong to the practice, by due date."""
    selected = RECALL.select(columns)
    # offset 0: by their ids, instead of through all recalls by due date until they are found.
    statement = f"""
        select {selected.list}
        from (select * from recalls where practice_id = $1 and id = any($2) offset 0) r
        {selected.joins} order by r.due_date, r.id
    """
    return await reader.fetch(statement, practice_id, ids)


async def recalls_of_attempts(
    reader: Reader, practice_id: int, attempt_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the first recalls that each attempt is about, each with its ``attempt_id``."""
    selected = _OF_ATTEMPT.select(columns)
    statement = f"""
        select {selected.list}
        from (
          select r.*, wanted.attempt_id
          from unnest($2::bigint[]) as wanted (attempt_id)
          cross join lateral (
            select recall_id from attempt_recalls ar
            where ar.practice_id = $1 and ar.attempt_id = wanted.attempt_id
            order by ar.recall_id limit {MAX_EACH:d}
          ) ar
          cross join lateral (
            select * from recalls where practice_id = $1 and id = ar.recall_id offset 0
          ) r
          limit {MAX_AT_ONCE + 1:d}
        ) r
        {selected.joins} order by r.attempt_id, r.id
    """
    return await reader.fetch(statement, practice_id, attempt_ids)


async def get_patients(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the patients among ``ids`` that belong to the practice."""
    statement = f"""
        select {PATIENT.select(columns).list} from patients p
        where p.practice_id = $1 and p.id = any($2)
    """
    return await reader.fetch(statement, practice_id, ids)


async def patients_reached(
    reader: Reader, practice_id: int, mobiles: Sequence[str], columns: Columns = None
) -> list[Row]:
    """Return the patients whom the numbers (E.164) reach, the first of each by name."""
    statement = f"""
        select {PATIENT.select(columns).list}
        from unnest($2::text[]) as wanted (mobile)
        cross join lateral (
          select * from patients p where p.practice_id = $1 and p.mobile = wanted.mobile
          order by p.last_name, p.first_name, p.id limit {MAX_EACH:d}
        ) p
        limit {MAX_AT_ONCE + 1:d}
    """
    return await reader.fetch(statement, practice_id, mobiles)


async def patients_sharing(
    reader: Reader, practice_id: int, patient_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return others who share the patients' numbers, each with ``shared_with``, first by name."""
    statement = f"""
        select {_SHARING.select(columns).list}
        from patients me
        cross join lateral (
          select * from patients p
          where p.practice_id = $1 and p.mobile = me.mobile and p.id <> me.id
          order by p.last_name, p.first_name, p.id limit {MAX_EACH:d}
        ) p
        where me.practice_id = $1 and me.id = any($2)
        limit {MAX_AT_ONCE + 1:d}
    """
    return await reader.fetch(statement, practice_id, patient_ids)


async def unknown_recalls(reader: Reader, practice_id: int, ids: Sequence[int]) -> list[int]:
    """Return those of ``ids`` that aren't recalls of the practice."""
    known = await reader.fetch(
        "select id from recalls where practice_id = $1 and id = any($2)", practice_id, ids
    )
    return sorted(set(ids) - {row["id"] for row in known})


async def mark_no_further_action(
    pool: Pool, practice_id: int, ids: Sequence[int], *, actor: Actor
) -> None:
    """Close the recalls: none is contacted again, not even by a queued message.

    A recall that was closed before keeps its time and actor.
    """
    async with in_practice(pool, practice_id) as connection:
        # A sync or a category change updates many recalls as well, in another order.
        await connection.execute("select logic.lock_denormalised($1)", practice_id)
        closed = await connection.fetch(
            """
            update recalls set no_further_action_at = now(), no_further_action_by = $3
            where practice_id = $1 and id = any($2) and no_further_action_at is null
            returning id, patient_id
            """,
            practice_id,
            ids,
            actor.name,
        )
        await record(
            connection,
            practice_id,
            actor,
            "RECALLS_CLOSED",
            patients=[row["patient_id"] for row in closed],
            subjects=[f"Recall:{row['id']}" for row in closed],
        )


async def reopen_recalls(pool: Pool, practice_id: int, ids: Sequence[int], *, actor: Actor) -> None:
    """Take back that the recalls need no further action; those that weren't closed stay as are."""
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_denormalised($1)", practice_id)
        reopened = await connection.fetch(
            """
            update recalls set no_further_action_at = null, no_further_action_by = null
            where practice_id = $1 and id = any($2) and no_further_action_at is not null
            returning id, patient_id
            """,
            practice_id,
            ids,
        )
        await record(
            connection,
            practice_id,
            actor,
            "RECALLS_REOPENED",
            patients=[row["patient_id"] for row in reopened],
            subjects=[f"Recall:{row['id']}" for row in reopened],
        )
