"""People of the identity provider: what it last said about each, and who is kept out."""

from collections.abc import Sequence

from core.identity import Actor, Jwt, Role, Viewer
from db.audit import record
from db.columns import PERSON, Columns
from db.tenancy import in_practice
from db.types import MAX_ENTRIES, Pool, Reader, Row


async def viewer_of_person(
    reader: Reader,
    pool: Pool,
    practice_id: int,
    *,
    issuer: str,
    subject: str,
    name: str,
    role: Role,
    jwt: Jwt,
) -> Viewer | None:
    """Return the viewer for the person whom ``issuer`` calls ``subject``, as its ``jwt`` says.

    None if there is no such practice, the person is kept out, or the token was ended.
    """
    asked = practice_id, issuer, subject, jwt.hash
    row = await reader.fetchrow(PERSON_BY, *asked)
    if row is not None and row["id"] is None:
        async with in_practice(pool, practice_id) as connection:
            await connection.execute(
                """
                insert into people (practice_id, issuer, subject, name, role)
                values ($1, $2, $3, $4, $5) on conflict (practice_id, issuer, subject) do nothing
                """,
                practice_id,
                issuer,
                subject,
                name,
                role.value,
            )
        row = await reader.fetchrow(PERSON_BY, *asked)
    if row is None or not row["good"]:
        return None
    return Viewer(practice_id, name, role, "people", row["id"], jwt=jwt)


PERSON_BY = """
    select p.id, p.revoked_at is null and not exists (
             select from ended_jwts e where e.practice_id = $1 and e.jwt_hash = $4) as good
    from practices
    left join people p on p.practice_id = practices.id and p.issuer = $2 and p.subject = $3
    where practices.id = $1
"""


async def list_people(reader: Reader, practice_id: int, columns: Columns = None) -> list[Row]:
    """Return everyone who has signed in, by name."""
    statement = f"""
        select {PERSON.select(columns).list} from people p
        where p.practice_id = $1 order by lower(p.name), p.id limit {MAX_ENTRIES:d}
    """
    return await reader.fetch(statement, practice_id)


async def get_people(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the people among ``ids`` who belong to the practice."""
    selected = PERSON.select(columns).list
    statement = f"select {selected} from people p where p.practice_id = $1 and p.id = any($2)"
    return await reader.fetch(statement, practice_id, ids)


async def revoke_person(pool: Pool, practice_id: int, person_id: int, *, by: Actor) -> None:
    """Keep the person out from now on, whatever the provider says."""
    async with in_practice(pool, practice_id) as connection:
        revoked = await connection.fetchval(
            """
            update people set revoked_at = now(), revoked_by = $3
            where practice_id = $1 and id = $2 and revoked_at is null returning true
            """,
            practice_id,
            person_id,
            by.name,
        )
        if revoked:
            subject = f"Person:{person_id}"
            await record(connection, practice_id, by, "PERSON_REVOKED", subject=subject)


async def restore_person(pool: Pool, practice_id: int, person_id: int, *, by: Actor) -> None:
    """Let the person in again, as the provider describes them."""
    async with in_practice(pool, practice_id) as connection:
        restored = await connection.fetchval(
            """
            update people set revoked_at = null, revoked_by = null
            where practice_id = $1 and id = $2 and revoked_at is not null returning true
            """,
            practice_id,
            person_id,
        )
        if restored:
            subject = f"Person:{person_id}"
            await record(connection, practice_id, by, "PERSON_RESTORED", subject=subject)
