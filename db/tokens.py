"""Access tokens: one per person or connector, stored hashed; and the viewers they stand for."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from core.identity import HOST, Actor, ActorKind, Role, Viewer
from db.audit import acting, record
from db.columns import ACCESS_TOKEN, Columns
from db.tenancy import call, in_practice
from db.types import MAX_ENTRIES, Pool, Reader, Row

TOKEN = re.compile(r"recalls_(\d{1,9})_[A-Za-z0-9_-]{43}", re.ASCII)
VALID = "revoked_at is null and (expires_at is null or expires_at > now())"
OPEN = "s.ended_at is null and s.ends_at > now() and s.last_used_at + s.idle > now()"
"""Over sessions ``s``; each is valid only as long as its token, too."""


RESERVED = frozenset({kind.value.lower() for kind in ActorKind} | {"theschedule", "automatedrun"})
"""Names, as from ``_plain``, that histories and the portal use for actors without a token."""


class ReservedNameError(ValueError):
    """A token can't be named like an actor in the histories who holds no token."""

    def __init__(self) -> None:
        super().__init__("name: Choose another name. Recalls uses this one itself.")


def _plain(name: str) -> str:
    """Return the part of a name by which people tell it from others at a glance."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def hash_of(token: str) -> bytes:
    """Return what is stored of a secret."""
    # 256 random bits need no salt and no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()


def new_secret(practice_id: int) -> str:
    """Return a token that nobody has yet."""
    return f"recalls_{practice_id}_{secrets.token_urlsafe(32)}"


async def store_token(
    pool: Pool,
    practice_id: int,
    secret: str,
    *,
    name: str,
    role: Role,
    by: Actor,
    expires_at: datetime | None = None,
    for_demo: bool = False,
) -> int:
    """Store ``secret`` as a token for the person or connector ``name``; return its id.

    Raises ``asyncpg.ForeignKeyViolationError`` if there is no such practice, and
    ``ReservedNameError``.
    """
    if _plain(name) in RESERVED:
        raise ReservedNameError
    async with in_practice(pool, practice_id) as connection:
        token_id: int = await connection.fetchval(
            """
            insert into access_tokens
              (practice_id, name, role, token_hash, created_by, expires_at, for_demo)
            values ($1, $2, $3, $4, $5, $6, $7) returning id
            """,
            practice_id,
            name,
            role.value,
            hash_of(secret),
            by.name,
            expires_at,
            for_demo,
        )
        await record(
            connection,
            practice_id,
            by,
            "TOKEN_CREATED",
            subject=f"AccessToken:{token_id}",
            details={"name": name, "role": role, "expiresAt": expires_at},
        )
    return token_id


async def create_token(
    pool: Pool,
    practice_id: int,
    name: str,
    role: Role,
    *,
    expires_at: datetime | None = None,
    for_demo: bool = False,
) -> str:
    """Create and return a token at the host's command line; it can't be read again later."""
    secret = new_secret(practice_id)
    await store_token(
        pool,
        practice_id,
        secret,
        name=name,
        role=role,
        by=HOST,
        expires_at=expires_at,
        for_demo=for_demo,
    )
    return secret


async def viewer_of(reader: Reader, token: str) -> Viewer | None:
    """Return the viewer of a token, or of a session of one; None if it isn't valid."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    row = await reader.fetchrow(
        f"""
        select practice_id, name, role, id, null::bigint as session from access_tokens
        where practice_id = $1 and token_hash = $2 and {VALID}
        union all
        select t.practice_id, t.name, t.role, t.id, s.id from sessions s
        join access_tokens t on t.practice_id = s.practice_id and t.id = s.token_id
        where s.practice_id = $1 and s.secret_hash = $2 and {OPEN} and {VALID}
        """,
        int(match[1]),
        hash_of(token),
    )
    if row is None:
        return None
    practice, name, role, key, session = row
    return Viewer(practice, name, Role(role), "access_tokens", key, session)


async def refused_holder(
    reader: Reader, token: str, origin: str | None
) -> tuple[int, Actor] | None:
    """Return the practice that an invalid token names, and the actor who tried it.

    That is its holder if it was revoked or has expired, else a stranger; None if there is no such
    practice.
    """
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    row = await reader.fetchrow(
        """
        select p.id as practice_id, t.id, t.name from practices p
        left join sessions s on s.practice_id = p.id and s.secret_hash = $2
        left join access_tokens t
          on t.practice_id = p.id and (t.token_hash = $2 or t.id = s.token_id)
        where p.id = $1
        """,
        int(match[1]),
        hash_of(token),
    )
    if row is None:
        return None
    if row["id"] is None:
        return row["practice_id"], Actor("Stranger", None, origin, ActorKind.STRANGER)
    return row["practice_id"], Actor(row["name"], None, origin, ActorKind.TOKEN, row["id"])


async def note_use(pool: Pool, viewer: Viewer, origin: str | None) -> None:
    """Record that the viewer made a request from the address ``origin``, and when.

    It is a sign-in if they made none for half an hour, or made the last from another address. For
    people, the provider's description of them is stored as well.
    """
    whose = viewer.practice_id, "note_use", viewer.kept_in, viewer.session
    await call(pool, *whose, *acting(viewer.acting(origin)))


def _tokens(columns: Columns = None) -> str:
    return f"select {ACCESS_TOKEN.select(columns).list} from access_tokens t where practice_id = $1"


async def list_tokens(reader: Reader, practice_id: int, columns: Columns = None) -> list[Row]:
    """Return the practice's tokens by id, without their secrets; if too many, valid ones first."""
    statement = f"""
        {_tokens(columns)} and t.id in (
          select id from access_tokens where practice_id = $1
          order by {VALID} desc, id desc limit {MAX_ENTRIES:d}
        )
        order by t.id
    """
    return await reader.fetch(statement, practice_id)


async def get_tokens(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the tokens among ``ids`` that belong to the practice."""
    return await reader.fetch(f"{_tokens(columns)} and t.id = any($2)", practice_id, ids)


async def revoke_token(pool: Pool, practice_id: int, token_id: int, *, by: Actor = HOST) -> bool:
    """Revoke the token from now on; return False if there is none to revoke."""
    async with in_practice(pool, practice_id) as connection:
        revoked = await connection.fetchval(
            """
            update access_tokens set revoked_at = now(), revoked_by = $3
            where practice_id = $1 and id = $2 and revoked_at is null returning true
            """,
            practice_id,
            token_id,
            by.name,
        )
        if revoked:
            subject = f"AccessToken:{token_id}"
            await record(connection, practice_id, by, "TOKEN_REVOKED", subject=subject)
    return bool(revoked)


async def demo_tokens_left(pool: Pool) -> bool:
    """Return whether a demo token still opens any practice."""
    return bool(await pool.fetchval("select logic.demo_tokens_left()"))
