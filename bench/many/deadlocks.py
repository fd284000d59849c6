"""Thirty rounds in which everything that locks a practice's rows begins at once, in two practices.

It calls the functions of db/ that the API and the workers call, on connections of the application's
role. A run of each practice is planned; then, at once:

1. in each practice a block, a sync of 1,000 recalls in the reverse order of their ids, and
   markNoFurtherAction for the same recalls; and claims of a few messages;
2. stopRun for both runs, and claims of a few messages;
3. claims of many, again and again until nothing is queued.

The figure is how many of the calls raised anything, out of how many there were.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from bench.command import say
from bench.data import accept_run, recalls_by_hand
from bench.databases import Databases
from bench.many.data import first_mobile_of, make_busy, recalls_of_pms
from bench.many.figures import GIVE_UP, Figure, failures
from bench.waiting import BenchError
from core.identity import Actor
from db.blocklist import block_mobile
from db.delivery import Settlement, cancel_stopped, claim_messages, settle_messages
from db.pool import open_owner_pool, open_pool
from db.recalls import mark_no_further_action
from db.runs import stop_run
from db.sending import plan_next
from db.sync import upsert_recalls
from db.types import Pool
from dev.servers.running import as_application

TEMPLATE = "deadlocks"
PRACTICES = (1, 2)
ROUNDS = 30
RECALLS, SYNCED = 1_000, 1_000
CLAIMS, LEASE = 12, 1.0
A_FEW, MANY = 2, 100
"""Messages that a claim takes at most: until a run is stopped, and afterwards."""
STAFF = Actor("Staff")
Act: TypeAlias = Coroutine[Any, Any, Any]


async def prepare(databases: Databases) -> None:
    """Make the template."""
    await make_busy(databases, TEMPLATE, [(RECALLS, SYNCED)] * len(PRACTICES))


async def measure(databases: Databases, _gateway_program: Path) -> list[Figure]:
    """Measure one round of the bench."""
    errors: Counter[str] = Counter()
    calls = 0
    async with (
        databases.clone(TEMPLATE) as url,
        await open_owner_pool(url, name="bench", connections=2) as owner,
        await open_pool(as_application(url), name="bench", connections=40) as pool,
    ):
        await owner.execute("update recalls set pms_id = 'R' || 10000000 - id")
        for number in range(ROUNDS):
            found = await _round(owner, pool, number)
            errors.update(type(one).__name__ for one in found if isinstance(one, BaseException))
            calls += len(found)
    what = f"errors in {ROUNDS} rounds of claims, blocks, syncs, closings and stops"
    if errors:
        say(", ".join(f"{count} × {name}" for name, count in errors.items()))
    return [failures(what, errors.total(), calls)]


async def _round(owner: Pool, pool: Pool, number: int) -> list[object]:
    """Return what each call of one round returned or raised."""
    changes, stops = [], []
    for practice in PRACTICES:
        run = await accept_run(pool, practice)
        while await plan_next(pool):
            continue
        changes += await _changes(owner, pool, practice, number)
        stops.append(stop_run(pool, practice, run, actor=STAFF))
    found = await _at_once([*changes, *_claims(pool, A_FEW)])
    found += await _at_once([*stops, *_claims(pool, A_FEW)])
    for _ in range(RECALLS):
        if not await owner.fetchval("select exists (select from chunks where state <> 'DONE')"):
            return found
        found += await _at_once(_claims(pool, MANY))
    raise BenchError("two stopped runs don't end")


def _claims(pool: Pool, most: int) -> list[Act]:
    """Return the calls of workers that claim, and of two that cancel stopped runs."""
    cancels: list[Act] = [cancel_stopped(pool) for _ in range(2)]
    return [*(_claim(pool, most) for _ in range(CLAIMS)), *cancels]


async def _changes(owner: Pool, pool: Pool, practice: int, number: int) -> list[Act]:
    """Return the calls that change the practice's list, after reopening what was closed."""
    await owner.execute(
        """
        update recalls set no_further_action_at = null, no_further_action_by = null
        where practice_id = $1 and no_further_action_at is not null
        """,
        practice,
    )
    recalls = await recalls_by_hand(owner, practice)
    rows = await recalls_of_pms(owner, practice, [recall for recall, _ in recalls])
    synced = [replace(row, urgency=f"Urgency {number}") for row in rows]
    mobile = f"+{first_mobile_of(practice) + RECALLS - 1 - number}"
    return [
        block_mobile(pool, practice, mobile, blocked=True, note=None, actor=STAFF),
        upsert_recalls(pool, practice, synced),
        mark_no_further_action(pool, practice, [recall for recall, _ in recalls], actor=STAFF),
    ]


async def _at_once(acts: list[Act]) -> list[object]:
    try:
        async with asyncio.timeout(GIVE_UP):
            return list(await asyncio.gather(*acts, return_exceptions=True))
    except TimeoutError:
        raise BenchError(f"not all calls ended within {GIVE_UP:.0f} s") from None


async def _claim(pool: Pool, most: int) -> None:
    """Claim messages, and settle them as if they had been handed over."""
    claim = await claim_messages(pool, LEASE, most=most)
    if claim is not None and claim.messages:
        sent = [
            Settlement(message.attempt_id, "SENT", f"SM{message.attempt_id}")
            for message in claim.messages
        ]
        await settle_messages(pool, claim, sent, retry_after=0)
