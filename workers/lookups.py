"""Looking up at the gateway what became of the messages that are UNKNOWN."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from db.delivery import Settlement
from db.lookups import Known, UnknownMessage, known_at_gateway, settle_unknown, take_unknown
from db.rows import Pool
from workers.gateway.protocol import Gateway, Listed

CLOCKS_DIFFER = timedelta(hours=1)
"""By how much the gateway's clock may be off from ours; a message that it hides would go twice."""
AT_ONCE = 8
"""Requests to the gateway at the same time; those that send come first."""


async def look_up_next(
    pool: Pool, gateway: Gateway, *, conclusive_after: float, look_again: float
) -> bool:
    """Ask the gateway about the next chunk that is due; gives false where none is.

    ``conclusive_after`` is how many seconds after it may have been handed over a message that the
    list doesn't show was never taken; what is still open comes up again in ``look_again`` seconds.
    """
    unknown = await take_unknown(pool, hold=look_again)
    if unknown is None:
        return False
    by_number = [
        list(group) for _, group in groupby(sorted(unknown.messages, key=_number_and_time), _number)
    ]
    # From before the lists: whoever freezes in between concludes nothing more.
    conclusive = unknown.taken_at - timedelta(seconds=conclusive_after)
    enough = asyncio.Semaphore(AT_ONCE)

    async def listed(messages: Sequence[UnknownMessage]) -> Sequence[Listed] | None:
        async with enough:
            since = messages[0].handed_over_at - CLOCKS_DIFFER
            return await gateway.listed(messages[0].mobile, since)

    lists = await asyncio.gather(*(listed(messages) for messages in by_number))
    # Read after the lists, so that what they show and we know of is known here.
    known = await known_at_gateway(pool, [messages[0].mobile for messages in by_number])
    settlements = [
        settlement
        for messages, found in zip(by_number, lists, strict=True)
        if found is not None
        for settlement in decide(messages, found, known[messages[0].mobile], conclusive)
    ]
    await settle_unknown(pool, unknown, settlements, look_again=look_again)
    return True


def decide(
    messages: Sequence[UnknownMessage],
    listed: Iterable[Listed],
    known: Known,
    conclusive: datetime,
) -> list[Settlement]:
    """Say what became of UNKNOWN messages to one number, as far as its list there tells.

    One with the same text that we know nothing of is ours; of two messages with the same text to
    the same number it doesn't matter which. A message was never taken if the list shows none that
    we can't account for and it was handed over before ``conclusive``. All else stays UNKNOWN.
    """
    if known.under_way:
        return []  # one of those in the list may be that one
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


def _number(message: UnknownMessage) -> str:
    return message.mobile


def _number_and_time(message: UnknownMessage) -> tuple[str, datetime]:
    return message.mobile, message.handed_over_at
