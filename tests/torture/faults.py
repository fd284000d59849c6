"""The gateway's misbehaviour, in phases, so that messages get through in between."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

from tests.torture.stage import Stage

CALM: dict[str, Any] = {
    "latency_ms": 5,
    "latency_jitter_ms": 30,
    "reject": 0,
    "unavailable": 0,
    "rate_limited": 0,
    "retry_after": 1,
    "drop": 0,
    "accept_then_hang": 0,
    "accept_then_close": 0,
    "accept_then_unavailable": 0,
    "drop_receipts": 0.5,
    "repeat_receipts": 0.2,
    "swap_receipts": 0.2,
    # Many, by seconds: those of messages that are UNKNOWN by then, and not looked up yet.
    "delay_receipts": 0.3,
    "longest_delay_ms": 8_000,
    "undelivered": 0,
}
FAULTS: dict[str, tuple[float, float]] = {
    "drop": (0.01, 0.2),
    "accept_then_hang": (0.01, 0.05),
    "accept_then_close": (0.01, 0.2),
    "accept_then_unavailable": (0.01, 0.2),
    "unavailable": (0.005, 1),
    "rate_limited": (0.005, 0.05),
    "reject": (0.02, 0.2),
    "drop_receipts": (0.9, 1),
    "undelivered": (0.1, 0.5),
    "latency_jitter_ms": (100, 1000),
}
"""Each fault with the range of its strength: a share of requests, or milliseconds.

The 503 for a message that was taken has no Retry-After: with it, a 503 is the gateway's word that
it didn't take the message, and if a proxy lied like that, a message would go twice.
"""


async def misbehave(
    stage: Stage,
    random: Random,
    counts: Counter[str],
    *,
    once_through: asyncio.Event,
    enough: asyncio.Event,
) -> None:
    """Go through the faults in random order, again and again, until it is ``enough``."""
    while not enough.is_set():
        for fault in random.sample(sorted(FAULTS), len(FAULTS)):
            await stage.misbehave(CALM)
            await asyncio.sleep(random.uniform(0.2, 0.6))
            if enough.is_set():
                return
            strength = random.uniform(*FAULTS[fault])
            setting = round(strength) if fault.endswith("_ms") else strength
            # A message accepted without an answer or a receipt is the hardest to find out about.
            await stage.misbehave({"drop_receipts": random.choice([0.5, 1.0]), fault: setting})
            await asyncio.sleep(random.uniform(0.5, 1.2))
            counts[f"gateway: {fault}"] += 1
        once_through.set()
