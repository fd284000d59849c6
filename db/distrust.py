"""After a failover or a restore that lost the latest writes: look up what may have been sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.types import Pool

FIRST_LOOK = timedelta(minutes=10)
"""How long the gateway gets to list the latest messages before it is asked."""
WORKERS = """
  select count(*) from pg_stat_activity
  where datname = current_database() and application_name = 'recalls worker'
"""
TAKE_CHUNKS = """
  select practice_id, run_id, position from chunks
  where state in ('CLAIMED', 'STOPPED', 'UNSURE')
    or state = 'READY' and not_before <= clock_timestamp()
  order by practice_id, run_id, position for update
"""
CHUNKS = "(select * from unnest($1::integer[], $2::bigint[], $3::integer[]))"
# Through SENDING, as the messages went.
TAKE_MESSAGES = f"""
  update contact_attempts set state = 'SENDING', handed_over_at = $4
  where state = 'QUEUED' and (practice_id, run_id, position) in {CHUNKS}
"""
DISTRUST_MESSAGES = f"""
  update contact_attempts set state = 'UNKNOWN', handed_over_at = least(handed_over_at, $4)
  where state = 'SENDING' and (practice_id, run_id, position) in {CHUNKS}
"""
LOOK_UP_CHUNKS = f"""
  update chunks set state = 'UNSURE', claim_token = null, claim_deadline = null,
    look_at = clock_timestamp() + $4::interval
  where (practice_id, run_id, position) in {CHUNKS}
"""
POSTPONE_RUNS = """
  update practices set next_run_at = logic.next_opening(clock_timestamp(), time_zone, send_from)
  where next_run_at <= clock_timestamp()
"""
END_PLANNING = "update runs set state = 'SENDING' where state = 'PLANNING'"
CLOSE_RUNS = "select logic.close_run_if_done(practice_id, id) from runs where state = 'SENDING'"


class WorkersRunningError(Exception):
    """Workers are connected, and may be handing over what would be distrusted."""

    def __init__(self) -> None:
        super().__init__("Stop the workers first, or they'll keep sending.")


@dataclass(frozen=True, slots=True)
class Distrusted:
    """How many messages will be looked up at the gateway, and how many due runs were postponed."""

    messages: int
    runs: int


async def distrust(pool: Pool, since: datetime) -> Distrusted:
    """Assume that messages may have been sent and runs begun from ``since`` on.

    Each message that may have been claimed since then becomes UNKNOWN: the gateway is asked before
    it is sent. An automated run that is due may have begun already: it waits for the next opening;
    one that was being planned is planned no further, because its next messages may have been sent.
    All or nothing. Takes the tables' owner's pool. Raises ``WorkersRunningError`` while workers are
    connected.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(WORKERS):
            raise WorkersRunningError
        taken = await connection.fetch(TAKE_CHUNKS)
        chunks = [[row[key] for row in taken] for key in ("practice_id", "run_id", "position")]
        await connection.execute(TAKE_MESSAGES, *chunks, since)
        messages = await connection.execute(DISTRUST_MESSAGES, *chunks, since)
        await connection.execute(LOOK_UP_CHUNKS, *chunks, FIRST_LOOK)
        runs = await connection.execute(POSTPONE_RUNS)
        await connection.execute(END_PLANNING)
        await connection.execute(CLOSE_RUNS)
    return Distrusted(_count(messages), _count(runs))


def _count(status: str) -> int:
    """Return the count in a command's status, such as "UPDATE 5"."""
    return int(status.rsplit(maxsplit=1)[-1])
