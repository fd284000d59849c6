"""The part of a torture run in which messages go out and everything is done to stop them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from tests.torture.blocker import Blocker
from tests.torture.blocks import Blocks
from tests.torture.chaos import Chaos, strike
from tests.torture.faults import CALM, misbehave
from tests.torture.practice import Practice
from tests.torture.record import Record
from tests.torture.stage import Stage
from tests.torture.stopper import Stopper
from tests.torture.watch import Watch

BLOCKERS = 12
STOPPERS = 3


async def storm(
    stage: Stage,
    practices: Sequence[Practice],
    random_of: Callable[[str], Random],
    *,
    messages: int,
    record: Record,
    counts: Counter[str],
    watch: Watch,
) -> None:
    """Send, block and break until ``messages`` were accepted and every blow has fallen once.

    ``random_of`` returns each actor's own source, so that its decisions don't depend on which
    others were quicker. Nothing is frozen or stopped when this returns.
    """
    enough = asyncio.Event()
    await stage.misbehave(CALM | {"seed": random_of("gateway's dice").randrange(2**32)})
    async with asyncio.TaskGroup() as group:
        for practice in practices:
            group.create_task(practice.work(enough))
        blocks = Blocks(stage.pool, record, counts)
        for n in range(BLOCKERS):
            blocker = Blocker(stage, practices, random_of(f"blocker {n}"), blocks)
            group.create_task(blocker.work(enough))
        for n in range(STOPPERS):
            stopper = Stopper(stage, practices, random_of(f"stopper {n}"), blocks)
            group.create_task(stopper.work(enough))
        rounds = []
        for n, deck in enumerate(Chaos(stage, random_of("chaos"), counts).decks):
            rounds.append(asyncio.Event())
            blows = strike(
                deck, random_of(f"deck {n}"), counts, once_through=rounds[-1], enough=enough
            )
            group.create_task(blows)
        rounds.append(asyncio.Event())
        faults = misbehave(
            stage, random_of("gateway"), counts, once_through=rounds[-1], enough=enough
        )
        group.create_task(faults)
        await watch.until_accepted(messages)
        for once_through in rounds:
            await once_through.wait()
        enough.set()
    await stage.misbehave(CALM)
