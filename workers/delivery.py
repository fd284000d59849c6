"""Delivering messages: claim a chunk, hand it over, write down what became of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator

import asyncpg

from db.delivery import Claim, ClaimedMessage, Settlement, claim_chunk, settle_chunk
from db.rows import Pool
from workers.gateway.protocol import Accepted, Gateway, Message, NotTaken, Outcome, Refused

logger = logging.getLogger(__name__)

LEASE = 15.0
"""Seconds from a claim until its deadline, after which no byte of it goes to the gateway."""
MARGIN = 0.5
"""Seconds by which a worker stops before the database's deadline: more than what can lie between
its last look at the clock and the write."""
GIVE_UP_SETTLING = 60.0
PIPELINES = 2
"""Chunks in hand at the same time: one is claimed or settled while another is handed over."""
ENOUGH_NOT_TAKEN = 10
"""Messages of a chunk that the gateway may decline before the rest of the chunk waits too."""
DATABASE_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Delivery:
    """One process's share of the delivering.

    ``concurrency`` is how many messages are handed over at the same time, over all chunks.
    """

    def __init__(
        self, pool: Pool, gateway: Gateway, *, concurrency: int, lease: float = LEASE
    ) -> None:
        self._pool = pool
        self._gateway = gateway
        self._handlers = max(1, concurrency // PIPELINES)
        self._lease = lease
        self._busy = 0
        self._news = False

    async def drain(self, may_go_on: Callable[[], bool]) -> bool:
        """Deliver chunks until none is ready; gives true where ``may_go_on`` ended it before that.

        Returns at once where this process has its hands full; those see to what is new.
        """
        self._news = True
        if self._busy >= PIPELINES:
            return False
        self._busy += 1
        try:
            while self._news:
                self._news = False
                while await self._deliver_next():
                    if not may_go_on():
                        return True
        finally:
            self._busy -= 1
        return False

    async def _deliver_next(self) -> bool:
        started = time.monotonic()  # before the claim, so that our deadline is never the later one
        claim = await claim_chunk(self._pool, self._lease)
        if claim is None:
            return False
        handover = _Handover(self._gateway, claim, deadline=started + self._lease - MARGIN)
        settlements = await handover.run(self._handlers)
        await self._settle(claim, settlements, handover.retry_after)
        return True

    async def _settle(
        self, claim: Claim, settlements: list[Settlement], retry_after: float
    ) -> None:
        """Write the outcomes down, through database trouble; past that, the sweeper's UNKNOWN."""
        give_up = time.monotonic() + GIVE_UP_SETTLING
        while True:
            try:
                ours = await settle_chunk(self._pool, claim, settlements, retry_after=retry_after)
            except DATABASE_TROUBLE as error:
                if time.monotonic() > give_up:
                    raise
                logger.warning("settling run %d waits: %s", claim.run_id, type(error).__name__)
                await asyncio.sleep(0.2)
            else:
                if not ours:
                    logger.warning("the claim on a chunk of run %d had lapsed", claim.run_id)
                return


class _Handover:
    """Hands one chunk's messages over, several at a time."""

    def __init__(self, gateway: Gateway, claim: Claim, *, deadline: float) -> None:
        self._gateway = gateway
        self._practice_id = claim.practice_id
        self._messages: Iterator[ClaimedMessage] = iter(claim.messages)
        self._deadline = deadline
        self._not_taken = 0
        self._stopped = False
        self._settlements: list[Settlement] = []
        self.retry_after = 0.0

    async def run(self, handlers: int) -> list[Settlement]:
        """Give what became of every message of the chunk."""
        await asyncio.gather(*(self._handle() for _ in range(handlers)))
        return self._settlements

    async def _handle(self) -> None:
        for message in self._messages:
            outcome: Outcome = NotTaken()
            if not self._stopped:
                reference = f"{self._practice_id}.{message.reference}"
                outcome = await self._gateway.send(
                    Message(reference, message.mobile, message.body), deadline=self._deadline
                )
                if isinstance(outcome, NotTaken):
                    self._note_not_taken(outcome)
            self._settlements.append(_settlement(message.attempt_id, outcome))

    def _note_not_taken(self, outcome: NotTaken) -> None:
        self._not_taken += 1
        self.retry_after = max(self.retry_after, outcome.retry_after or 0.0)
        # Who asks to be left alone, or can't be reached, isn't asked five hundred times over.
        if outcome.retry_after is not None or self._not_taken >= ENOUGH_NOT_TAKEN:
            self._stopped = True


def _settlement(attempt_id: int, outcome: Outcome) -> Settlement:
    match outcome:
        case Accepted(gateway_id):
            return Settlement(attempt_id, "SENT", gateway_id=gateway_id)
        case Refused(code):
            return Settlement(attempt_id, "FAILED", failure=code)
        case NotTaken():
            return Settlement(attempt_id, "QUEUED")
        case _:
            return Settlement(attempt_id, "UNKNOWN")
