"""Tests that concurrent operations, however their steps interleave, end as if done in order."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from functools import partial
from itertools import combinations, combinations_with_replacement, permutations

import asyncpg
import pytest

from db.pool import open_owner_pool
from db.types import Pool
from dev.servers.running import ServerUrls, as_application
from tests.support.databases import a_migrated_database
from tests.support.interleavings import STEP, Scheduler
from tests.support.sending_operations import OPERATIONS
from tests.support.sending_stage import Stage, a_stage
from tests.support.tiers import FULL, length

SETTINGS = {
    # Plan once, because planning is most of a step's time; by index, as if tables were large.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


@dataclass
class Theatre:
    """A database for these tests, and connections for concurrent operations."""

    owner: Pool
    application: Pool
    monitor: asyncpg.Connection
    connections: Sequence[asyncpg.Connection]
    stages: dict[frozenset[str], Stage] = field(default_factory=dict)

    async def stage(self, given: Iterable[str]) -> Stage:
        """Return a practice with the given facts, reusing one that was made before."""
        key = frozenset(given)
        if key not in self.stages:
            self.stages[key] = await a_stage(self.owner, self.application, key)
        return self.stages[key]


@pytest.fixture(scope="module")
async def theatre(servers: ServerUrls) -> AsyncIterator[Theatre]:
    async with a_migrated_database(servers) as url:
        name = url.split("?")[0].rsplit("/", 1)[1]
        pools = [
            await open_owner_pool(of, name="interleavings", settings=SETTINGS)
            for of in (url, as_application(url))
        ]
        await pools[0].execute(STEP)
        await pools[0].execute(f"alter database {name} set deadlock_timeout = '20ms'")
        monitor, *connections = [
            await asyncpg.connect(of, server_settings=SETTINGS)
            for of in (url, *[as_application(url)] * 3)
        ]
        yield Theatre(pools[0], pools[1], monitor, connections)
        for connection in (monitor, *connections):
            await connection.close()
        for pool in pools:
            await pool.close()


async def judge(
    theatre: Theatre, *names: str, given: str = "", switches: int, by_row: bool = False
) -> None:
    """Run the operations' merges, and check that each ends like one order of the operations."""
    operations = [OPERATIONS[name] for name in names]
    stage = await theatre.stage({given, *(operation.given for operation in operations)} - {""})
    stage.with_gateway = frozenset(o.with_gateway for o in operations if o.with_gateway)
    scheduler = Scheduler(theatre.monitor, theatre.connections, stage.time_passes)
    acts = [(name, partial(OPERATIONS[name].do, stage)) for name in names]
    ends = []
    for order in permutations(acts):
        await stage.begin_again()
        for act in order:
            async for _ in scheduler.merges([act], nothing, switches=0):
                pass
        await stage.drain()
        ends.append(await stage.end_state())

    drained = []
    async for merge in scheduler.merges(acts, stage.begin_again, switches=switches, by_row=by_row):
        wrong = await stage.wrong()
        assert not wrong, f"{wrong} after these steps:\n{merge}"
        beginning = await stage.goes_on_from()
        if beginning in drained:
            continue
        drained.append(beginning)
        await stage.drain()
        wrong = await stage.wrong()
        assert not wrong, f"{wrong} in the end, after these steps:\n{merge}"
        end = await stage.end_state()
        assert end in ends, f"as after no order, after these steps:\n{merge}\n" + "\n".join(
            "\n".join(unified_diff(one, end, "in turn", "merged", lineterm="", n=0)) for one in ends
        )


async def nothing() -> None:
    """Leave everything as it is."""


NEVER_BOTH = [
    {"settle failed", "receipt"},
    {"look up, not taken", "look up, taken"},
    *map(set, combinations([name for name in OPERATIONS if name.startswith("settle")], 2)),
]
"""Pairs that no gateway and no worker reports about one message."""
PASSED_OVER = {"plan", "stop"}
"""Planning that finds the practice busy comes back later, when the stopped run is cancelled, and
plans its recalls anew; planning right before or after the stop doesn't."""
TWO = [
    pair
    for pair in combinations_with_replacement(OPERATIONS, 2)
    if set(pair) not in [*NEVER_BOTH, PASSED_OVER] and "complete one of two" not in pair
]
"""Every pair of operations, and each with itself."""
MEET = [(one, other) for one, other in TWO if OPERATIONS[one].to & OPERATIONS[other].to]
"""The pairs that are about the same message."""
BY_ROW = [
    ("deliver", "deliver"),
    ("deliver", "stop"),
    ("settle sent", "sweep"),
    ("settle not taken", "stop"),
    ("complete", "close"),
]
THREE = [
    ("deliver", "block", "unblock"),
    ("deliver", "block", "stop"),
    ("deliver", "deliver", "stop"),
    ("deliver", "change number", "complete"),
    ("settle not taken", "deliver", "block"),
    ("settle not taken", "sweep", "stop"),
    ("settle not taken", "deliver", "stop"),
    ("settle sent", "deliver", "look up, taken"),
    ("settle sent", "sweep", "receipt"),
    ("settle unknown", "look up in vain", "stop"),
    ("look up, not taken", "look up in vain", "stop"),
    ("look up, not taken", "deliver", "block"),
    ("plan", "send", "call"),
    ("plan", "send", "stop planning"),
    ("plan", "block", "unblock"),
    ("complete", "close", "change number"),
]


@pytest.mark.both
@pytest.mark.parametrize("names", TWO if FULL else MEET, ids=" and ".join)
async def test_two_operations_at_the_same_moment(theatre: Theatre, names: tuple[str, str]) -> None:
    await judge(theatre, *names, switches=length(1, 2))


@pytest.mark.both
@pytest.mark.parametrize("names", MEET if FULL else BY_ROW, ids=" and ".join)
async def test_two_operations_at_the_same_moment_row_by_row(
    theatre: Theatre, names: tuple[str, str]
) -> None:
    await judge(theatre, *names, switches=1, by_row=True)


@pytest.mark.slow
@pytest.mark.parametrize("names", THREE, ids=" and ".join)
async def test_three_operations_at_the_same_moment(
    theatre: Theatre, names: tuple[str, str, str]
) -> None:
    await judge(theatre, *names, switches=1)


async def test_two_workers_that_cancel_two_stopped_runs(theatre: Theatre) -> None:
    for names in ("cancel", "cancel"), ("cancel", "deliver"):
        await judge(theatre, *names, given="two stopped runs", switches=2, by_row=True)


async def test_a_look_up_that_ends_after_another_gave_up_the_message(theatre: Theatre) -> None:
    names = ("look up, not taken", "look up in vain")
    await judge(theatre, *names, given="asked about for a day", switches=1)


async def test_a_completed_recall_cancels_no_other_in_its_message(
    theatre: Theatre,
) -> None:
    await judge(theatre, "deliver", "complete one of two", switches=1)
