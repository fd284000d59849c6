"""Accepting runs: manual sends and automated runs started by hand, and their planning."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from core.identity import Actor
from db.audit import acting, record
from db.delivery import BULK, CHUNK, INTERACTIVE
from db.runs import refusals_of_runs
from db.tenancy import call, in_practice
from db.types import Connection, IdempotencyConflictError, Pool, RefusalCount, Row, one

SLICE = 2_000
"""Recalls examined in one transaction: the practice's other clients wait no longer than that."""
DUE = """
  select from logic.sendable_recall s
  where s.practice_id = $1 and ($2::bigint[] is null or s.category_id = any($2))
    and logic.due_for_automation(s.state, s.automated, s.next_kind, s.under_way)
"""


@dataclass(frozen=True, slots=True)
class RunAccepted:
    """The run is stored; its messages will be sent whatever happens to the client."""

    run_id: int


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """Nothing was sent: staff must first answer the consent question for ``recall_ids``.

    ``sendable`` counts the recalls that nothing blocks, ``refusals`` the hard-blocked.
    """

    recall_ids: list[int]
    sendable: int
    refusals: list[RefusalCount]


@dataclass(frozen=True, slots=True)
class NothingToSend:
    """There was no message to send; refusals, if any, are recorded.

    ``skipped`` recalls were left out because they are closed or have a message on its way.
    """

    refusals: list[RefusalCount] = field(default_factory=list)
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class UnknownRecalls:
    """Nothing was sent: these are not the practice's recalls."""

    recall_ids: list[int]


@dataclass(frozen=True, slots=True)
class Planned:
    """The run whose slice was planned; None if every practice with a run to plan is busy.

    ``problem`` is the SQLSTATE if planning raised; then the run is put off.
    """

    practice_id: int | None
    run_id: int | None
    problem: str | None = None


SendOutcome: TypeAlias = RunAccepted | ConsentNeeded | NothingToSend | UnknownRecalls


async def send_recalls(
    pool: Pool,
    practice_id: int,
    recall_ids: Sequence[int],
    *,
    proceed_without_consent: bool,
    idempotency_key: str,
    actor: Actor,
    hold_seconds: int = 0,
    confirmed: Sequence[int] | None = None,
) -> SendOutcome:
    """Accept a manual send of the recalls, in one statement.

    ``proceed_without_consent`` applies to the ``confirmed`` recalls or, if that is None, to all of
    them. Nothing is handed over for ``hold_seconds``, so that the run can still be stopped. The
    same key with the same arguments returns the same run again. Raises ``IdempotencyConflictError``
    if the key was used with others.
    """
    wanted = sorted(set(recall_ids))
    asked = [] if confirmed is None else [sorted(set(confirmed))]
    arguments = _hash("sendRecalls", wanted, proceed_without_consent, *asked)
    done = await call(
        pool,
        practice_id,
        "send_recalls",
        wanted,
        proceed_without_consent,
        None if confirmed is None else asked[0],
        idempotency_key,
        arguments,
        timedelta(seconds=hold_seconds) if hold_seconds else None,
        CHUNK,
        INTERACTIVE,
        *acting(actor),
    )
    if done["conflict"]:
        raise IdempotencyConflictError
    if done["unknown"]:
        return UnknownRecalls(done["unknown"])
    if done["to_ask"]:
        return ConsentNeeded(done["to_ask"], done["clear"], _count(done["refused"]))
    if done["run_id"] is None:
        return NothingToSend(skipped=done["skipped"])
    if done["accepted"]:
        return RunAccepted(done["run_id"])
    async with in_practice(pool, practice_id) as connection:
        return await _outcome(connection, practice_id, done["run_id"])


