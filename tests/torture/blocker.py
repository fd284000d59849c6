"""Staff who block and unblock numbers with messages on their way."""

import asyncio
import time
from collections.abc import Sequence
from random import Random

from tests.support.operations import mutation
from tests.torture.blocks import Blocks
from tests.torture.practice import Practice
from tests.torture.record import Promise
from tests.torture.stage import Stage

PROBLEM = "{ __typename ... on Problem { message } }"
BLOCK = mutation("blockMobile", PROBLEM)
TICK = mutation("setBlockedRecalls", PROBLEM)
UNLIST = mutation("removeBlockedMobile", PROBLEM, "MobileInput!")
CLOSE = mutation("markNoFurtherAction", PROBLEM, "RecallIdsInput!")
PAUSE = (0.0, 0.1)
WAITED = 1.0
"""Seconds; a block that takes longer while a worker is frozen has waited for its claim."""


class Blocker:
    """A person who blocks numbers at any practice; two never take the same number at once."""

    def __init__(
        self, stage: Stage, practices: Sequence[Practice], random: Random, blocks: Blocks
    ) -> None:
        self._stage = stage
        self._practices = {practice.id: practice for practice in practices}
        self._random = random
        self._blocks = blocks

    async def work(self, enough: asyncio.Event) -> None:
        """Block and unblock until it is ``enough``."""
        while not enough.is_set():
            await asyncio.sleep(self._random.uniform(*PAUSE))
            kind = self._random.random()
            if kind < 0.3 and (promise := self._blocks.take_back(self._random)):
                await self._unblock(promise)
                continue
            found = await self._blocks.on_its_way(self._random)
            if found is None or found[:2] in self._blocks.taken:
                continue
            practice, mobile, recall = found
            if kind > 0.9:
                await self._close(practice, recall)
            else:
                await self._block(practice, mobile)

    async def _block(self, practice: int, mobile: str) -> None:
        desk = self._practices[practice].desk
        self._blocks.taken.add((practice, mobile))
        self._blocks.record.block_asked.add((practice, mobile))
        somebody_frozen = any(worker.frozen for worker in self._stage.workers)
        at_once = self._random.random() < 0.5
        answer = await desk.call(BLOCK, {"mobile": mobile, "blockedRecalls": at_once})
        if not at_once:
            answer = await desk.call(TICK, {"mobile": mobile, "blocked": True})
        assert answer.value["__typename"] == "BlockedCommunication"
        self._blocks.promise(practice, mobile, answer.answered)
        self._blocks.counts["numbers blocked"] += 1
        if somebody_frozen and answer.answered - answer.asked > WAITED:
            self._blocks.counts["a block waited for a frozen worker"] += 1

    async def _unblock(self, promise: Promise) -> None:
        desk = self._practices[promise.practice].desk
        # Any try may be the one that succeeds, so the promise ends before the first of them.
        promise.until = time.time()
        if self._random.random() < 0.7:
            await desk.call(TICK, {"mobile": promise.mobile, "blocked": False})
        else:
            await desk.call(UNLIST, {"mobile": promise.mobile})
        self._blocks.taken.discard((promise.practice, promise.mobile))
        self._blocks.counts["numbers unblocked"] += 1

    async def _close(self, practice: int, recall: int) -> None:
        desk = self._practices[practice].desk
        await desk.call(CLOSE, {"recallIds": [f"Recall:{recall}"]})
        self._blocks.counts["recalls closed"] += 1
