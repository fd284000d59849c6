"""What a worker does with the database: claim, settle, sweep, and begin what the schedule says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from db.rows import Pool
from db.tenancy import in_practice

CHUNK = 500
"""Messages that are planned together, and that one claim takes at the most."""
A_PERSON_WAITS, NOBODY_WAITS = 0, 1
"""A message's priority."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message to hand over: attempt, our reference for it, number (E.164) and text."""

    attempt_id: int
    reference: UUID
    mobile: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages of one chunk, ours until the lease ends."""

    practice_id: int
    run_id: int
    position: int
    token: UUID
    messages: list[ClaimedMessage]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one message: SENT, FAILED, UNKNOWN, or QUEUED where the gateway took none."""

    attempt_id: int
    state: str
    gateway_id: str | None = None
    failure: str | None = None


async def claim_messages(
    pool: Pool,
    lease: float,
    *,
    most: int = CHUNK,
    lowest: int = NOBODY_WAITS,
    look_after: float | None = None,
) -> Claim | None:
    """Claim the next messages that are ready for ``lease`` seconds; None where none is.

    ``most`` is how many at the most, ``lowest`` the priority down to which they are taken. The
    lease runs from some moment during this call, so the caller counts from before it. For
    ``look_after`` see ``settle_messages``.
    """
    token = uuid4()
    rows = await pool.fetch(
        "select * from logic.claim_messages($1, $2, $3, $4, $5)",
        token,
        timedelta(seconds=lease),
        most,
        lowest,
        _interval(look_after),
    )
    if not rows:
        return None
    first = rows[0]
    messages = [
        ClaimedMessage(row["attempt_id"], row["reference"], row["mobile"], row["body"])
        for row in rows
    ]
    return Claim(first["practice_id"], first["run_id"], first["position"], token, messages)


async def settle_messages(
    pool: Pool,
    claim: Claim,
    settlements: Sequence[Settlement],
    *,
    retry_after: float,
    look_after: float | None = None,
) -> bool:
    """Write down what became of the claim's messages; safe to call again after a lost answer.

    Messages that are QUEUED again go after ``retry_after`` seconds; UNKNOWN ones are looked up at
    the gateway after ``look_after`` seconds, or never where it is None. Gives false where the
    claim was given up in the meantime.
    """
    async with in_practice(pool, claim.practice_id) as connection:
        ours: bool = await connection.fetchval(
            "select logic.settle_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            claim.practice_id,
            claim.run_id,
            claim.position,
            claim.token,
            [s.attempt_id for s in settlements],
            [s.state for s in settlements],
            [s.gateway_id for s in settlements],
            [s.failure for s in settlements],
            timedelta(seconds=retry_after),
            _interval(look_after),
        )
    return ours


async def sweep_claims(pool: Pool, grace: float, *, look_after: float | None = None) -> int:
    """Give up claims ``grace`` seconds past their deadline; how many."""
    return int(
        await pool.fetchval(
            "select logic.sweep_claims($1, $2)", timedelta(seconds=grace), _interval(look_after)
        )
    )


async def chunks_ready(pool: Pool) -> bool:
    """Tell whether there is something to claim now."""
    return bool(await pool.fetchval("select logic.any_chunk_due('READY')"))


async def begin_scheduled_runs(pool: Pool) -> int:
    """Begin the automated runs whose time has come; how many."""
    return len(await pool.fetch("select * from logic.begin_scheduled_runs()"))


async def runs_to_plan(pool: Pool) -> list[tuple[int, int]]:
    """Give (practice, run) of every run that is not planned to its end."""
    rows = await pool.fetch("select practice_id, run_id from logic.runs_to_plan()")
    return [(row["practice_id"], row["run_id"]) for row in rows]


def _interval(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
