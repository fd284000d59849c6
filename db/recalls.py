"""The recall list: pages, counts, and what staff do with a recall other than sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.columns import PATIENT, RECALL, Columns
from db.rows import Executor, Page, Pool, Row
from db.search import find

_SHARING = PATIENT.with_columns(shared_with="me.id")
_OF_ATTEMPT = RECALL.with_columns(attempt_id="ar.attempt_id")
FROM = """
  from logic.recall_standing s
  join recalls r on r.practice_id = s.practice_id and r.id = s.recall_id
  join patients p on p.practice_id = s.practice_id and p.id = s.patient_id
  where s.practice_id = $1
"""


@dataclass(frozen=True, slots=True)
class RecallQuery:
    """Which recalls: None leaves a restriction out."""

    tab: str | None = None
    category_ids: Sequence[int] | None = None
    due_from: date | None = None
    due_to: date | None = None
    search: str | None = None
    blocked: bool | None = None
    reasons: Sequence[str] | None = None


async def list_recalls(
    pool: Pool,
    practice_id: int,
    query: RecallQuery,
    *,
    first: int,
    after: tuple[date, int] | None,
    columns: Columns = None,
) -> Page:
    """Give a page of recalls by due date; ``after`` is the last row's (due_date, id)."""
    where, arguments = await _where(pool, practice_id, query)
    if after is not None:
        arguments += after
        where += f" and (r.due_date, r.id) > (${len(arguments)}, ${len(arguments) + 1})"
    selected = RECALL.select(columns)
    # Cut to the page before anything is joined to it.
    statement = f"""
        select {selected.list}
        from (select r.*{FROM}{where} order by r.due_date, r.id limit {first + 1:d}) r
        {selected.joins} order by r.due_date, r.id
    """
    return Page(await pool.fetch(statement, practice_id, *arguments), first)


async def count_recalls(pool: Pool, practice_id: int, query: RecallQuery) -> int:
    """Count what ``list_recalls`` pages through."""
    where, arguments = await _where(pool, practice_id, query)
    return int(await pool.fetchval(f"select count(*){FROM}{where}", practice_id, *arguments))


async def get_recalls(
    pool: Pool, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give those of ``ids`` that are the practice's, by due date."""
    selected = RECALL.select(columns)
    statement = f"""
        select {selected.list} from recalls r {selected.joins}
        where r.practice_id = $1 and r.id = any($2) order by r.due_date, r.id
    """
    return list(await pool.fetch(statement, practice_id, ids))


async def recalls_of_attempts(
    pool: Pool, practice_id: int, attempt_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give the recalls that each attempt is about, each with its ``attempt_id``."""
    selected = _OF_ATTEMPT.select(columns)
    statement = f"""
        select {selected.list}
        from attempt_recalls ar
        join recalls r on r.practice_id = ar.practice_id and r.id = ar.recall_id
        {selected.joins}
        where ar.practice_id = $1 and ar.attempt_id = any($2) order by ar.attempt_id, r.id
    """
    return list(await pool.fetch(statement, practice_id, attempt_ids))


async def get_patients(
    pool: Pool, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give those of ``ids`` that are the practice's patients."""
    statement = f"""
        select {PATIENT.select(columns).list} from patients p
        where p.practice_id = $1 and p.id = any($2)
    """
    return list(await pool.fetch(statement, practice_id, ids))


async def patients_reached(
    pool: Pool, practice_id: int, mobiles: Sequence[str], columns: Columns = None
) -> list[Row]:
    """Give everyone whom the numbers (E.164) reach, by name."""
    statement = f"""
        select {PATIENT.select(columns).list} from patients p
        where p.practice_id = $1 and p.mobile = any($2) order by p.last_name, p.first_name, p.id
    """
    return list(await pool.fetch(statement, practice_id, mobiles))


async def patients_sharing(
    pool: Pool, practice_id: int, patient_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give whom else the patients' numbers reach, each with ``shared_with``, by name."""
    statement = f"""
        select {_SHARING.select(columns).list}
        from patients me
        join patients p on p.practice_id = me.practice_id and p.mobile = me.mobile and p.id <> me.id
        where me.practice_id = $1 and me.id = any($2) order by p.last_name, p.first_name, p.id
    """
    return list(await pool.fetch(statement, practice_id, patient_ids))


async def _where(pool: Pool, practice_id: int, query: RecallQuery) -> tuple[str, list[object]]:
    """Give one text for each set of restrictions, so that each gets a plan of its own."""
    conditions = {
        "s.tab = {}": query.tab,
        "s.category_id = any({})": query.category_ids,
        "r.due_date >= {}": query.due_from,
        "r.due_date <= {}": query.due_to,
        "(s.sms_reason is not null) = {}": query.blocked,
        "s.sms_reason = any({})": query.reasons,
    }
    given = [(text, value) for text, value in conditions.items() if value is not None]
    clauses = [text.format(f"${place}") for place, (text, _) in enumerate(given, start=2)]
    arguments: list[object] = [value for _, value in given]
    found = await find(pool, practice_id, query.search, first_argument=len(arguments) + 2)
    if found.conditions:
        clauses.append(found.on(name="p", mobile="p.mobile"))
        arguments += found.arguments
    return "".join(f" and {clause}" for clause in clauses), arguments


async def unknown_recalls(pool: Executor, practice_id: int, ids: Sequence[int]) -> list[int]:
    """Give those of ``ids`` that are not the practice's."""
    known = await pool.fetch(
        "select id from recalls where practice_id = $1 and id = any($2)", practice_id, ids
    )
    return sorted(set(ids) - {row["id"] for row in known})


async def mark_no_further_action(
    pool: Pool, practice_id: int, ids: Sequence[int], *, actor: str
) -> None:
    """Close the recalls: none is contacted again, not even by a message that is queued.

    One that was closed before keeps when and by whom.
    """
    await pool.execute(
        """
        update recalls set no_further_action_at = now(), no_further_action_by = $3
        where practice_id = $1 and id = any($2) and no_further_action_at is null
        """,
        practice_id,
        ids,
        actor,
    )


async def record_contact(
    pool: Pool, practice_id: int, recall_id: int, *, kind: str, note: str | None, actor: str
) -> int:
    """Write down a call made or a letter posted; it counts as the step that is due.

    Gives the attempt's id. The recall must be the practice's.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select logic.lock_steps($1)", practice_id)
        attempt_id: int = await connection.fetchval(
            """
            with due as (
              select s.patient_id, s.due_step from logic.recall_standing s
              where s.practice_id = $1 and s.recall_id = $2
            ), attempt as (
              insert into contact_attempts
                (practice_id, patient_id, kind, trigger, state, note, actor, settled_at)
              select $1, patient_id, $3, 'MANUAL', 'DONE', $4, $5, now() from due
              returning id
            )
            insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
            select $1, attempt.id, $2, due.due_step from attempt, due
            returning attempt_id
            """,
            practice_id,
            recall_id,
            kind,
            note,
            actor,
        )
        return attempt_id
