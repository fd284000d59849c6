"""UNKNOWN messages: those that are due to be looked up, and what the gateway's list said."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.delivery import Settlement
from db.tenancy import in_practice
from db.types import Pool


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A message that the gateway may or may not have taken, and when that may have been."""

    attempt_id: int
    handed_over_at: datetime
    mobile: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnknownMessages:
    """The UNKNOWN messages of one chunk, taken at a time by the clock of ``handed_over_at``.

    There are none if receipts settled them all, or if this raised: then ``problem`` is the
    SQLSTATE, and the chunk is put off.
    """

    practice_id: int
    run_id: int
    position: int
    taken_at: datetime
    messages: list[UnknownMessage]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a number: the gateway's ids, and whether a message is in progress."""

    gateway_ids: frozenset[str]
    in_progress: bool


async def claim_unknown(pool: Pool, hold: float) -> UnknownMessages | None:
    """Take a chunk whose messages are due to be looked up; return None if there is none.

    Nobody else gets it within ``hold`` seconds.
    """
    rows = await pool.fetch("select * from logic.claim_unknown($1)", timedelta(seconds=hold))
    if not rows:
        return None
    first = rows[0]
    messages = [
        UnknownMessage(row["attempt_id"], row["handed_over_at"], row["mobile"], row["body"])
        for row in rows
        if row["attempt_id"] is not None
    ]
    chunk = first["practice_id"], first["run_id"], first["position"]
    return UnknownMessages(*chunk, first["taken_at"], messages, first["problem"])


async def known_at_gateway(pool: Pool, mobiles: Sequence[str]) -> dict[str, Known]:
    """Return what is known about each of the numbers, over all practices."""
    rows = await pool.fetch("select * from logic.known_at_gateway($1)", mobiles)
    return {
        row["mobile"]: Known(frozenset(row["gateway_ids"] or ()), row["under_way"]) for row in rows
    }


async def settle_unknown(
    pool: Pool, unknown: UnknownMessages, mobile: str, settlements: Sequence[Settlement]
) -> None:
    """Record what the gateway's list says about the messages to ``mobile``.

    A settlement's state is QUEUED if the gateway took none. One that is about an earlier handover
    of the message changes nothing.
    """
    handed_over_at = {m.attempt_id: m.handed_over_at for m in unknown.messages}
    async with in_practice(pool, unknown.practice_id) as connection:
        await connection.execute(
            "select logic.settle_unknown($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            unknown.practice_id,
            unknown.run_id,
            unknown.position,
            mobile,
            [s.attempt_id for s in settlements],
            [handed_over_at[s.attempt_id] for s in settlements],
            [s.state for s in settlements],
            [s.gateway_id for s in settlements],
            [s.failure for s in settlements],
        )


async def end_look_up(pool: Pool, unknown: UnknownMessages, look_again: float) -> None:
    """Release the chunk; what is still UNKNOWN in it is due again in ``look_again`` seconds."""
    async with in_practice(pool, unknown.practice_id) as connection:
        await connection.execute(
            "select logic.end_look_up($1, $2, $3, clock_timestamp() + $4::interval)",
            unknown.practice_id,
            unknown.run_id,
            unknown.position,
            timedelta(seconds=look_again),
        )


async def give_up_look_up(pool: Pool) -> bool:
    """Leave the UNKNOWN messages of the next chunk to staff; return False if there is none."""
    return bool(await pool.fetchval("select logic.give_up_look_up()"))
