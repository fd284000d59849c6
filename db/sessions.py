"""Sessions: browsers signed in with an access token, or by the identity provider."""

from datetime import timedelta

from core.identity import Actor, Jwt, Viewer
from db.audit import record
from db.columns import SESSION, Columns
from db.tenancy import in_practice
from db.tokens import OPEN, VALID, hash_of
from db.types import Pool, Reader, Row, one

MAX_SESSIONS = 20
"""Open sessions per token; one more ends the oldest."""
MAX_KEPT = 100
"""Sessions kept per token, ended ones for a day, so that their holder is still known."""


async def start_session(
    pool: Pool, viewer: Viewer, secret: str, *, idle: timedelta, longest: timedelta, by: Actor
) -> Row:
    """Let ``secret`` open what the viewer's access token does, for a while.

    Return the session as ``list_sessions`` does.
    """
    practice_id, token_id = viewer.practice_id, viewer.id
    async with in_practice(pool, practice_id) as connection:
        token = await connection.fetchrow(
            "select expires_at from access_tokens where practice_id = $1 and id = $2 for update",
            practice_id,
            token_id,
        )
        await connection.execute(
            f"""
            update sessions set ended_at = now() where practice_id = $1 and id in (
              select s.id from sessions s where s.practice_id = $1 and s.token_id = $2 and {OPEN}
              order by s.id desc offset {MAX_SESSIONS - 1})
            """,
            practice_id,
            token_id,
        )
        await connection.execute(
            f"""
            delete from sessions where practice_id = $1 and (
              ends_at < now() - interval '1 day' or id in (
                select id from sessions where practice_id = $1 and token_id = $2
                order by id desc offset {MAX_KEPT - 1}))
            """,
            practice_id,
            token_id,
        )
        row = await connection.fetchrow(
            f"""
            with s as (
              insert into sessions
                (practice_id, token_id, secret_hash, last_used_from, idle, ends_at)
              values ($1, $2, $3, $4, $5, least(now() + $6::interval, $7))
              returning *, false as current
            )
            select {SESSION.select(None).list} from s
            """,
            practice_id,
            token_id,
            hash_of(secret),
            by.origin,
            idle,
            longest,
            one(token)["expires_at"],
        )
        session = one(row)
        subject = f"Session:{session['id']}"
        await record(connection, practice_id, by, "SESSION_STARTED", subject=subject)
    return session


async def list_sessions(reader: Reader, viewer: Viewer, columns: Columns = None) -> list[Row]:
    """Return the open sessions of the viewer's access token, newest first."""
    if viewer.kept_in != "access_tokens":
        return []
    statement = f"""
        select {SESSION.select(columns).list}
        from (select *, id is not distinct from $3::bigint as current from sessions) s
        join access_tokens t on t.practice_id = s.practice_id and t.id = s.token_id
        where s.practice_id = $1 and s.token_id = $2 and {OPEN} and {VALID}
        order by s.id desc limit {MAX_SESSIONS}
    """
    return await reader.fetch(statement, viewer.practice_id, viewer.id, viewer.session)


async def end_session(pool: Pool, viewer: Viewer, session_id: int, *, by: Actor) -> bool:
    """End a session of the viewer's token; return False if it has no such session."""
    if viewer.kept_in != "access_tokens":
        return False
    async with in_practice(pool, viewer.practice_id) as connection:
        ended = await connection.fetchval(
            f"""
            update sessions s set ended_at = now()
            where practice_id = $1 and token_id = $2 and id = $3 and {OPEN} returning true
            """,
            viewer.practice_id,
            viewer.id,
            session_id,
        )
        if ended:
            subject = f"Session:{session_id}"
            await record(connection, viewer.practice_id, by, "SESSION_ENDED", subject=subject)
    return bool(ended)


async def end_jwt(pool: Pool, viewer: Viewer, jwt: Jwt, *, by: Actor) -> None:
    """End the provider's token that the viewer came with, before it expires."""
    practice_id = viewer.practice_id
    async with in_practice(pool, practice_id) as connection:
        # Clocks differ: a day later it has expired by all of them.
        await connection.execute(
            "delete from ended_jwts where practice_id = $1 and ends_at <= now() - interval '1 day'",
            practice_id,
        )
        ended = await connection.fetchval(
            """
            insert into ended_jwts (practice_id, jwt_hash, ends_at) values ($1, $2, $3)
            on conflict (practice_id, jwt_hash) do nothing returning true
            """,
            practice_id,
            *jwt,
        )
        if ended:
            subject = f"Person:{viewer.id}"
            await record(connection, practice_id, by, "SESSION_ENDED", subject=subject)
