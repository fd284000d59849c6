"""The numbers being blocked: state shared by all who block numbers with messages on their way."""

from collections import Counter
from random import Random

from db.types import Pool
from tests.torture.practice import persistent
from tests.torture.record import NEVER, Promise, Record


class Blocks:
    """The numbers being dealt with, and the promises that staff may take back."""

    def __init__(self, pool: Pool, record: Record, counts: Counter[str]) -> None:
        self.pool = pool
        self.record = record
        self.counts = counts
        self.taken: set[tuple[int, str]] = set()
        """Practice and number; two never take the same at once."""
        self._held: list[Promise] = []

    async def on_its_way(self, random: Random) -> tuple[int, str, int] | None:
        """Return practice, number and recall of a message that is next or claimed, or None."""
        state = random.choice(["CLAIMED", "READY", "READY"])
        chunk, message = random.randrange(2), random.randrange(60)
        row = await persistent(
            lambda: self.pool.fetchrow(
                """
                select a.practice_id, a.mobile, ar.recall_id
                from (select practice_id, run_id, position from chunks
                      where state = $1 and (state = 'CLAIMED' or not_before <= clock_timestamp())
                      order by priority, position, not_before offset $2 limit 1) c
                join contact_attempts a using (practice_id, run_id, position)
                join attempt_recalls ar
                  on ar.practice_id = a.practice_id and ar.attempt_id = a.id
                where a.state in ('QUEUED', 'SENDING')
                order by a.id offset $3 limit 1
                """,
                state,
                chunk,
                message,
            )
        )
        return (row["practice_id"], row["mobile"], row["recall_id"]) if row else None

    def promise(self, practice: int, mobile: str, since: float) -> Promise:
        """Record the promise that the number gets nothing from then on; return it."""
        promise = Promise(practice, since=since, mobile=mobile)
        self.record.promises.append(promise)
        self._held.append(promise)
        return promise

    def take_back(self, random: Random) -> Promise | None:
        """Return a promise that staff may take back by unblocking, or None if there is none."""
        kept = [promise for promise in self._held if promise.since != NEVER]
        if not kept:
            return None
        promise = random.choice(kept)
        self._held.remove(promise)
        return promise
