"""Making a database's rows what they were, many times over, faster than by a new database."""

from db.types import Pool

TABLES = """
  select c.relname as name, string_agg(quote_ident(a.attname), ', ') as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and c.relname <> 'alembic_version' and a.attnum > 0 and not attisdropped and attgenerated = ''
  group by c.relname
"""


async def nothing(owner: Pool) -> str:
    """Give the statements that leave no row, and go on counting where we were."""
    return _together(await _deletions(owner))


async def as_it_is(owner: Pool) -> str:
    """Give the statements that make every row what it is now."""
    statements = await _deletions(owner)
    for table in await owner.fetch(TABLES):
        name, columns = table["name"], table["columns"]
        rows = await owner.fetchval(f"select json_agg(t)::text from {name} t")  # noqa: S608
        if rows is not None:
            quoted = rows.replace("'", "''")
            statements.append(
                f"insert into {name} ({columns}) select {columns}"  # noqa: S608
                f" from json_populate_recordset(null::{name}, '{quoted}')"
            )
    return _together(statements)


async def _deletions(owner: Pool) -> list[str]:
    # Without triggers, for some tables take no deletion.
    deletions = [f"delete from {table['name']}" for table in await owner.fetch(TABLES)]  # noqa: S608
    return ["set session_replication_role = replica", *deletions]


def _together(statements: list[str]) -> str:
    return ";\n".join([*statements, "reset session_replication_role"])
