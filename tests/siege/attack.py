"""An attack and its means: requests at a rate, and actions that go on."""

import asyncio
import itertools
import statistics
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tests.siege.facts import Facts, trusted
from tests.siege.wire import GONE, Answer, Line

ELSEWHERE = "127.0.0.2"
"""The attacker's address; the canary's is ``HOST``, which is the trusted proxy's too."""
UNANSWERED = "no answer"
RATE, BURST = 50, 500
"""Operations that a token may run: per second, and at once."""


class On(StrEnum):
    """The target of an attack."""

    SHIPPED = "production, trusted documents alone"
    OTHER_DOCUMENTS = "production, other documents allowed"
    PROVIDER = "people sign in through a provider"


class Fight:
    """An attacker's side of an attack, which goes on until it is cancelled."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.documents = trusted()
        self.answers: Counter[str] = Counter()
        self.began = asyncio.Event()
        self._refused: list[float] = []
        self._done: list[float] = []
        self._since: float | None = None
        self._going: asyncio.Task[None] | None = None

    @property
    def median_ms(self) -> float | None:
        """Return how long a refusal took, or an answer if none was refused; None without either."""
        times = self._refused or self._done
        return statistics.median(times) * 1000 if times else None

    async def go(self) -> None:
        """Report that everything is ready, and wait for the attack to begin."""
        if self._going is None:
            self._going = asyncio.create_task(self._wait())
        await self._going

    async def _wait(self) -> None:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        self.began.set()

    async def flood(
        self,
        request: Callable[[int], bytes],
        *,
        rate: float = RATE,
        burst: int = 0,
        lines: int = 50,
        address: str = ELSEWHERE,
    ) -> None:
        """Send requests, numbered from 0, at ``rate`` per second over ``lines`` connections."""
        await self.go()
        numbers = itertools.count()

        async def one() -> None:
            line = Line(self.facts.port, address)
            for n in numbers:
                await self.turn(max(0, n - burst), rate)
                await self.ask(line, request(n))

        await asyncio.gather(*(one() for _ in range(lines)))

    async def turn(self, number: int, rate: float) -> None:
        """Wait for the turn of action ``number`` at ``rate`` per second."""
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
        due = self._since + number / rate
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))

    async def ask(self, line: Line, request: bytes) -> Answer | None:
        """Send the request, and count its answer; return it, or None if the connection is cut."""
        clock = asyncio.get_running_loop().time
        begin, told, answer = clock(), UNANSWERED, None
        try:
            answer = await line.ask(request)
            told = str(answer)
            (self._done if told == "200" else self._refused).append(clock() - begin)
        except GONE:
            told = "cut"
            await asyncio.sleep(0.05)
        finally:
            self.answers[told] += 1
        return answer

    async def each(self, count: int, act: Callable[[int], Awaitable[None]]) -> None:
        """Do ``count`` actions side by side, each again once it has ended or was cut."""
        await self.go()

        async def one(n: int) -> None:
            while True:
                try:
                    await act(n)
                except GONE:
                    self.answers["cut"] += 1
                await asyncio.sleep(0.05)

        await asyncio.gather(*(one(n) for n in range(count)))


Run: TypeAlias = Callable[[Fight], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Attack:
    """A way to attack."""

    name: str
    what: str
    """A description in a few words."""
    on: On
    run: Run


ATTACKS: dict[str, Attack] = {}


def attack(on: On = On.SHIPPED) -> Callable[[Run], Run]:
    """Register a function as an attack, by its name and the first line of its docstring."""

    def keep(run: Run) -> Run:
        name = run.__name__.replace("_", "-")
        ATTACKS[name] = Attack(name, (run.__doc__ or "").partition("\n")[0].rstrip("."), on, run)
        return run

    return keep


@attack()
async def nobody(fight: Fight) -> None:
    """No attack: the waits that the machine itself causes."""
    await fight.go()
    await asyncio.Event().wait()
