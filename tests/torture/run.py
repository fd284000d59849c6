"""One torture run from start to end."""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.torture.checker import Findings, check
from tests.torture.evidence import gather, histories, names
from tests.torture.practice import a_practice
from tests.torture.privacy import people_in_logs
from tests.torture.record import Record
from tests.torture.sightings import FROM_MESSAGES, NOTED_ELSEWHERE, STEPS, sightings
from tests.torture.stage import staged
from tests.torture.storm import storm
from tests.torture.watch import Watch

PRACTICES = 6
STUCK_SECONDS = 150.0
"""More than the longest wait for a retry or for the look-up of an unknown message."""


@dataclass(frozen=True, slots=True)
class Options:
    """A run's length, seed and number of workers."""

    messages: int
    seed: int
    workers: int = 3

    def random(self, actor: str) -> Random:
        """Return the actor's source of decisions."""
        return Random(f"{self.seed} {actor}")  # noqa: S311 - repeatable, no secret


@dataclass(slots=True)
class Outcome:
    """What a run did, and the verdicts on it."""

    seed: int
    logs: Path
    counts: Counter[str] = field(default_factory=Counter)
    """What was done, by kind."""
    states: Counter[str] = field(default_factory=Counter)
    """Attempts in each state, at the end."""
    handed: int = 0
    most_unknown: int = 0
    seconds: float = 0.0
    findings: Findings = field(default_factory=dict)
    histories: list[str] = field(default_factory=list)
    """The histories of the attempts in ``findings``."""
    people_in_logs: list[str] = field(default_factory=list)
    never_seen: list[str] = field(default_factory=list)
    """Steps that a run of this length must have seen, but this one didn't."""

    @property
    def clean(self) -> bool:
        """Return whether nothing happened that must not happen."""
        return not (any(self.findings.values()) or self.people_in_logs or self.never_seen)


async def torture(options: Options) -> Outcome:
    """Run everything, and judge it; keep the logs of a run that isn't clean."""
    with _directory() as directory:
        outcome = await _torture(options, directory)
        if outcome.clean:
            shutil.rmtree(directory)
    return outcome


@contextmanager
def _directory() -> Iterator[Path]:
    """Open a directory, in memory if the machine has one there; only logs stay in it."""
    memory = Path("/dev/shm")  # noqa: S108
    in_memory = str(memory) if memory.is_dir() else None
    directory = Path(tempfile.mkdtemp(prefix="recalls-torture-", dir=in_memory))
    try:
        yield directory
    finally:
        shutil.rmtree(directory / "postgres", ignore_errors=True)


async def _torture(options: Options, directory: Path) -> Outcome:
    outcome = Outcome(options.seed, directory)
    counts, record = outcome.counts, Record()
    began = time.monotonic()
    async with staged(directory, options.workers) as stage:
        practices = [
            await a_practice(stage, n, options.random(f"practice {n}"), record, counts)
            for n in range(1, PRACTICES + 1)
        ]
        watch = Watch(stage.pool)
        async with asyncio.TaskGroup() as together:
            keeper = together.create_task(stage.keep_running(counts))
            await storm(
                stage,
                practices,
                options.random,
                messages=options.messages,
                record=record,
                counts=counts,
                watch=watch,
            )
            await watch.until_settled(STUCK_SECONDS)
            keeper.cancel()
        for worker in stage.workers:
            await worker.stop()
        await gather(stage.pool, stage.gateway, stage.network.log, record)
        counts.update(await sightings(stage.pool))
        outcome.findings = check(record)
        outcome.histories = await histories(stage.pool, record, outcome.findings)
        people = await names(stage.pool)
    numbers = {attempt.mobile for attempt in record.attempts if attempt.mobile}
    outcome.people_in_logs = people_in_logs(directory, people, numbers)
    outcome.states = Counter(attempt.state for attempt in record.attempts)
    outcome.handed = len(record.handed)
    outcome.most_unknown = watch.most_unknown
    if options.messages >= FROM_MESSAGES:
        outcome.never_seen = [name for name in (*STEPS, *NOTED_ELSEWHERE) if not counts[name]]
    outcome.seconds = time.monotonic() - began
    return outcome
