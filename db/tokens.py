"""Access tokens: one per person or connector, stored hashed; and who asks with one."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit import HOST, Actor, ActorKind, record
from db.columns import ACCESS_TOKEN, Columns
from db.rows import MOST_ENTRIES, Pool, Reader, Row
from db.tenancy import in_practice

TOKEN = re.compile(r"recalls_(\d{1,9})_[A-Za-z0-9_-]{43}", re.ASCII)
GOOD = "revoked_at is null and (expires_at is null or expires_at > now())"


class Role(StrEnum):
    """What a token's holder may do."""

    ADMIN = "ADMIN"
    RECEPTIONIST = "RECEPTIONIST"
    CONNECTOR = "CONNECTOR"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: everything they see and do is their practice's.

    ``kept_in`` is the table that knows them, access_tokens or people, by ``id``.
    """

    practice_id: int
    name: str
    role: Role
    kept_in: str
    id: int

    @property
    def key(self) -> str:
        """What they are counted by; no personal data."""
        return f"{self.kept_in}:{self.practice_id}:{self.id}"

    @property
    def kind(self) -> ActorKind:
        """What they are in the audit trail, where ``id`` tells them apart from all others."""
        return KINDS[self.kept_in]

    def acting(self, origin: str | None) -> Actor:
        """Give who is to be named in the audit trail, where they ask from the address."""
        return Actor(self.name, self.role, origin, self.kind, self.id)


KINDS = {"access_tokens": ActorKind.TOKEN, "people": ActorKind.PERSON}
RESERVED = frozenset({kind.value.lower() for kind in ActorKind} | {"theschedule", "automatedrun"})
"""Names that the histories and the portal have for who is no token's holder, as ``_plain``."""


class ReservedNameError(ValueError):
    """A token may not be named like somebody of the histories who is no token's holder."""

    def __init__(self) -> None:
        super().__init__("name must not be one that histories have for others, such as Host.")


def _plain(name: str) -> str:
    """Give what is left of a name by which people tell it from others at a glance."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def _hash(token: str) -> bytes:
    # 256 random bits need no salt and no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()


def new_secret(practice_id: int) -> str:
    """Give a token that nobody has yet."""
    return f"recalls_{practice_id}_{secrets.token_urlsafe(32)}"


async def keep_token(
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
    """Have the ``secret`` open the practice for the person or connector ``name``; gives its id.

    Raises ``asyncpg.ForeignKeyViolationError`` where there is no such practice, and
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
            _hash(secret),
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
    """Create a token at the host's command line; it can't be read again afterwards."""
    secret = new_secret(practice_id)
    await keep_token(
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
    """Give the holder of ``token``; None where it isn't one of ours, was revoked or has expired."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    row = await reader.fetchrow(
        f"""
        select practice_id, name, role, id from access_tokens
        where practice_id = $1 and token_hash = $2 and {GOOD}
        """,
        int(match[1]),
        _hash(token),
    )
    if row is None:
        return None
    return Viewer(row["practice_id"], row["name"], Role(row["role"]), "access_tokens", row["id"])


async def refused_holder(
    reader: Reader, token: str, origin: str | None
) -> tuple[int, Actor] | None:
    """Give the practice that a token which is no good names, and who tried to get in with it.

    That is its holder, where it was revoked or has expired, else a stranger; None where there is no
    such practice.
    """
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    row = await reader.fetchrow(
        """
        select p.id as practice_id, t.id, t.name from practices p
        left join access_tokens t on t.practice_id = p.id and t.token_hash = $2 where p.id = $1
        """,
        int(match[1]),
        _hash(token),
    )
    if row is None:
        return None
    if row["id"] is None:
        return row["practice_id"], Actor("Stranger", None, origin, ActorKind.STRANGER)
    return row["practice_id"], Actor(row["name"], None, origin, ActorKind.TOKEN, row["id"])


async def note_use(pool: Pool, viewer: Viewer, origin: str | None) -> None:
    """Write down that the viewer asks from the address ``origin``, and when.

    It is a sign-in where they haven't for half an hour, or last did from another address.
    """
    table = viewer.kept_in
    async with in_practice(pool, viewer.practice_id) as connection:
        signs_in = await connection.fetchval(
            f"""
            select last_used_at is null or last_used_at < now() - interval '30 minutes'
                   or last_used_from is distinct from $3
            from {table} where practice_id = $1 and id = $2 for update
            """,
            viewer.practice_id,
            viewer.id,
            origin,
        )
        await connection.execute(
            f"update {table} set last_used_at = now(), last_used_from = $3"
            " where practice_id = $1 and id = $2",
            viewer.practice_id,
            viewer.id,
            origin,
        )
        if signs_in:
            await record(connection, viewer.practice_id, viewer.acting(origin), "SIGNED_IN")


def _tokens(columns: Columns = None) -> str:
    return f"select {ACCESS_TOKEN.select(columns).list} from access_tokens t where practice_id = $1"


async def list_tokens(reader: Reader, practice_id: int, columns: Columns = None) -> list[Row]:
    """Give the practice's tokens, without the tokens themselves: good ones above all, in order."""
    statement = f"""
        {_tokens(columns)} and t.id in (
          select id from access_tokens where practice_id = $1
          order by {GOOD} desc, id desc limit {MOST_ENTRIES:d}
        )
        order by t.id
    """
    return await reader.fetch(statement, practice_id)


async def get_tokens(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Give those of ``ids`` that are the practice's."""
    return await reader.fetch(f"{_tokens(columns)} and t.id = any($2)", practice_id, ids)


async def revoke_token(pool: Pool, practice_id: int, token_id: int, *, by: Actor = HOST) -> bool:
    """Revoke the token from now on; gives false where there is none to revoke."""
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
    """Tell whether a token of the demo still opens some practice."""
    return bool(await pool.fetchval("select logic.demo_tokens_left()"))
