"""Interleavings of operations' steps, each run on real PostgreSQL, like its isolation tester.

Each operation runs on a connection of its own, on which every statement and every commit waits to
be released; on request, `STEP` makes every row written wait as well. One step is released at a
time. Whether it then waits for another operation's lock is PostgreSQL's answer, not the clock's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import asyncpg

from db.tenancy import ENTER
from db.types import Pool

Operation: TypeAlias = Callable[["Stepwise"], Awaitable[object]]
BY_ROW = "one row at a time"
"""Application name of connections on which every row written is a step."""
STEP = f"""
  create sequence tests.steps;
  grant usage on schema tests to public;
  grant usage on sequence tests.steps to public;
  create function tests.step() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(99, nextval('tests.steps')::integer);
    return new;
  end $$;
  do $$
  declare
    written text;
  begin
    foreach written in array array['chunks', 'runs', 'contact_attempts', 'recalls'] loop
      execute format(
        'create trigger a_step before update on %I for each row'
        ' when (current_setting(''application_name'') = ''{BY_ROW}'')'
        ' execute function tests.step()', written);
    end loop;
  end $$;
"""
"""Makes an operation wait at each row that it updates for a lock that the scheduler holds."""
MAX_STEPS = 200
LOOK = """
  select pid, pg_blocking_pids(pid) as blocked_by,
         (select objid::integer from pg_locks l
          where l.pid = a.pid and not granted and locktype = 'advisory' and classid = 99) as step
  from unnest($1::integer[]) a (pid)
