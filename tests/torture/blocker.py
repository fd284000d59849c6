"""Staff who block and unblock numbers that have messages on their way."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from random import Random

from db.rows import Pool
from tests.support.operations import mutation
from tests.torture.practice import Practice, persistent
from tests.torture.record import Promise, Record

PROBLEM = "{ __typename ... on Problem { message } }"
BLOCK = mutation("blockMobile", PROBLEM)
TICK = mutation("setBlockedRecalls", PROBLEM)
UNLIST = mutation("removeBlockedMobile", PROBLEM, "MobileInput!")
CLOSE = mutation("markNoFurtherAction", PROBLEM, "RecallIdsInput!")
PAUSE = (0.0, 0.1)


class Blocker:
    """One person who blocks, at any of the practices; two never take the same number at once."""

    def __init__(
        self,
        pool: Pool,
        practices: Sequence[Practice],
        random: Random,
        *,
        record: Record,
        counts: Counter[str],
        taken: set[tuple[int, str]],
    ) -> None:
        self._pool = pool
        self._practices = {practice.id: practice for practice in practices}
        self._random = random
        self._record = record
        self._counts = counts
        self._taken = taken
        self._blocked: list[Promise] = []

    async def work(self, enough: asyncio.Event) -> None:
        """Block and unblock until it is ``enough``."""
        while not enough.is_set():
            await asyncio.sleep(self._random.uniform(*PAUSE))
            kind = self._random.random()
            if kind < 0.3 and self._blocked:
                mine = self._blocked.pop(self._random.randrange(len(self._blocked)))
                await self._unblock(mine)
                continue
            found = await persistent(self._on_its_way)
            if found is None or found[:2] in self._taken:
                continue
            practice, mobile, recall = found
            if kind > 0.95:
                await self._close(practice, recall)
            else:
                await self._block(practice, mobile)

    async def _on_its_way(self) -> tuple[int, str, int] | None:
        """Pick practice, number and a recall of a message that is next, or in a worker's hands."""
        state = self._random.choice(["CLAIMED", "READY", "READY"])
        row = await self._pool.fetchrow(
            """
            select a.practice_id, a.mobile, ar.recall_id
            from (select practice_id, run_id, position from chunks
                  where state = $1 and (state = 'CLAIMED' or not_before <= clock_timestamp())
                  order by priority, position, not_before offset $2 limit 1) c
            join contact_attempts a using (practice_id, run_id, position)
            join attempt_recalls ar on ar.practice_id = a.practice_id and ar.attempt_id = a.id
            where a.state in ('QUEUED', 'SENDING')
            order by a.id offset $3 limit 1
            """,
            state,
            self._random.randrange(2),
            self._random.randrange(60),
        )
        return (row["practice_id"], row["mobile"], row["recall_id"]) if row else None

    async def _block(self, practice: int, mobile: str) -> None:
        desk = self._practices[practice].desk
        self._taken.add((practice, mobile))
        self._record.block_asked.add((practice, mobile))
        at_once = self._random.random() < 0.5
        answer = await desk.call(BLOCK, {"mobile": mobile, "blockedRecalls": at_once})
        if not at_once:
            answer = await desk.call(TICK, {"mobile": mobile, "blocked": True})
        assert answer.value["__typename"] == "BlockedCommunication"
        promise = Promise(practice, since=answer.answered, mobile=mobile)
        self._record.promises.append(promise)
        self._blocked.append(promise)
        self._counts["numbers blocked"] += 1

    async def _unblock(self, promise: Promise) -> None:
        desk = self._practices[promise.practice].desk
        # Each try may be the one that is done, so the promise ends before the first of them.
        promise.until = time.time()
        if self._random.random() < 0.7:
            await desk.call(TICK, {"mobile": promise.mobile, "blocked": False})
        else:
            await desk.call(UNLIST, {"mobile": promise.mobile})
        self._taken.discard((promise.practice, promise.mobile))
        self._counts["numbers unblocked"] += 1

    async def _close(self, practice: int, recall: int) -> None:
        desk = self._practices[practice].desk
        await desk.call(CLOSE, {"recallIds": [f"Recall:{recall}"]})
        self._counts["recalls closed"] += 1
