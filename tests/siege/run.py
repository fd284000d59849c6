"""One attack after the other, each on a process of its own, and a canary's waits beside it."""

import asyncio
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from tests.siege.attack import Attack
from tests.siege.children import begin_now, child, line_of, told_by
from tests.siege.scheduling import scheduled
from tests.siege.stage import Stage
from tests.torture.programs import Program

READ, BLOCK, STOP, HEALTH = 0.150, 1.0, 1.0, 0.3
"""Longest acceptable wait in seconds: for 99 of 100 reads, and for each of the others."""
GROWTH, LEFT = 1.5, 1.25
"""Most memory, relative to that before: during the attack, and some seconds after it."""
CALM_SECONDS, SETTLE_SECONDS = 1.0, 6.0
END_SECONDS = 15.0
"""Seconds that a process told to end may take before it is killed."""
SAMPLE_SECONDS = 0.05
NEVER = math.inf


@dataclass(slots=True)
class Outcome:
    """The outcome of an attack; waits are in seconds, memory is in MB."""

    attack: Attack
    answers: dict[str, int] = field(default_factory=dict)
    """The attacker's answers, counted."""
    median_ms: float | None = None
    waits: dict[str, list[float]] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    """The canary's wrong answers, counted."""
    memory: tuple[float, float, float] = (0, 0, 0)
    """Before, at most and after."""
    worked: float = 0
    """Share of the time that the process was on a processor."""
    waited: float = 0
    """Share of the time that it waited for one that others had: such waits are the machine's."""
    again: bool = False
    """Whether it missed a goal the first time."""
    ended: bool = False
    """Whether the process ended."""

    def at(self, name: str, part: float) -> float:
        """Return the wait that this share of all waits stays within."""
        waits = sorted(self.waits.get(name, ()))
        return waits[min(len(waits) - 1, math.ceil(part * len(waits)) - 1)] if waits else NEVER

    @property
    def missed(self) -> list[str]:
        """Return the goals that were missed."""
        return self.missed_by(1)

    def missed_by(self, slack: float) -> list[str]:
        """Return the goals missed even with ``slack`` times what they allow."""
        before, most, after = self.memory
        within = {
            "reads": self.at("read", 0.99) <= slack * READ,
            "blocks": self.at("block", 1) <= slack * BLOCK,
            "STOP": self.at("stop", 1) <= slack * STOP,
            "healthz": self.at("health", 1) <= slack * HEALTH,
            "memory": most - before <= slack * (GROWTH - 1) * before,
            "memory after": after - before <= slack * (LEFT - 1) * before,
            "alive": not self.ended,
        }
        return [name for name, reached in within.items() if not reached]


async def siege(
    stage: Stage,
    attacks: Sequence[Attack],
    seconds: float,
    done: Callable[[Outcome], None],
    *,
    once: bool = False,
    slack: float = 1,
) -> list[Outcome]:
    """Make each attack for that many seconds; repeat one that misses a goal, and count the repeat.

    With ``once``, or if it was within ``slack`` times the goal, it isn't repeated. ``done`` is
    called with each outcome.
    """
    outcomes = []
    for attack in attacks:
        outcome = await besiege(stage, attack, seconds)
        if outcome.missed_by(slack) and not once:
            done(outcome)
            outcome = await besiege(stage, attack, seconds)
            outcome.again = True
        done(outcome)
        outcomes.append(outcome)
    return outcomes


async def besiege(stage: Stage, attack: Attack, seconds: float) -> Outcome:
    """Make an attack on a newly started process; return its outcome."""
    outcome = Outcome(attack)
    await stage.forget_budgets()
    async with stage.served(attack.on) as (program, facts):
        told = stage.directory / "facts.json"
        facts.write(told)
        async with (
            child("canary", str(told)) as canary,
            child("attacker", attack.name, str(told), f"{seconds}") as attacker,
        ):
            await asyncio.gather(asyncio.sleep(CALM_SECONDS), line_of(attacker))
            memory = _Memory(program)
            watching = asyncio.create_task(memory.watch())
            begin, since = time.monotonic(), scheduled(program.pid)
            begin_now(attacker)
            fought = await told_by(attacker, seconds + END_SECONDS)
            took = time.monotonic() - begin
            outcome.worked, outcome.waited = (
                (now - then) / took for now, then in zip(scheduled(program.pid), since, strict=True)
            )
            await memory.settle()
            heard = await told_by(canary, END_SECONDS)
            watching.cancel()
        outcome.memory, outcome.ended = memory.found, program.ended
    outcome.answers = fought.get("answers", {"attacker killed": 1})
    outcome.median_ms = fought.get("median")
    outcome.wrong = heard.get("wrong", {"canary killed": 1})
    for name, waits in heard.get("waits", {}).items():
        outcome.waits[name] = [
            NEVER if wait is None else wait for since, wait in waits if since >= begin
        ]
    return outcome


class _Memory:
    """The process's memory: before, at most and after."""

    def __init__(self, program: Program) -> None:
        self._process = psutil.Process(program.pid)
        self._before = self._most = self._now = self._look()

    @property
    def found(self) -> tuple[float, float, float]:
        return self._before, self._most, self._now

    async def watch(self) -> None:
        """Sample it all the time."""
        while True:
            self._now = self._look()
            self._most = max(self._most, self._now)
            await asyncio.sleep(SAMPLE_SECONDS)

    async def settle(self) -> None:
        """Wait until the memory is given back, but at most some seconds."""
        until = time.monotonic() + SETTLE_SECONDS
        await asyncio.sleep(0.5)
        while self._now > LEFT * self._before and time.monotonic() < until:
            await asyncio.sleep(SAMPLE_SECONDS)

    def _look(self) -> float:
        try:
            family = [self._process, *self._process.children()]
            return float(sum(each.memory_info().rss for each in family)) / 1e6
        except psutil.NoSuchProcess:
            return 0.0


def median(waits: Sequence[float]) -> float:
    """Return the median wait."""
    return statistics.median(waits) if waits else NEVER