"""
HOLDS = """
  select pg_current_xact_id_if_assigned() is not null or exists (
    select from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')
"""
"""Whether the transaction has changed or locked something: if not, its end has no effect."""
UNNOTICED = "logic.record_events("
"""A statement that nothing else reads or waits for: it's part of the step before it."""
PATIENCE = 10.0
"""Seconds; PostgreSQL reports a deadlock long before."""


class StuckError(Exception):
    """Operations wait forever."""


class Stepwise:
    """A connection whose statements wait for their turn; the operation takes it for its pool."""

    def __init__(self, name: str, connection: asyncpg.Connection, *, by_row: bool) -> None:
        self.name = name
        self._connection = connection
        self._by_row = by_row
        self._transaction: Any = None
        self._entering: tuple[object, ...] = ()
        self._open = False
        self._asked = ""
        self.pid: int = connection.get_server_pid()
        self.turn: asyncio.Future[None] | None = None
        self.next = ""
        """The step that waits for its turn."""
        self.asks_again = False
        """Whether it repeats the query just before, with no changes by anyone since."""
        self.changes = 0
        self.reached: Callable[[], None] = lambda: None
        self.begins: Callable[[], None] = lambda: None
        """Called at the first step."""
        self._begun = False
        self.lock: int | None = None
        """The lock that the row about to be written waits for."""

    @property
    def pool(self) -> Pool:
        """Return this, typed as the product's functions expect it."""
        return cast(Pool, self)

    def get_max_size(self) -> int:
        return 1

    async def step(self, what: str) -> None:
        """Wait for the turn to do ``what``, which changes something outside the database."""
        await self._step(what)
        self.changes += 1

    async def _step(self, what: str) -> None:
        self.next = " ".join(what.split())[:60]
        self.turn = asyncio.get_running_loop().create_future()
        self.reached()
        await self.turn
        if not self._begun:
            self._begun = True
            self.begins()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Stepwise"]:
        yield self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Begin at the first statement, or one step earlier if every row is a step."""
        assert self._transaction is None
        self._transaction, self._open = self._connection.transaction(), False
        try:
            yield
            if self._open:
                if await self._connection.fetchval(HOLDS):
                    self._asked = ""
                    await self._step("commit")
                    self.changes += 1
                await self._transaction.commit()
        except BaseException:
            if self._open:
                with suppress(asyncpg.InterfaceError):
                    await self._transaction.rollback()
            raise
        finally:
            self._transaction, self._entering = None, ()

    async def _run(self, method: str, query: str, *arguments: object) -> Any:
        if self._transaction is None:
            async with self.transaction():
                return await self._run(method, query, *arguments)
        if query == ENTER:
            self._entering = arguments
            return None
        if not self._open:
            self.asks_again, self._asked = query == self._asked, query
            await self._step(f"begin: {query}" if self._by_row else query)
            await self._transaction.start()
            self._open = True
            if self._entering:
                await self._connection.execute(ENTER, *self._entering)
            if self._by_row:
                await self._step(query)
        elif UNNOTICED not in query:
            await self._step(query)
        return await getattr(self._connection, method)(query, *arguments)

    async def execute(self, query: str, *arguments: object) -> Any:
        return await self._run("execute", query, *arguments)

    async def fetch(self, query: str, *arguments: object) -> Any:
        return await self._run("fetch", query, *arguments)

    async def fetchrow(self, query: str, *arguments: object) -> Any:
        return await self._run("fetchrow", query, *arguments)

    async def fetchval(self, query: str, *arguments: object) -> Any:
        return await self._run("fetchval", query, *arguments)

    # For the scheduler

    @property
    def waits_for_turn(self) -> bool:
        return self.turn is not None or self.lock is not None

    async def go(self, monitor: asyncpg.Connection) -> None:
        """Release the next step."""
        if self.turn is not None:
            turn, self.turn = self.turn, None
            turn.set_result(None)
        else:
            await monitor.fetchval("select pg_advisory_unlock(99, $1)", self.lock)
            self.lock = None


@dataclass
class Choice:
    """The operation ``chosen`` to go, out of those able to, after a step of ``last``."""

    able: list[int]
    last: int | None
    chosen: int

    @property
    def order(self) -> list[int]:
        """Return the operations able to go, the last one first."""
        return sorted(self.able, key=lambda one: (one != self.last, one))

    def switches(self, chosen: int) -> bool:
        """Return whether ``chosen`` makes the last operation wait although it could go on."""
        return self.last in self.able and chosen != self.last


@dataclass
class Merge:
    """One merge of the operations' steps: the steps released, and the choices behind them."""

    choices: list[Choice] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(self.steps)

    def next(self, switches: int) -> list[int] | None:
        """Return the choices that lead to a merge not tried yet, or None if none is left."""
        for index in reversed(range(len(self.choices))):
            choice = self.choices[index]
            left = switches - sum(before.switches(before.chosen) for before in self.choices[:index])
            for other in choice.order[choice.order.index(choice.chosen) + 1 :]:
                if left - choice.switches(other) >= 0:
                    return [*(before.chosen for before in self.choices[:index]), other]
        return None


class Scheduler:
    """A scheduler that releases operations step by step, each on a connection of its own.

    ``time_passes`` is called when all remaining operations repeat the same query: they wait for
    something that only time ends.
    """

    def __init__(
        self,
        monitor: asyncpg.Connection,
        connections: Sequence[asyncpg.Connection],
        time_passes: Callable[[], Awaitable[None]],
    ) -> None:
        self._monitor = monitor
        self._connections = connections
        self._time_passes = time_passes
        self._changed = asyncio.Event()
        self._changes = 0

    async def merges(
        self,
        operations: Sequence[tuple[str, Operation]],
        before: Callable[[], Awaitable[None]],
        *,
        switches: int,
        by_row: bool = False,
    ) -> AsyncIterator[Merge]:
        """Run every merge in which operations that could go on wait at most ``switches`` times.

        ``before`` is called before each. Yield a merge once all its operations have ended. If one
        raises or waits forever, raise that error, with the steps that led there.
        """
        prefix: list[int] | None = []
        while prefix is not None:
            await before()
            merge = Merge()
            try:
                await self._run(operations, prefix, merge, by_row=by_row)
            except Exception as error:
                error.add_note(f"after these steps:\n{merge}")
                raise
            yield merge
            prefix = merge.next(switches)

    async def _run(
        self,
        operations: Sequence[tuple[str, Operation]],
        prefix: Sequence[int],
        merge: Merge,
        *,
        by_row: bool,
    ) -> None:
        await self._hold_steps()
        self._changes = 0
        unfinished: list[Stepwise] = []
        tasks = []
        for (name, operation), connection in zip(operations, self._connections, strict=False):
            called = BY_ROW if by_row else "one statement at a time"
            await connection.execute(f"set application_name = '{called}'")
            stepwise = Stepwise(name, connection, by_row=by_row)
            stepwise.reached = self._changed.set
            unfinished.append(stepwise)
            task = asyncio.ensure_future(operation(stepwise))
            task.add_done_callback(lambda _: self._changed.set())
            tasks.append(task)
        try:
            await self._go_on(unfinished, tasks, prefix, merge)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hold_steps(self) -> None:
        await self._monitor.execute(
            "select pg_advisory_unlock_all(); select setval('tests.steps', 1, false)"
        )
        await self._monitor.execute(
            "select pg_advisory_lock(99, n) from generate_series(1, $1) n", MAX_STEPS
        )

    async def _go_on(
        self,
        unfinished: Sequence[Stepwise],
        tasks: Sequence[asyncio.Future[object]],
        prefix: Sequence[int],
        merge: Merge,
    ) -> None:
        last: int | None = None
        while True:
            able = await self._able(unfinished, tasks)
            if all(task.done() for task in tasks):
                return
            if not able:
                await self._time_passes()
                for one in unfinished:
                    one.asks_again = False
                continue
            choice = Choice(able, last, 0)
            place = len(merge.choices)
            choice.chosen = prefix[place] if place < len(prefix) else choice.order[0]
            assert choice.chosen in able, "the same steps had another outcome before"
            merge.choices.append(choice)
            last = choice.chosen
            chosen = unfinished[last]
            what = chosen.next if chosen.turn else "  a row"
            merge.steps.append(f"{chosen.name}: {what}")
            await chosen.go(self._monitor)

    async def _able(
        self, unfinished: Sequence[Stepwise], tasks: Sequence[asyncio.Future[object]]
    ) -> list[int]:
        """Return the operations whose steps can be released, once nothing moves by itself.

        Raises an operation's error, or ``StuckError`` if the remaining operations wait forever.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                await self._quiet(unfinished, tasks)
        except TimeoutError:
            raise StuckError([one.name for one in unfinished]) from None
        self._notice_changes(unfinished)
        return [n for n, one in enumerate(unfinished) if one.waits_for_turn and not one.asks_again]

    def _notice_changes(self, unfinished: Sequence[Stepwise]) -> None:
        changes = sum(one.changes for one in unfinished)
        if changes != self._changes:
            self._changes = changes
            for one in unfinished:
                one.asks_again = False

    async def _quiet(
        self, unfinished: Sequence[Stepwise], tasks: Sequence[asyncio.Future[object]]
    ) -> None:
        """Return once each has ended, waits for its turn, or waits for one that waits for its turn.

        Operations that wait for each other aren't quiet: PostgreSQL resolves that, with an error or
        by letting in one that queued behind another.
        """
        while True:
            for task in tasks:
                if task.done():
                    task.result()
            running = {
                one.pid: one
                for one, task in zip(unfinished, tasks, strict=True)
                if not task.done() and not one.waits_for_turn
            }
            if not running:
                return
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.001):  # most steps wait for no other operation
                    await self._changed.wait()
                continue
            held = await self._held(unfinished, running)
            # If an operation reached a step meanwhile, what was seen may be out of date.
            if not self._changed.is_set() and held >= running.keys():
                return

    async def _held(self, unfinished: Sequence[Stepwise], running: dict[int, Stepwise]) -> set[int]:
        """Return the pids that, by PostgreSQL, in the end wait for one that waits for its turn."""
        blocked_by = {}
        for row in await self._monitor.fetch(LOOK, list(running)):
            one = running[row["pid"]]
            one.lock = row["step"] if one.turn is None else None
            blocked_by[one.pid] = set(row["blocked_by"])
        held = {one.pid for one in unfinished if one.waits_for_turn}
        while more := {pid for pid, by in blocked_by.items() if by & held} - held:
            held |= more
        return held
