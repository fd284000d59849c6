"""Categories: the reasons and urgencies that they link, their templates and automation rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from core.identity import Actor
from core.text import UNSTORABLE, storable
from db.audit import changes, record
from db.columns import CATEGORY, Columns
from db.tenancy import in_practice
from db.types import MAX_ENTRIES, Connection, Pool, Reader, Row, one

PLACEHOLDERS = ("firstName", "practiceName", "reason", "dueDate", "practicePhone")
"""What a template may name in braces; ``logic.sms_body`` fills it in."""

MAX_TEMPLATE = 1000
MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category as staff want it; if ``category_id`` is None, a new one."""

    category_id: int | None
    name: str
    reasons: Sequence[str]
    urgencies: Sequence[str]
    sms_template: str
    automated: bool
    steps: Sequence[str]


class InvalidCategoryError(ValueError):
    """A category that can't be saved; the message says what to change."""


class InvalidTemplateError(ValueError):
    """A template that can't be saved; ``unknown`` lists placeholders that don't exist."""

    def __init__(self, message: str, unknown: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.unknown = list(unknown)


def _categories(columns: Columns = None) -> str:
    return f"select {CATEGORY.select(columns).list} from categories c where c.practice_id = $1"


async def list_categories(reader: Reader, practice_id: int, columns: Columns = None) -> list[Row]:
    """Return the practice's categories by name."""
    statement = f"{_categories(columns)} order by lower(c.name), c.id limit {MAX_ENTRIES:d}"
    return await reader.fetch(statement, practice_id)


async def get_categories(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the categories among ``ids`` that belong to the practice."""
    return await reader.fetch(f"{_categories(columns)} and c.id = any($2)", practice_id, ids)


def check_template(template: str) -> None:
    """Raise ``InvalidTemplateError`` if the template is empty, too long or can't be filled in."""
    if not template.strip():
        raise InvalidTemplateError("The SMS is empty. Write what patients will read.")
    if len(template) > MAX_TEMPLATE:
        raise InvalidTemplateError(
            f"The SMS has {len(template)} characters. The limit is {MAX_TEMPLATE}."
        )
    if not storable(template):
        raise InvalidTemplateError(f"The SMS {UNSTORABLE}")
    braced = re.findall(r"\{([^{}]*)\}", template)
    unknown = list(dict.fromkeys(name for name in braced if name not in PLACEHOLDERS))
    if unknown:
        raise InvalidTemplateError(
            f"We don't know {_listed(unknown)}. Use {_listed(PLACEHOLDERS)}.",
            unknown,
        )
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", template)):
        raise InvalidTemplateError("A curly bracket is missing: each { needs a }.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join("{" + name + "}" for name in names)


async def save_category(pool: Pool, practice_id: int, draft: CategoryDraft, *, actor: Actor) -> Row:
    """Create or change a category; return its row.

    Raises ``InvalidTemplateError`` or ``InvalidCategoryError``; then nothing has changed.
    """
    check_template(draft.sms_template)
    name = draft.name.strip()
    reasons = _links(draft.reasons, "reasons")
    urgencies = _links(draft.urgencies, "urgencies")
    if not name:
        raise InvalidCategoryError("name: Enter a name.")
    if not storable(name):
        raise InvalidCategoryError(f"name {UNSTORABLE}")
    if len(draft.steps) > MAX_STEPS:
        raise InvalidCategoryError(
            f"steps: There are {len(draft.steps)}. The limit is {MAX_STEPS}."
        )
    if draft.automated and "SMS" not in draft.steps:
        raise InvalidCategoryError("automated needs at least one SMS step.")
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_denormalised($1)", practice_id)
        before = await _category(connection, practice_id, draft.category_id)
        category_id = await _upsert(connection, practice_id, draft, name)
        await _check_links_free(connection, practice_id, category_id, "REASON", reasons)
        await _check_links_free(connection, practice_id, category_id, "URGENCY", urgencies)
        await _replace_links(connection, practice_id, category_id, reasons, urgencies)
        after = await _category(connection, practice_id, category_id)
        if after != before:
            await record(
                connection,
                practice_id,
                actor,
                "SETUP_CHANGED",
                subject=f"Category:{category_id}",
                details=changes(before, after),
            )
        return one(after)


async def _category(
    connection: Connection, practice_id: int, category_id: int | None
) -> Row | None:
    statement = f"{_categories()} and c.id = $2"
    return await connection.fetchrow(statement, practice_id, category_id)


async def _upsert(connection: Connection, practice_id: int, draft: CategoryDraft, name: str) -> int:
    fields = (name, draft.sms_template, draft.automated, list(draft.steps))
    try:
        if draft.category_id is None:
            found = await connection.fetchval(
                f"""
                insert into categories (practice_id, name, sms_template, automated, steps)
                select $1, $2, $3, $4, $5
                where (select count(*) from categories where practice_id = $1) < {MAX_ENTRIES:d}
                returning id
                """,
                practice_id,
                *fields,
            )
            if found is None:
                raise InvalidCategoryError(f"You can have at most {MAX_ENTRIES} categories.")
        else:
            found = await connection.fetchval(
                """
                update categories set name = $2, sms_template = $3, automated = $4, steps = $5
                where practice_id = $1 and id = $6 returning id
                """,
                practice_id,
                *fields,
                draft.category_id,
            )
    except asyncpg.UniqueViolationError:
        raise InvalidCategoryError("name is already used by another category.") from None
    if found is None:
        raise InvalidCategoryError("id is not a category of this practice.")
    return int(found)


async def _replace_links(
    connection: Connection,
    practice_id: int,
    category_id: int,
    reasons: Sequence[str],
    urgencies: Sequence[str],
) -> None:
    """Write only what differs, because each changed link changes recalls as well."""
    arguments = (practice_id, category_id, reasons, urgencies)
    wanted = """
        with wanted (kind, value, position) as (
          select 'REASON', u.* from unnest($3::text[]) with ordinality u
          union all
          select 'URGENCY', u.* from unnest($4::text[]) with ordinality u
        )
    """
    await connection.execute(
        f"""
        {wanted}
        delete from category_links l
        where l.practice_id = $1 and l.category_id = $2
          and (l.kind, l.link_key) not in (select kind, lower(value) from wanted)
        """,
        *arguments,
    )
    await connection.execute(
        f"""
        {wanted}
        insert into category_links as l (practice_id, category_id, kind, value, position)
        select $1::integer, $2::bigint, kind, value, position from wanted
        on conflict (practice_id, kind, link_key)
          do update set value = excluded.value, position = excluded.position
          where (l.value, l.position) is distinct from (excluded.value, excluded.position)
        """,
        *arguments,
    )


def _links(values: Sequence[str], field: str) -> list[str]:
    """Return the values stripped and without repeats, which would differ at most in case."""
    stripped = [value.strip() for value in values]
    if not all(value and storable(value) for value in stripped):
        raise InvalidCategoryError(f"{field}: One is empty, or {UNSTORABLE}")
    distinct: dict[str, str] = {}
    for value in stripped:
        distinct.setdefault(value.lower(), value)
    return list(distinct.values())


async def _check_links_free(
    connection: Connection, practice_id: int, category_id: int, kind: str, values: Sequence[str]
) -> None:
    taken = await connection.fetchrow(
        """
        select l.value, c.name from category_links l
        join categories c on c.practice_id = l.practice_id and c.id = l.category_id
        where l.practice_id = $1 and l.kind = $3 and l.category_id <> $2
          and l.link_key in (select lower(v) from unnest($4::text[]) v)
        limit 1
        """,
        practice_id,
        category_id,
        kind,
        values,
    )
    if taken is not None:
        field = "reasons" if kind == "REASON" else "urgencies"
        raise InvalidCategoryError(f"{field}: '{taken['value']}' is already in '{taken['name']}'.")
