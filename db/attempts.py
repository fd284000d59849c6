"""Contact attempts: those of a run, of a recall, and what the gateway's receipts say of them."""

from collections.abc import Sequence
from uuid import UUID

from db.rows import Page, Pool, Row, page

COLUMNS = """
  a.id, a.kind, a.trigger, a.state, a.mobile, a.body, a.actor, a.created_at, a.settled_at,
  a.failure, a.cancellation, a.note, a.refusal_reason,
  logic.sms_block_overridable(a.refusal_reason) as refusal_overridable,
  logic.sms_block_message(a.refusal_reason) as refusal_message,
  a.overridden_reason
"""
ATTEMPTS = f"select {COLUMNS} from contact_attempts a where a.practice_id = $1"


async def get_attempts(pool: Pool, practice_id: int, ids: Sequence[int]) -> list[Row]:
    """Give those of ``ids`` that are the practice's."""
    return list(await pool.fetch(ATTEMPTS + " and a.id = any($2)", practice_id, ids))


async def attempts_of_run(
    pool: Pool, practice_id: int, run_id: int, *, first: int, after: int | None
) -> Page:
    """Give a page of a run's attempts, in the order in which they were planned."""
    statement = f"{ATTEMPTS} and a.run_id = $2 and a.id > $3 order by a.id limit {first + 1:d}"
    return page(await pool.fetch(statement, practice_id, run_id, after or 0), first)


async def attempts_of_recalls(pool: Pool, practice_id: int, recall_ids: Sequence[int]) -> list[Row]:
    """Give the recalls' attempts, each with its ``recall_id``, oldest first."""
    return list(
        await pool.fetch(
            f"""
            select ar.recall_id, {COLUMNS}
            from attempt_recalls ar
            join contact_attempts a on a.practice_id = ar.practice_id and a.id = ar.attempt_id
            where ar.practice_id = $1 and ar.recall_id = any($2)
            order by ar.recall_id, a.created_at, a.id
            """,
            practice_id,
            recall_ids,
        )
    )


async def recalls_of_attempts(
    pool: Pool, practice_id: int, attempt_ids: Sequence[int]
) -> list[Row]:
    """Give (attempt_id, recall_id) of the attempts."""
    return list(
        await pool.fetch(
            """
            select attempt_id, recall_id from attempt_recalls
            where practice_id = $1 and attempt_id = any($2)
            order by attempt_id, recall_id
            """,
            practice_id,
            attempt_ids,
        )
    )


async def record_receipt(
    pool: Pool,
    practice_id: int,
    reference: UUID,
    *,
    state: str,
    gateway_id: str,
    failure: str | None,
) -> bool:
    """Write down what the gateway says became of the message with our ``reference``.

    ``state`` is SENT, DELIVERED, UNDELIVERED or FAILED. A receipt proves that the message was
    accepted, so it also settles an UNKNOWN; one that comes late or twice changes nothing. Gives
    false where no such message is known.
    """
    found = await pool.fetchrow(
        """
        with message as (
          select id, state from contact_attempts
          where practice_id = $1 and reference = $2 for update
        ), settled as (
          update contact_attempts a
          set state = $3, gateway_id = $4, failure = $5, settled_at = clock_timestamp()
          from message m
          where a.practice_id = $1 and a.id = m.id
            and (m.state in ('SENDING', 'UNKNOWN') or (m.state = 'SENT' and $3 <> 'SENT'))
        )
        select from message
        """,
        practice_id,
        reference,
        state,
        gateway_id,
        failure,
    )
    return found is not None
