"""Access tokens: one per person or connector, stored hashed."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from db.rows import Pool, Reader, Row
from db.tenancy import in_practice

TOKEN = re.compile(r"recalls_(\d{1,9})_[A-Za-z0-9_-]{43}", re.ASCII)


class Role(StrEnum):
    """What a token's holder may do."""

    ADMIN = "ADMIN"
    RECEPTIONIST = "RECEPTIONIST"
    CONNECTOR = "CONNECTOR"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: everything they see and do is their practice's."""

    practice_id: int
    name: str
    role: Role


def _hash(token: str) -> bytes:
    # 256 random bits need no salt and no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()


async def create_token(pool: Pool, practice_id: int, name: str, role: Role) -> str:
    """Create a token for the person or connector ``name``; it can't be read again afterwards."""
    token = f"recalls_{practice_id}_{secrets.token_urlsafe(32)}"
    async with in_practice(pool, practice_id) as connection:
        await connection.execute(
            "insert into access_tokens (practice_id, name, role, token_hash)"
            " values ($1, $2, $3, $4)",
            practice_id,
            name,
            role.value,
            _hash(token),
        )
    return token


async def viewer_of(reader: Reader, token: str) -> Viewer | None:
    """Give the holder of ``token``; None where it isn't one of ours or was revoked."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    row = await reader.fetchrow(
        """
        select practice_id, name, role from access_tokens
        where practice_id = $1 and token_hash = $2 and revoked_at is null
        """,
        int(match[1]),
        _hash(token),
    )
    return Viewer(row["practice_id"], row["name"], Role(row["role"])) if row else None


async def list_tokens(pool: Pool, practice_id: int) -> list[Row]:
    """Give the practice's tokens, without the tokens themselves."""
    async with in_practice(pool, practice_id) as connection:
        rows: list[Row] = await connection.fetch(
            """
            select id, name, role, created_at, revoked_at from access_tokens
            where practice_id = $1 order by id
            """,
            practice_id,
        )
    return rows


async def revoke_token(pool: Pool, practice_id: int, token_id: int) -> bool:
    """Revoke the token from now on; gives false where there is none to revoke."""
    async with in_practice(pool, practice_id) as connection:
        revoked = await connection.fetchval(
            """
            update access_tokens set revoked_at = now()
            where practice_id = $1 and id = $2 and revoked_at is null returning true
            """,
            practice_id,
            token_id,
        )
    return bool(revoked)
