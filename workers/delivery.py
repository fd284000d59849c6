"""Delivering messages: claim some, hand them over, settle their outcomes."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import asyncpg

from db.delivery import (
    BULK,
    CHUNK,
    INTERACTIVE,
    Claim,
    ClaimedMessage,
    Settlement,
    claim_messages,
    settle_messages,
    what_waits,
)
from db.opt_outs import keep_opt_out
from db.types import Pool
from workers.clock import Deadline
from workers.gateway.protocol import Accepted, Gateway, Message, NotTaken, Outcome, Refused
from workers.lane import Lane
from workers.limiter import Limiter

logger = logging.getLogger(__name__)

MARGIN = 0.5
"""Seconds before the database's deadline at which a worker stops: more than can pass between its
last look at the clock and the write."""
GIVE_UP_SETTLING = 60.0
LANES = 3
"""Claims in hand at once: one being handed over, one being made, one being settled."""
CLAIM_SECONDS = 2.0
"""Seconds of work that a claim should hold: blocking one of its numbers waits for its end."""
MAX_NOT_TAKEN = 10
"""Messages of a claim that the gateway may decline before the rest wait too."""
OUTAGE_PAUSE = 1.0
"""Seconds to send nothing to a gateway that declined that many."""
MAX_NAP_SECONDS = 5.0
"""Most seconds that a worker waits for a permit; beyond that, the sweeper wakes it."""
DATABASE_TROUBLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has ended the connection, which has yet to close here
    OSError,
    TimeoutError,
)


class Delivery:
    """One process's share of the delivery.

    ``concurrency`` is how many messages are handed over at once, across all claims; ``lease`` is
    how many seconds a claim lasts. UNKNOWN messages are looked up after ``look_after`` seconds, if
    the gateway can be asked.
    """

    def __init__(
        self,
        pool: Pool,
        gateway: Gateway,
        limiter: Limiter,
        *,
        concurrency: int,
        lease: float,
        look_after: float | None,
    ) -> None:
        self._pool = pool
        self._gateway = gateway
        self._limiter = limiter
        self._lease = lease
        self._look_after = look_after
        # Each with the lowest priority that it claims. The last lane is reserved for messages that
        # a person is waiting for.
        self._lanes = [(Lane(), BULK) for _ in range(LANES)] + [(Lane(), INTERACTIVE)]
        self._connections = asyncio.Semaphore(concurrency)
        self._turn = asyncio.Lock()
        self._concurrency = concurrency
        self._answer_seconds = 1.0  # a guess until the gateway has answered

    async def drain(self, may_go_on: Callable[[], bool]) -> bool:
        """Deliver until nothing is ready; return true if ``may_go_on`` ended it before that.

        Return at once if all lanes of this process are busy; they take what is new.
        """
        for lane, _ in self._lanes:
            lane.news = True
        lane, lowest = next((each for each in self._lanes if not each[0].busy), self._lanes[-1])
        return await lane.work(partial(self._deliver_next, lowest), may_go_on)

    async def _deliver_next(self, lowest: int) -> bool:
        permits = await self._limiter.take(self._batch_size())
        if not permits.granted:
            if permits.wait > MAX_NAP_SECONDS or not (await what_waits(self._pool)).ready:
                return False
            await asyncio.sleep(permits.wait)
            return True
        # Set before the claim, so that our deadline is never later than the database's.
        deadline = Deadline(self._lease - MARGIN)
        claim = await claim_messages(
            self._pool,
            self._lease,
            most=permits.granted,
            lowest=lowest,
            look_after=self._look_after,
        )
        unused = permits.granted - (len(claim.messages) if claim else 0)
        await self._limiter.give_back(unused)
        if claim is None:
            return False
        if claim.problem:
            logger.error("a chunk of run %d is put off: SQLSTATE %s", claim.run_id, claim.problem)
        if not claim.messages:
            return True
        handover = _Handover(
            self._gateway, claim, self._connections, self._note_answer, deadline=deadline
        )
        # One claim after another, so that the first is done first; a person's needs no turn.
        await handover.run(self._turn if lowest == BULK else nullcontext())
        await self._limiter.give_back(handover.not_tried)
        if handover.pause:
            await self._limiter.pause(handover.pause)
        await self._settle(claim, handover)
        return True

    def _batch_size(self) -> int:
        """Return how many messages the gateway's present pace allows in ``CLAIM_SECONDS``."""
        most = CLAIM_SECONDS * self._concurrency / self._answer_seconds
        return min(CHUNK, max(1, int(most)))

    def _note_answer(self, seconds: float) -> None:
        self._answer_seconds += (seconds - self._answer_seconds) / 50  # a running mean

    async def _settle(self, claim: Claim, handover: "_Handover") -> None:
        """Settle the outcomes, retrying on database trouble; the sweeper makes the rest UNKNOWN."""
        give_up = time.monotonic() + GIVE_UP_SETTLING
        while True:
            try:
                # First, because settled messages aren't looked at again. The sweeper carries the
                # opt-outs out.
                for mobile in handover.opted_out:
                    await keep_opt_out(self._pool, mobile, source="GATEWAY")
                ours = await settle_messages(
                    self._pool,
                    claim,
                    handover.settlements,
                    retry_after=handover.retry_after,
                    look_after=self._look_after,
                )
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
    """Hands over one claim's messages, as many at once as there are free connections."""

    def __init__(
        self,
        gateway: Gateway,
        claim: Claim,
        connections: asyncio.Semaphore,
        note_answer: Callable[[float], None],
        *,
        deadline: Deadline,
    ) -> None:
        self._gateway = gateway
        self._claim = claim
        self._connections = connections
        self._note_answer = note_answer
        self._deadline = deadline
        self._not_taken = 0
        self._stopped = False
        self.settlements: list[Settlement] = []
        self.opted_out: list[str] = []
        """Numbers whose owners want no messages, according to the gateway."""
        self.not_tried = 0
        self.retry_after = 0.0

    @property
    def pause(self) -> float:
        """Seconds to leave the gateway alone."""
        return max(self.retry_after, OUTAGE_PAUSE) if self._stopped else 0.0

    async def run(self, turn: asyncio.Lock | nullcontext[None]) -> None:
        """Hand the messages over when it is our turn, then wait for the last outcomes."""
        async with asyncio.TaskGroup() as tasks, turn:
            for message in self._claim.messages:
                await self._connections.acquire()
                task = tasks.create_task(self._hand_over(message))
                # A callback runs however the task ends, even if it is cancelled before it starts.
                task.add_done_callback(lambda _: self._connections.release())

    async def _hand_over(self, message: ClaimedMessage) -> None:
        outcome: Outcome = NotTaken()
        if self._stopped or self._deadline.is_over:
            self.not_tried += 1
        else:
            outcome = await self._send(message)
        self.settlements.append(_settlement(message.attempt_id, outcome))

    async def _send(self, message: ClaimedMessage) -> Outcome:
        reference = f"{self._claim.practice_id}.{message.reference}"
        began = time.monotonic()
        outcome = await self._gateway.send(
            Message(reference, message.mobile, message.body), deadline=self._deadline
        )
        self._note_answer(time.monotonic() - began)
        if isinstance(outcome, NotTaken):
            self._note_not_taken(outcome)
        if isinstance(outcome, Refused) and outcome.opted_out:
            self.opted_out.append(message.mobile)
        return outcome

    def _note_not_taken(self, outcome: NotTaken) -> None:
        self._not_taken += 1
        self.retry_after = max(self.retry_after, outcome.retry_after or 0.0)
        # A gateway that asks to be left alone, or can't be reached, isn't asked 500 times over.
        if outcome.retry_after is not None or self._not_taken >= MAX_NOT_TAKEN:
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
