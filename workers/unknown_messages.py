"""Looking up at the gateway what became of UNKNOWN messages."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import shuffle

from db.delivery import Settlement
from db.types import Pool
from db.unknown_messages import (
    Known,
    UnknownMessage,
    UnknownMessages,
    claim_unknown,
    end_look_up,
    known_at_gateway,
    settle_unknown,
)
from workers.clock import Watched
from workers.gateway.protocol import Gateway, Listed

logger = logging.getLogger(__name__)

NEVER = datetime.min.replace(tzinfo=UTC)
CLOCKS_DIFFER = timedelta(hours=1)
"""How far the gateway's clock may be off from ours; a message that this hid would go twice."""
AT_ONCE = 8
"""Requests to the gateway at once: few, because sending comes first."""


class LookUp:
    """Looks up messages, one chunk after another.

    A message missing from the list was never taken if ``conclusive_after`` seconds have passed
    since it may have been handed over; one still open comes up again in ``look_again`` seconds.
    ``clock`` watches the database's: if that was set forward, they only seem to have passed.
    """

    def __init__(
        self,
        pool: Pool,
        gateway: Gateway,
        *,
        conclusive_after: float,
        look_again: float,
        clock: Watched,
    ) -> None:
        self._pool = pool
        self._gateway = gateway
        self._clock = clock
        self._conclusive_after = conclusive_after
        self._look_again = look_again

    async def next(self, may_go_on: Callable[[], bool] = lambda: True) -> bool:
        """Ask the gateway about the next chunk that is due; return false if none is.

        Each number is settled as soon as its list is there, so that no answer of a slow gateway is
        lost; numbers that ``may_go_on`` leaves no time for are due again at once.
        """
        unknown = await claim_unknown(self._pool, hold=self._look_again)
        if unknown is None:
            return False
        self._clock.look(unknown.taken_at)
        if unknown.problem:
            logger.error(
                "looking up run %d is put off: SQLSTATE %s", unknown.run_id, unknown.problem
            )
        by_number: dict[str, list[UnknownMessage]] = defaultdict(list)
        for message in sorted(unknown.messages, key=lambda message: message.handed_over_at):
            by_number[message.mobile].append(message)
        numbers = list(by_number)
        shuffle(numbers)  # if time is short, not the same ones each time

        async def look_up() -> None:
            while numbers and may_go_on():
                mobile = numbers.pop()
                await self._look_up(unknown, mobile, by_number[mobile])

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(look_up())
        if unknown.messages:
            await end_look_up(self._pool, unknown, 0.0 if numbers else self._look_again)
        return True

    async def _look_up(
        self, unknown: UnknownMessages, mobile: str, messages: Sequence[UnknownMessage]
    ) -> None:
        since = messages[0].handed_over_at - CLOCKS_DIFFER
        listed = await self._gateway.listed(mobile, since)
        if listed is None:
            return
        # Read after the list, so that it includes every listed message that we know of.
        known = await known_at_gateway(self._pool, [mobile])
        # From before the list: a worker that freezes in between concludes nothing more from it.
        conclusive = (
            unknown.taken_at - timedelta(seconds=self._conclusive_after)
            if self._clock.steady_for(self._conclusive_after)
            else NEVER
        )
        if settlements := decide(messages, listed, known[mobile], conclusive):
            await settle_unknown(self._pool, unknown, mobile, settlements)


def decide(
    messages: Sequence[UnknownMessage],
    listed: Iterable[Listed],
    known: Known,
    conclusive: datetime,
) -> list[Settlement]:
    """Return what became of UNKNOWN messages to one number, as far as the gateway's list tells.

    A listed message with the same text that we know nothing of is ours; of two with the same text
    to the same number it doesn't matter which. A message was never taken if the list shows none
    that we can't account for and it was handed over before ``conclusive``. Others stay UNKNOWN.
    """
    if known.in_progress:
        return []  # a listed message may be the one in progress
    strangers = sorted(
        (found for found in listed if found.gateway_id not in known.gateway_ids),
        key=lambda found: found.created_at,
    )
    settlements = []
    missing = []
    for message in messages:
        earliest = message.handed_over_at - CLOCKS_DIFFER
        for found in strangers:
            if found.body == message.body and found.created_at >= earliest:
                strangers.remove(found)
                settlements.append(
                    Settlement(message.attempt_id, found.state, found.gateway_id, found.failure)
                )
                break
        else:
            missing.append(message)
    # A text that the gateway changed (it may replace characters) would be among the strangers.
    if not strangers:
        settlements += [
            Settlement(message.attempt_id, "QUEUED")
            for message in missing
            if message.handed_over_at < conclusive
        ]
    return settlements
