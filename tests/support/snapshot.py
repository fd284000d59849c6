"""Restoring a database's rows many times over, faster than with a new database."""

from db.types import Pool

TABLES = """
  select c.relname as name, string_agg(quote_ident(a.attname), ', ') as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and c.relname <> 'alembic_version' and a.attnum > 0 and not attisdropped and attgenerated = ''
  group by c.relname
"""


async def nothing(owner: Pool) -> str:
    """Return the statements that delete all rows but leave the sequences as they are."""
    return _together(await _deletions(owner))


async def as_it_is(owner: Pool) -> str:
    """Return the statements that restore every row as it is now."""
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
    # Without triggers, because some tables refuse deletions.
    deletions = [f"delete from {table['name']}" for table in await owner.fetch(TABLES)]  # noqa: S608
    return ["set session_replication_role = replica", *deletions]


def _together(statements: list[str]) -> str:
    return ";\n".join([*statements, "reset session_replication_role"])
