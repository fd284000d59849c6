"""Opt-outs from all practices: kept at once, then carried out in each that has the number."""

import asyncio
import logging
from functools import partial

from core.identity import Actor, ActorKind
from db.blocklist import MAX_WAIT_SECONDS, change_of, wait_for_claims
from db.retry import PATIENCE, retried
from db.tenancy import call_within, in_practice
from db.types import Pool, one

logger = logging.getLogger(__name__)

ACTORS = {
    "PATIENT_REPLY": Actor("Patient", kind=ActorKind.PATIENT),
    "GATEWAY": Actor("Gateway", kind=ActorKind.GATEWAY),
}
"""The actors that histories name, by source."""
LOCK_TIMEOUT = "1s"
"""A practice whose locks are held longer is retried, and meanwhile takes no connection."""


async def keep_opt_out(
    pool: Pool, mobile: str, *, source: str, message_id: str | None = None
) -> int:
    """Record that the number (E.164) wants no more recalls; return the opt-out's id.

    Once this returns, it is carried out, by the sweeper if not by the caller; a message that is
    repeated counts once. Raises ``TimeoutError`` if the database is out of reach.
    """
    statement = "select logic.keep_opt_out($1, $2, $3)"
    async with asyncio.timeout(PATIENCE):
        return int(await retried(lambda: pool.fetchval(statement, mobile, source, message_id)))


async def stops_of_the_last_hour(pool: Pool) -> int:
    """Return how many opt-outs people wrote in the last hour."""
    statement = "select logic.stops_since(clock_timestamp() - interval '1 hour')"
    return int(await pool.fetchval(statement))


async def pending_opt_outs(pool: Pool) -> list[int]:
    """Return the ids of opt-outs that some practice has yet to carry out."""
    rows = await pool.fetch("select id from logic.pending_opt_outs()")
    return [row["id"] for row in rows]


async def carry_out(pool: Pool, opt_out_id: int) -> None:
    """Block the number in every practice that has it, then wait for the claims of them all.

    When this returns, no worker will hand the gateway another message to the number. No practice
    waits for another. If some can't block it, the others have, it stays pending, and their errors
    are raised as a group; or ``TimeoutError`` after ``PATIENCE``.
    """
    async with asyncio.timeout(PATIENCE):
        mobile, practices = await _block(pool, opt_out_id)
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        await asyncio.gather(
            *(retried(partial(wait_for_claims, pool, practice, mobile)) for practice in practices)
        )


async def _block(pool: Pool, opt_out_id: int) -> tuple[str, list[int]]:
    """Return the number and its practices, once all of them have blocked it."""
    found = await retried(lambda: pool.fetchrow("select * from logic.opt_out($1)", opt_out_id))
    mobile, source, practices, left_to_do = one(found)
    if not practices:
        logger.warning("an opt-out came from a number that no practice knows")

    async def block(practice_id: int) -> None:
        async with in_practice(pool, practice_id) as connection:
            await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            change = change_of(mobile, ACTORS[source], blocked=True, source=source)
            await call_within(connection, practice_id, *change)
            await connection.execute("select logic.note_opt_out($1, $2)", opt_out_id, practice_id)

    outcomes = await asyncio.gather(
        *(retried(partial(block, practice)) for practice in left_to_do), return_exceptions=True
    )
    if failures := [outcome for outcome in outcomes if isinstance(outcome, Exception)]:
        raise ExceptionGroup(f"{len(failures)} practices couldn't block the number", failures)
    await retried(lambda: pool.execute("select logic.finish_opt_out($1)", opt_out_id))
    return mobile, practices
