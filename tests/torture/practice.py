"""A practice that takes in patients and sends them recalls, round after round."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeVar

import asyncpg

from core.identity import Actor, Role
from db.categories import CategoryDraft, save_category
from db.practices import NewPractice, create_practice
from db.sync import sync_patients, sync_recalls
from db.tokens import create_token
from db.types import Pool
from tests.support.operations import mutation
from tests.torture.desk import Desk
from tests.torture.people import AUTOMATED, BY_HAND, TEMPLATE, Patient, Population
from tests.torture.record import Record
from tests.torture.stage import LEASE, Stage

STOP = mutation("stopRun", "{ __typename }")
SEND = mutation("sendRecalls", "{ __typename ... on Run { id } }")
AUTOMATE = mutation("startAutomatedRun", "{ __typename ... on Run { id } }")
TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
ROUND = (60, 240)
"""Patients in one round."""
CALL = (20, 150)
"""Recalls in one manual send."""
BACKLOG = 800
"""Most messages that may be waiting when a practice begins another round."""
T = TypeVar("T")


async def persistent(work: Callable[[], Awaitable[T]], seconds: float = 60) -> T:
    """Retry ``work``, which may be done twice, until the database lets it through."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await work()
            except TROUBLE:
                await asyncio.sleep(0.1)


class Practice:
    """A practice whose every decision comes from ``random``."""

    def __init__(
        self,
        stage: Stage,
        practice_id: int,
        desk: Desk,
        random: Random,
        *,
        record: Record,
        counts: Counter[str],
    ) -> None:
        self.id = practice_id
        self.desk = desk
        self._pool = stage.pool
        self._random = random
        self._record = record
        self._counts = counts
        self._population: Population | None = None
        self._calls = 0
        self._sent: list[int] = []
        self._to_automate: list[int] = []

    async def work(self, enough: asyncio.Event) -> None:
        """Take in patients and send to them until it is ``enough``."""
        today = await self._pool.fetchval("select logic.today('Australia/Sydney')")
        self._population = Population(self._random, today)
        while not enough.is_set():
            await self._round(self._population)
            while not enough.is_set() and await persistent(self._waiting) > BACKLOG:
                await asyncio.sleep(0.2)

    async def _round(self, population: Population) -> None:
        random = self._random
        patients = list(population.more(random.randint(*ROUND)))
        recalls = await self._take_in(patients)
        self._to_automate += recalls[AUTOMATED]
        by_hand = recalls[BY_HAND]
        # Some once more: those in progress are skipped, the others get their next step.
        by_hand += random.sample(self._sent, min(len(self._sent), random.randint(0, 20)))
        random.shuffle(by_hand)
        while by_hand:
            size = random.randint(*CALL)
            await self._send(by_hand[:size])
            del by_hand[:size]
        kind = random.random()
        if kind < 0.3:
            await self._accept(AUTOMATE, {}, self._to_automate)
            self._to_automate = []
        elif kind < 0.5:
            await self._fall_due()

    async def _take_in(self, patients: list[Patient]) -> dict[str, list[int]]:
        """Sync the patients; return the ids of their recalls, by reason."""
        rows = [recall for patient in patients for recall in patient.recalls]
        await persistent(lambda: sync_patients(self._pool, self.id, [p.row for p in patients]))
        await persistent(lambda: sync_recalls(self._pool, self.id, rows))
        found = await persistent(
            lambda: self._pool.fetch(
                "select id, reason from recalls where practice_id = $1 and pms_id = any($2)"
                " order by id",
                self.id,
                [row.pms_id for row in rows],
            )
        )
        return {
            reason: [row["id"] for row in found if row["reason"] == reason]
            for reason in (AUTOMATED, BY_HAND)
        }

    async def _send(self, recalls: list[int]) -> None:
        ids = [f"Recall:{recall}" for recall in recalls]
        hold = 2 if self._random.random() < 0.1 else 0
        arguments = {"recallIds": ids, "proceedWithoutConsent": True, "holdSeconds": hold}
        run = await self._accept(SEND, arguments, recalls)
        self._sent += recalls
        if run is not None and self._random.random() < 0.15:
            await self._stop(run)

    async def _stop(self, run: str) -> None:
        await asyncio.sleep(self._random.uniform(0, 2))
        answer = await self.desk.call(STOP, {"runId": run})
        # Messages claimed by then may still go.
        number = int(run.partition(":")[2])
        self._record.stopped[self.id, number] = answer.answered + LEASE
        self._counts["runs stopped"] += 1

    async def _fall_due(self) -> None:
        """Make the scheduled run due now."""
        due = "update practices set next_run_at = clock_timestamp() where id = $1"
        recalls, self._to_automate = self._to_automate, []
        await persistent(lambda: self._pool.execute(due, self.id))
        self._record.accepted.update((self.id, recall) for recall in recalls)
        self._counts["schedules that fell due"] += 1

    async def _accept(
        self, document: str, arguments: dict[str, Any], recalls: list[int]
    ) -> str | None:
        """Have the call accepted exactly once, however often it's made; return its run, if any."""
        self._calls += 1
        arguments["idempotencyKey"] = f"call {self._calls}"
        random = self._random
        hang_up = random.uniform(0.005, 0.2) if random.random() < 0.2 else None
        answer = await self.desk.call(document, arguments, hang_up=hang_up)
        if random.random() < 0.1:
            again = await self.desk.call(document, arguments)
            same = (again.value["__typename"], again.value.get("id"))
            assert same == (answer.value["__typename"], answer.value.get("id")), "one key, two runs"
        assert answer.value["__typename"] in ("Run", "NothingToSend"), answer.value
        self._record.accepted.update((self.id, recall) for recall in recalls)
        run: str | None = answer.value.get("id")
        return run

    async def _waiting(self) -> int:
        waiting: int = await self._pool.fetchval(
            """
            select count(*) from chunks c
            join contact_attempts a using (practice_id, run_id, position)
            where c.practice_id = $1 and c.state <> 'DONE' and a.state = 'QUEUED'
            """,
            self.id,
        )
        return waiting


async def a_practice(
    stage: Stage, number: int, random: Random, record: Record, counts: Counter[str]
) -> Practice:
    """Create a practice with an automated category and one that staff send by hand."""
    product = "BEST_PRACTICE" if number == 1 else "GENIE"
    name = f"Practice {number}"
    new = NewPractice(name, "Australia/Sydney", "AU", product, f"02 5550 {number:04d}")
    practice_id = await create_practice(stage.pool, new)
    await _open_all_day(stage.pool, practice_id)
    for reason in (AUTOMATED, BY_HAND):
        automated = reason == AUTOMATED
        steps = ["SMS", "SMS", "SMS", "LETTER"]
        draft = CategoryDraft(None, reason, [reason], [], TEMPLATE, automated, steps)
        await save_category(stage.pool, practice_id, draft, actor=Actor("Manager"))
    token = await create_token(stage.pool, practice_id, "Reception", Role.ADMIN)
    desk = Desk(stage.api, token, counts)
    return Practice(stage, practice_id, desk, random, record=record, counts=counts)


async def _open_all_day(pool: Pool, practice_id: int) -> None:
    """Let the practice send at any hour, automatically only when the run makes a schedule due."""
    await pool.execute(
        "update practices set send_from = '00:00', send_until = '23:59:59',"
        " next_run_at = now() + interval '1 day' where id = $1",
        practice_id,
    )
