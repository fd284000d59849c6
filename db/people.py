"""People who sign in through the identity provider: what it last said of each."""

import asyncpg

from db.columns import PERSON, Columns
from db.rows import MOST_ENTRIES, Pool, Reader, Row
from db.tenancy import in_practice
from db.tokens import Role, Viewer


async def viewer_of_person(
    pool: Pool, practice_id: int, *, issuer: str, subject: str, name: str, role: Role
) -> Viewer | None:
    """Give the person whom the provider ``issuer`` calls ``subject``, as it describes them now.

    None where there is no such practice.
    """
    try:
        async with in_practice(pool, practice_id) as connection:
            key = await connection.fetchval(
                """
                insert into people (practice_id, issuer, subject, name, role)
                values ($1, $2, $3, $4, $5)
                on conflict (practice_id, issuer, subject)
                  do update set name = excluded.name, role = excluded.role
                returning id
                """,
                practice_id,
                issuer,
                subject,
                name,
                role.value,
            )
    except asyncpg.ForeignKeyViolationError:
        return None
    return Viewer(practice_id, name, role, "people", key)


async def list_people(reader: Reader, practice_id: int, columns: Columns = None) -> list[Row]:
    """Give everyone who has signed in, by name."""
    statement = f"""
        select {PERSON.select(columns).list} from people p
        where p.practice_id = $1 order by lower(p.name), p.id limit {MOST_ENTRIES:d}
    """
    return await reader.fetch(statement, practice_id)
