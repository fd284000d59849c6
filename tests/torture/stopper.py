"""Patients who text STOP, by way of the gateway, while messages to them are on their way."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from random import Random

import aiohttp

from db.blocklist import practices_of_mobile
from db.retry import PATIENCE
from tests.torture.blocks import Blocks
from tests.torture.practice import Practice, persistent
from tests.torture.record import NEVER, Promise
from tests.torture.stage import ACCOUNT, LEASE, SENDER, TOKEN, Stage
from workers.gateway.twilio_signature import sign

PAUSE = (0.5, 2.0)
BETWEEN_TRIES = 0.5
ANSWER_SECONDS = 15.0
"""How long Twilio waits for an answer."""
PERSEVERANCE = 300.0
"""Seconds after which an unacknowledged STOP ends the run."""
DONE_SECONDS = 60.0
"""Seconds within which an acknowledged STOP must be carried out, whatever happens."""
PENDING = "select exists (select from opt_outs where mobile = $1 and done_at is null)"


class Stopper:
    """Patients, one after the other; each texts STOP until it is acknowledged."""

    def __init__(
        self, stage: Stage, practices: Sequence[Practice], random: Random, blocks: Blocks
    ) -> None:
        self._stage = stage
        self._practices = [practice.id for practice in practices]
        self._random = random
        self._blocks = blocks

    async def work(self, enough: asyncio.Event) -> None:
        """Send STOPs until it is ``enough``; return once each is carried out or late."""
        async with asyncio.TaskGroup() as followed:
            while not enough.is_set():
                await asyncio.sleep(self._random.uniform(*PAUSE))
                found = await self._blocks.on_its_way(self._random)
                if found is None:
                    continue
                _, mobile, _ = found
                practices = await persistent(partial(practices_of_mobile, self._stage.pool, mobile))
                everywhere = {(practice, mobile) for practice in self._practices}
                if not everywhere.isdisjoint(self._blocks.taken):
                    continue
                self._blocks.taken |= everywhere
                self._blocks.record.block_asked |= everywhere
                await self._stop(mobile, practices, followed)

    async def _stop(
        self, mobile: str, practices: Sequence[int], followed: asyncio.TaskGroup
    ) -> None:
        async with asyncio.timeout(PERSEVERANCE):
            asked = time.time()
            while not await self._post(mobile):
                self._blocks.counts["STOPs not acknowledged"] += 1
                await asyncio.sleep(BETWEEN_TRIES)
                asked = time.time()
        answered = time.time()
        self._blocks.counts["STOPs acknowledged"] += 1
        promises = [self._blocks.promise(practice, mobile, NEVER) for practice in practices]
        # When its patience ends, the API acknowledges the STOP unfinished and waits for no claim.
        if answered - asked < PATIENCE and not await self._pending(mobile):
            self._begin(promises, answered)
        else:
            followed.create_task(self._follow(mobile, promises, answered))

    async def _follow(self, mobile: str, promises: Sequence[Promise], answered: float) -> None:
        self._blocks.counts["STOPs acknowledged before they were done"] += 1
        while time.time() < answered + DONE_SECONDS:
            if not await self._pending(mobile):
                self._begin(promises, time.time() + LEASE)
                return
            await asyncio.sleep(0.2)

    def _begin(self, promises: Sequence[Promise], since: float) -> None:
        for promise in promises:
            promise.since = since

    async def _pending(self, mobile: str) -> bool:
        pending: bool = await persistent(lambda: self._stage.pool.fetchval(PENDING, mobile))
        return pending

    async def _post(self, mobile: str) -> bool:
        """Post the reply as Twilio does; return whether it was acknowledged."""
        form = {"AccountSid": ACCOUNT, "From": mobile, "To": SENDER, "Body": "Stop"}
        url = self._stage.replies_url
        headers = {"X-Twilio-Signature": sign(TOKEN, url, form)}
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._stage.gateway.post(url, data=form, headers=headers) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