async def start_automated_run(
    pool: Pool,
    practice_id: int,
    category_ids: Sequence[int] | None,
    *,
    idempotency_key: str,
    actor: Actor,
) -> RunAccepted | NothingToSend:
    """Accept an automated run now; a worker plans and sends it, whatever the hour.

    ``category_ids`` None means every automated category. Raises ``IdempotencyConflictError`` as
    ``send_recalls`` does.
    """
    wanted = None if category_ids is None else sorted(set(category_ids))
    arguments = _hash("startAutomatedRun", wanted)
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_steps($1)", practice_id)
        known = await _run_of_key(connection, practice_id, idempotency_key, arguments)
        if known is None:
            messages = await _automated_messages(connection, practice_id, wanted)
            if messages == "none":
                return NothingToSend()
            known = await connection.fetchval(
                """
                insert into runs (practice_id, trigger, state, actor, actor_kind, actor_id,
                                  category_ids, idempotency_key, arguments_hash)
                values ($1, 'AUTOMATED', 'PLANNING', $2, $6, $7, $3, $4, $5) returning id
                """,
                practice_id,
                actor.name,
                wanted,
                idempotency_key,
                arguments,
                actor.kind,
                actor.id,
            )
            await record(connection, practice_id, actor, "RECALLS_SENT", subject=f"Run:{known}")
            # Nothing for a worker to send: refusals can be recorded at once if they are few.
            if messages == "refused" and not await _plan_slice(connection, practice_id, known):
                await _close_if_nothing_is_sent(connection, practice_id, known)
        return await _outcome(connection, practice_id, known)


async def _automated_messages(
    connection: Connection, practice_id: int, category_ids: Sequence[int] | None
) -> str:
    """Return 'some' if a run would send, 'refused' if it would only refuse, else 'none'."""
    # The first recall found decides; counting them all would take seconds if there are many.
    found: str = await connection.fetchval(
        f"""
        select case when exists ({DUE} and not logic.sms_block_hard((s.line).sms_reason))
                    then 'some'
                    when exists ({DUE}) then 'refused' else 'none' end
        """,
        practice_id,
        category_ids,
    )
    return found


async def plan_next(pool: Pool) -> Planned | None:
    """Plan a slice of the next run; return None if there is none to plan."""
    row = await pool.fetchrow("select * from logic.plan_next($1, $2, $3)", SLICE, CHUNK, BULK)
    return None if row is None else Planned(**row)


async def _plan_slice(connection: Connection, practice_id: int, run_id: int) -> bool:
    """Plan a slice of this run, holding its practice's steps; return whether there may be more."""
    more: bool = await connection.fetchval(
        "select logic.plan_slice($1, $2, $3, $4, $5)",
        practice_id,
        run_id,
        SLICE,
        CHUNK,
        BULK,
    )
    return more


def _hash(*arguments: object) -> bytes:
    return hashlib.sha256(json.dumps(arguments).encode()).digest()


async def _run_of_key(
    connection: Connection, practice_id: int, key: str, arguments: bytes
) -> int | None:
    row: Row | None = await connection.fetchrow(
        "select id, arguments_hash from runs where practice_id = $1 and idempotency_key = $2",
        practice_id,
        key,
    )
    if row is None:
        return None
    if row["arguments_hash"] != arguments:
        raise IdempotencyConflictError
    return int(row["id"])


async def _close_if_nothing_is_sent(connection: Connection, practice_id: int, run_id: int) -> None:
    """End a run without messages, and keep that as the answer to its key."""
    await connection.execute(
        """
        update runs r set accepted = false
        where practice_id = $1 and id = $2 and not exists (
          select from chunks c where c.practice_id = r.practice_id and c.run_id = r.id)
        """,
        practice_id,
        run_id,
    )
    await connection.execute("select logic.close_run_if_done($1, $2)", practice_id, run_id)


async def _outcome(
    connection: Connection, practice_id: int, run_id: int
) -> RunAccepted | NothingToSend:
    """Return the answer that the run's key got the first time."""
    row = one(
        await connection.fetchrow(
            "select skipped, accepted from runs where practice_id = $1 and id = $2",
            practice_id,
            run_id,
        )
    )
    if row["accepted"]:
        return RunAccepted(run_id)
    rows = await refusals_of_runs(connection, practice_id, [run_id])
    refusals = [RefusalCount(row["reason"], row["count"]) for row in rows]
    return NothingToSend(refusals, row["skipped"])


def _count(reasons: Iterable[str]) -> list[RefusalCount]:
    return [RefusalCount(reason, count) for reason, count in Counter(sorted(reasons)).most_common()]
