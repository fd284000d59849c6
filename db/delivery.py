"""A worker's database calls: claim, settle, cancel, sweep, begin runs, and see what waits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from db.tenancy import call
from db.types import Pool, Row, one

CHUNK = 500
"""Messages that are planned together, and the most that one claim takes."""
INTERACTIVE, BULK = 0, 1
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
    """Messages of one chunk, ours until the lease ends.

    There are none if the chunk had none to hand over, or if handling it raised: then ``problem`` is
    the SQLSTATE, and the chunk is put off.
    """

    practice_id: int
    run_id: int
    position: int
    token: UUID
    messages: list[ClaimedMessage]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """The run that was handled; ``problem`` is the SQLSTATE if that raised and it is put off."""

    practice_id: int
    run_id: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Whether anything waits to be claimed, cancelled, looked up or planned; and the time there."""

    ready: bool
    stopped: bool
    unsure: bool
    planning: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a message: SENT, FAILED, UNKNOWN, or QUEUED if the gateway didn't take it."""

    attempt_id: int
    state: str
    gateway_id: str | None = None
    failure: str | None = None


async def claim_messages(
    pool: Pool,
    lease: float,
    *,
    most: int = CHUNK,
    lowest: int = BULK,
    look_after: float | None = None,
) -> Claim | None:
    """Claim messages of the next chunk for ``lease`` seconds; return None if none is ready.

    Takes at most ``most`` messages, of priorities down to ``lowest``. The lease starts at some
    moment during this call, so the caller must count from before it. For ``look_after`` see
    ``settle_messages``.
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
        if row["attempt_id"] is not None
    ]
    chunk = first["practice_id"], first["run_id"], first["position"]
    return Claim(*chunk, token, messages, first["problem"])


async def settle_messages(
    pool: Pool,
    claim: Claim,
    settlements: Sequence[Settlement],
    *,
    retry_after: float,
    look_after: float | None = None,
) -> bool:
    """Record what became of the claim's messages; safe to call again after a lost answer.

    Messages that are QUEUED again are sent after ``retry_after`` seconds; UNKNOWN ones are looked
    up at the gateway after ``look_after`` seconds, or never if it is None. Return False if the
    claim was given up in the meantime.
    """
    row = await call(
        pool,
        claim.practice_id,
        "settle_messages",
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
    return bool(row[0])


async def cancel_stopped(pool: Pool, *, look_after: float | None = None) -> Handled | None:
    """Cancel what is queued in the next chunk of a stopped run; return None if there is none."""
    return _handled(
        await pool.fetchrow("select * from logic.cancel_stopped($1)", _interval(look_after))
    )


async def sweep_claim(
    pool: Pool, grace: float, *, look_after: float | None = None
) -> Handled | None:
    """Give up the next claim that is ``grace`` seconds overdue; return None if there is none."""
    return _handled(
        await pool.fetchrow(
            "select * from logic.sweep_claim($1, $2)",
            timedelta(seconds=grace),
            _interval(look_after),
        )
    )


async def what_waits(pool: Pool) -> Waiting:
    """Return what there is to do now."""
    return Waiting(**one(await pool.fetchrow("select * from logic.work_waiting()")))


async def practices_due(pool: Pool) -> list[int]:
    """Return the practices whose automated run is due."""
    rows = await pool.fetch("select practice_id from logic.practices_due()")
    return [row["practice_id"] for row in rows]


async def begin_scheduled_run(pool: Pool, practice_id: int) -> int | None:
    """Begin the practice's run if it is due; return its id, or None if none was begun."""
    run_id: int | None = (await call(pool, practice_id, "begin_scheduled_run"))[0]
    return run_id


def _handled(row: Row | None) -> Handled | None:
    return None if row is None else Handled(**row)


def _interval(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
