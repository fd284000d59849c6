"""A person's no to all practices: kept at once, then carried out in each that has the number."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import asyncpg

from db.audit import Actor
from db.blocklist import LONGEST_WAIT, set_entry, wait_for_claims
from db.rows import Pool, one
from db.tenancy import in_practice

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
ACTORS = {"PATIENT_REPLY": Actor("Patient"), "GATEWAY": Actor("Gateway")}
"""Who is named in the histories, by the source."""
PATIENCE = 5.0
"""Seconds in which an opt-out is kept, and those in which every practice has blocked it."""
LOCK_TIMEOUT = "1s"
"""A practice whose locks are held longer gets another try, and meanwhile has no connection."""
REST = 0.1
"""Seconds between two tries."""
PASSING = (
    asyncpg.TransactionRollbackError,  # a deadlock
    asyncpg.InternalServerError,  # a migrate has just replaced a function that was running
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # PostgreSQL restarts
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has ended the connection, whose end is yet to come
    OSError,
)
"""What another try may not run into."""


async def keep_opt_out(pool: Pool, mobile: str, *, source: str) -> int:
    """Write down that the number (E.164) wants no more recalls; gives the opt-out's id.

    Once this returns it is carried out, if not by the caller, by the sweeper. Raises
    ``TimeoutError`` where the database is out of reach.
    """
    statement = "select logic.keep_opt_out($1, $2)"
    async with asyncio.timeout(PATIENCE):
        return int(await _tried(lambda: pool.fetchval(statement, mobile, source)))


async def pending_opt_outs(pool: Pool) -> list[int]:
    """Give those that some practice has yet to block."""
    rows = await pool.fetch("select id from logic.pending_opt_outs()")
    return [row["id"] for row in rows]


async def carry_out(pool: Pool, opt_out_id: int) -> None:
    """Block the number in every practice that has it, then wait for the claims of them all.

    When this returns, no worker will hand another message to the number to the gateway. No practice
    waits for another. Where some can't block it, the others have, it stays pending, and their
    errors are raised as a group; or ``TimeoutError`` after ``PATIENCE``.
    """
    async with asyncio.timeout(PATIENCE):
        mobile, practices = await _block(pool, opt_out_id)
    async with asyncio.timeout(LONGEST_WAIT):
        await asyncio.gather(
            *(_tried(partial(wait_for_claims, pool, practice, mobile)) for practice in practices)
        )


async def _block(pool: Pool, opt_out_id: int) -> tuple[str, list[int]]:
    """Give the number, and the practices that have it, all of which have blocked it."""
    found = await _tried(lambda: pool.fetchrow("select * from logic.opt_out($1)", opt_out_id))
    mobile, source, practices, left_to_do = one(found)
    if not practices:
        logger.warning("an opt-out came from a number that no practice knows")

    async def block(practice_id: int) -> None:
        async with in_practice(pool, practice_id) as connection:
            await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            await set_entry(
                connection, practice_id, mobile, ACTORS[source], blocked=True, source=source
            )
            await connection.execute("select logic.note_opt_out($1, $2)", opt_out_id, practice_id)

    outcomes = await asyncio.gather(
        *(_tried(partial(block, practice)) for practice in left_to_do), return_exceptions=True
    )
    if failures := [outcome for outcome in outcomes if isinstance(outcome, Exception)]:
        raise ExceptionGroup(f"{len(failures)} practices couldn't block the number", failures)
    await _tried(lambda: pool.execute("select logic.finish_opt_out($1)", opt_out_id))
    return mobile, practices


async def _tried(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Give what the attempt gives; try again while it fails for a reason that passes."""
    while True:
        try:
            return await attempt()
        except PASSING:
            await asyncio.sleep(REST)
