"""Runs: what was planned, what became of it, and stopping one."""

from collections.abc import Sequence

from core.identity import Actor
from db.audit import record
from db.columns import RUN, Columns, Source
from db.tenancy import in_practice
from db.types import Pool, Reader, Row

_REFUSAL_COUNT = Source(
    {"run_id": "a.run_id", "reason": "a.refusal_reason", "count": "count(*)::integer"}
)


async def list_runs(
    reader: Reader, practice_id: int, *, first: int, after: int | None, columns: Columns = None
) -> list[Row]:
    """Return a page of the practice's runs, newest first.

    If there are more than ``first``, one extra row is returned.
    """
    selected = RUN.select(columns)
    before, arguments = ("", []) if after is None else (" and r.id < $2", [after])
    statement = f"""
        select {selected.list} from runs r {selected.joins}
        where r.practice_id = $1{before} order by r.id desc limit {first + 1:d}
    """
    return await reader.fetch(statement, practice_id, *arguments)


async def count_runs(reader: Reader, practice_id: int) -> int:
    """Return how many runs ``list_runs`` pages through."""
    return int(
        await reader.fetchval("select count(*) from runs where practice_id = $1", practice_id)
    )


async def get_runs(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the runs among ``ids`` that belong to the practice, newest first."""
    selected = RUN.select(columns)
    statement = f"""
        select {selected.list} from runs r {selected.joins}
        where r.practice_id = $1 and r.id = any($2) order by r.id desc
    """
    return await reader.fetch(statement, practice_id, ids)


async def refusals_of_runs(
    reader: Reader, practice_id: int, run_ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the runs' refusals counted by ``reason``, each with its ``run_id``, most first."""
    statement = f"""
        select {_REFUSAL_COUNT.select(columns).list} from contact_attempts a
        where a.practice_id = $1 and a.run_id = any($2) and a.state = 'REFUSED'
        group by a.run_id, a.refusal_reason order by a.run_id, count(*) desc, a.refusal_reason
    """
    return await reader.fetch(statement, practice_id, run_ids)


async def stop_run(pool: Pool, practice_id: int, run_id: int, *, actor: Actor) -> None:
    """Stop a run: its waiting messages are never handed over, but cancelled by a worker.

    What a worker has already claimed is sent. A run that has finished, or that isn't the
    practice's, stays as it is.
    """
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select logic.lock_steps($1)", practice_id)
        # Locks in a claim's order: it has its chunk before it asks for the practice's.
        await connection.execute(
            """
            update chunks set state = 'STOPPED', not_before = now()
            where practice_id = $1 and run_id = $2 and state = 'READY'
              and exists (select from runs r where r.practice_id = $1 and r.id = $2
                          and r.state <> 'FINISHED' and r.stopped_at is null)
            """,
            practice_id,
            run_id,
        )
        # From here on no claim is in progress: each is over, or will see that the run was stopped.
        await connection.execute("select logic.lock_block_against_claims($1)", practice_id)
        stopped = await connection.fetchval(
            """
            update runs set stopped_at = clock_timestamp(), state = 'SENDING'
            where practice_id = $1 and id = $2 and state <> 'FINISHED' and stopped_at is null
            returning true
            """,
            practice_id,
            run_id,
        )
        if not stopped:
            return
        await connection.execute("select logic.close_run_if_done($1, $2)", practice_id, run_id)
        subject = f"Run:{run_id}"
        await record(connection, practice_id, actor, "RUN_STOPPED", subject=subject)
