"""Contact attempts of runs and recalls, and what the gateway's receipts say about them."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from db.columns import ATTEMPT, Columns
from db.retry import PATIENCE, retried
from db.tenancy import in_practice
from db.types import MAX_AT_ONCE, MAX_EACH, Pool, Reader, Row

RECEIPT = """
  with message as (
    select id, state, mobile from contact_attempts
    where practice_id = $1 and reference = $2 for update
  ), settled as (
    update contact_attempts a
    set state = $3, gateway_id = $4, failure = $5, settled_at = clock_timestamp(),
        handed_over_at = coalesce(a.handed_over_at, clock_timestamp()),
        refusal_reason = null, cancellation = null
    from message m
    where a.practice_id = $1 and a.id = m.id
      and (m.state in ('QUEUED', 'SENDING', 'UNKNOWN', 'CANCELLED')
           -- One that was refused when it was planned has no text and was never handed over.
           or (m.state = 'REFUSED' and a.body is not null)
           or (m.state = 'SENT' and $3 <> 'SENT')
           or (m.state in ('UNDELIVERED', 'FAILED') and $3 = 'DELIVERED'))
  )
  select mobile from message
"""
_OF_RUN = ATTEMPT.with_columns(run_id="a.run_id")
_OF_RECALL = ATTEMPT.with_columns(recall_id="wanted.recall_id")


async def get_attempts(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the attempts among ``ids`` that belong to the practice."""
    statement = f"""
        select {ATTEMPT.select(columns).list} from contact_attempts a
        where a.practice_id = $1 and a.id = any($2)
    """
    return await reader.fetch(statement, practice_id, ids)


async def attempts_of_runs(
    reader: Reader,
    practice_id: int,
    run_ids: Sequence[int],
    *,
    first: int,
    after: int | None,
    states: Sequence[str] | None = None,
    columns: Columns = None,
) -> list[Row]:
    """Return a page of each run's attempts, each with its ``run_id``, in planning order.

    They are those in ``states``, or all. A run with more than ``first`` beyond ``after`` comes with
    one extra row.
    """
    where, arguments = _in_states(states, 4)
    statement = f"""
        select {_OF_RUN.select(columns).list}
        from unnest($2::bigint[]) run (id)
        cross join lateral (
          select * from contact_attempts
          where practice_id = $1 and run_id = run.id and id > $3{where}
          order by id limit {first + 1:d}
        ) a
        order by a.id
    """
    return await reader.fetch(statement, practice_id, run_ids, after or 0, *arguments)


async def count_attempts(
    reader: Reader,
    practice_id: int,
    run_ids: Sequence[int],
    *,
    states: Sequence[str] | None = None,
) -> dict[int, int]:
    """Return each run's number of attempts, in ``states`` or all; runs without any are left out."""
    where, arguments = _in_states(states, 3)
    rows = await reader.fetch(
        f"""
        select run_id, count(*) from contact_attempts
        where practice_id = $1 and run_id = any($2){where} group by run_id
        """,
        practice_id,
        run_ids,
        *arguments,
    )
    return {row["run_id"]: row["count"] for row in rows}


def _in_states(states: Sequence[str] | None, place: int) -> tuple[str, list[Sequence[str]]]:
    return ("", []) if states is None else (f" and state = any(${place})", [states])


async def attempts_of_recalls(
    reader: Reader, practice_id: int, recall_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the recalls' latest attempts, each with its ``recall_id``, oldest first."""
    statement = f"""
        select {_OF_RECALL.select(columns).list}
        from unnest($2::bigint[]) as wanted (recall_id)
        cross join lateral (
          select a.* from attempt_recalls ar
          join contact_attempts a on a.practice_id = ar.practice_id and a.id = ar.attempt_id
          where ar.practice_id = $1 and ar.recall_id = wanted.recall_id
          order by a.created_at desc, a.id desc limit {MAX_EACH:d}
        ) a
        order by wanted.recall_id, a.created_at, a.id limit {MAX_AT_ONCE + 1:d}
    """
    return await reader.fetch(statement, practice_id, recall_ids)


async def record_receipt(
    pool: Pool,
    practice_id: int,
    reference: UUID,
    *,
    state: str,
    gateway_id: str,
    failure: str | None,
    opted_out: bool = False,
) -> bool:
    """Record what the gateway says became of the message with our ``reference``.

    ``state`` is SENT, DELIVERED, UNDELIVERED or FAILED. A receipt proves that the gateway had the
    message, so it also settles one that is UNKNOWN, waits to be sent again, or was given up;
    DELIVERED is final, and no known outcome goes back to SENT. ``opted_out`` means that the person
    wants no messages: the opt-out is kept with the receipt, and carried out by the sweeper. Return
    False if no such message is known. Transient failures are retried, because the gateway reports
    most things once; raises ``TimeoutError`` after ``PATIENCE``.
    """

    async def write_down() -> str | None:
        async with in_practice(pool, practice_id) as connection:
            mobile: str | None = await connection.fetchval(
                RECEIPT, practice_id, reference, state, gateway_id, failure
            )
            if opted_out and mobile is not None:
                await connection.execute("select logic.keep_opt_out($1, 'GATEWAY')", mobile)
        return mobile

    async with asyncio.timeout(PATIENCE):
        return await retried(write_down) is not None
