"""A practice for tests, to set up patients and recalls in few words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from core.identity import Actor
from db.attempts import attempts_of_recalls
from db.blocklist import block_mobile, set_blocked_recalls
from db.categories import CategoryDraft, save_category
from db.contacts import record_contacts
from db.delivery import (
    Settlement,
    begin_scheduled_run,
    cancel_stopped,
    claim_messages,
    practices_due,
    settle_messages,
    sweep_claim,
)
from db.practices import NewPractice, create_practice
from db.recalls import get_recalls, mark_no_further_action
from db.runs import get_runs, stop_run
from db.sending import (
    NothingToSend,
    RunAccepted,
    SendOutcome,
    plan_next,
    send_recalls,
    start_automated_run,
)
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls
from db.tenancy import in_practice
from db.types import Pool, Row

SYDNEY = "Australia/Sydney"
MOBILE = "+61491570006"
"""From the range that the ACMA sets aside for fiction."""
numbers = count(1)


def a_mobile() -> str:
    """Return a valid number that no other patient in the test has."""
    return f"+614915{next(numbers):05d}"


class AsApplication:
    """Reads as clients make them, under row-level security, one transaction per statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def fetch(self, query: str, practice_id: int, *arguments: object) -> list[Row]:
        async with in_practice(self._pool, practice_id) as connection:
            rows: list[Row] = await connection.fetch(query, practice_id, *arguments)
            return rows

    async def fetchrow(self, query: str, practice_id: int, *arguments: object) -> Row | None:
        rows = await self.fetch(query, practice_id, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, query: str, practice_id: int, *arguments: object) -> Any:
        row = await self.fetchrow(query, practice_id, *arguments)
        return None if row is None else row[0]


@dataclass
class Practice:
    """A practice in a test's database."""

    pool: Pool
    id: int
    time_zone: str = SYDNEY
    keys: Any = field(default_factory=lambda: count(1))

    @property
    def reader(self) -> AsApplication:
        """Return what the practice's clients read through."""
        return AsApplication(self.pool)

    @property
    def today(self) -> date:
        """Return the practice's local date."""
        return datetime.now(ZoneInfo(self.time_zone)).date()

    def due(self, days: int = 0) -> date:
        """Return the date that many days from today."""
        return self.today + timedelta(days=days)

    async def patient(self, pms_id: str | None = None, **facts: Any) -> str:
        """Sync a patient, by default with ``MOBILE``; return the PMS's id."""
        row: dict[str, Any] = {"first_name": "Ann", "last_name": "Smith", "mobile": MOBILE} | facts
        pms_id = pms_id or f"p{next(numbers)}"
        await sync_patients(self.pool, self.id, [PatientRow(pms_id, **row)])
        return pms_id

    async def recall(self, patient: str | None = None, **facts: Any) -> int:
        """Sync a skin check due today, for a new patient unless one is given; return its id."""
        patient = patient or await self.patient()
        pms_id = facts.pop("pms_id", None) or f"r{next(numbers)}"
        row: dict[str, Any] = {"reason": "Skin check", "due_date": self.today} | facts
        await sync_recalls(self.pool, self.id, [RecallRow(pms_id, patient, **row)])
        recall_id: int = await self.pool.fetchval(
            "select id from recalls where practice_id = $1 and pms_id = $2", self.id, pms_id
        )
        return recall_id

    async def many(self, count: int) -> None:
        """Sync ``count`` patients, each with a number of their own and a skin check."""
        people = [
            PatientRow(f"many {n}", "Ann", f"Many{n}", mobile=a_mobile()) for n in range(count)
        ]
        await sync_patients(self.pool, self.id, people)
        recalls = [
            RecallRow(f"many {n}", f"many {n}", reason="Skin check", due_date=self.today)
            for n in range(count)
        ]
        await sync_recalls(self.pool, self.id, recalls)

    async def category(self, **facts: Any) -> int:
        """Save an automated category for 'Skin check': two SMS and a letter; return its id."""
        draft: dict[str, Any] = {
            "category_id": None,
            "name": "Skin checks",
            "reasons": ["Skin check"],
            "urgencies": [],
            "sms_template": "Hi {firstName}, {reason}. {practiceName} {practicePhone}",
            "automated": True,
            "steps": ["SMS", "SMS", "LETTER"],
        } | facts
        row = await save_category(
            self.pool, self.id, CategoryDraft(**draft), actor=Actor("Manager")
        )
        return int(row["id"])

    async def see(self, recall_id: int) -> Row:
        """Return the recall as it is in the list."""
        [row] = await get_recalls(self.pool, self.id, [recall_id])
        return row

    async def state_and_tab(self, recall_id: int) -> tuple[str, str | None]:
        """Return the recall's state and tab."""
        row = await self.see(recall_id)
        return row["state"], row["tab"]

    async def attempts(self, recall_id: int) -> list[Row]:
        """Return the recall's attempts, oldest first."""
        return await attempts_of_recalls(self.pool, self.id, [recall_id])

    async def attempt_states(self, recall_id: int) -> list[str]:
        """Return the states of the recall's attempts, oldest first."""
        return [row["state"] for row in await self.attempts(recall_id)]

    async def run_state(self, run_id: int) -> str:
        """Return the run's state."""
        [run] = await get_runs(self.pool, self.id, [run_id])
        return str(run["state"])

    async def contact(self, recall_id: int, kind: str) -> None:
        """Record a call or a letter."""
        await record_contacts(
            self.pool, self.id, [recall_id], kind=kind, note=None, actor=Actor("Reception")
        )

    async def close(self, recall_id: int) -> None:
        """Mark the recall as needing no further action."""
        await mark_no_further_action(self.pool, self.id, [recall_id], actor=Actor("Dr Lee"))

    async def block(self, mobile: str = MOBILE) -> None:
        """List the number with 'Blocked Recalls' ticked."""
        await block_mobile(
            self.pool, self.id, mobile, blocked=True, note=None, actor=Actor("Reception")
        )

    async def unblock(self, mobile: str = MOBILE) -> None:
        """Untick 'Blocked Recalls'."""
        await set_blocked_recalls(
            self.pool, self.id, mobile, blocked=False, actor=Actor("Reception")
        )

    async def send(
        self,
        *recall_ids: int,
        proceed: bool = False,
        confirmed: Sequence[int] | None = None,
        key: str = "",
        hold: int = 0,
    ) -> SendOutcome:
        """Send by hand, with a new key unless one is given; hold it for ``hold`` seconds."""
        return await send_recalls(
            self.pool,
            self.id,
            recall_ids,
            proceed_without_consent=proceed,
            idempotency_key=key or f"key {next(self.keys)}",
            actor=Actor("Reception"),
            hold_seconds=hold,
            confirmed=confirmed,
        )

    async def stop(self, run_id: int) -> None:
        """Stop the run."""
        await stop_run(self.pool, self.id, run_id, actor=Actor("Reception"))

    async def automate(self, *category_ids: int, key: str = "") -> RunAccepted | NothingToSend:
        """Start an automated run and plan it to its end."""
        outcome = await start_automated_run(
            self.pool,
            self.id,
            list(category_ids) or None,
            idempotency_key=key or f"key {next(self.keys)}",
            actor=Actor("Reception"),
        )
        if isinstance(outcome, RunAccepted):
            await self.plan()
        return outcome

    async def plan(self) -> None:
        """Plan all runs that wait to be planned."""
        while await plan_next(self.pool):
            continue

    async def begin_scheduled_runs(self) -> list[int]:
        """Begin all practices' due runs; return the ids of those begun."""
        begun = [
            await begin_scheduled_run(self.pool, practice_id)
            for practice_id in await practices_due(self.pool)
        ]
        return [run_id for run_id in begun if run_id is not None]

    async def deliver(self, state: str = "SENT") -> list[str]:
        """Claim all that is ready and settle it as ``state``; return each message's number."""
        handed: list[str] = []
        while claim := await claim_messages(self.pool, lease=10):
            if not claim.messages:
                continue
            handed += [message.mobile for message in claim.messages]
            gateway_id = "SM1" if state == "SENT" else None
            settled = [Settlement(m.attempt_id, state, gateway_id) for m in claim.messages]
            await settle_messages(self.pool, claim, settled, retry_after=0)
        while await cancel_stopped(self.pool):
            continue
        return handed

    async def sweep(self) -> int:
        """Give up all practices' claims that are past their deadlines; return how many."""
        swept = 0
        while await sweep_claim(self.pool, grace=0):
            swept += 1
        return swept

    async def retry_now(self) -> None:
        """Make the chunks that wait for a retry ready at once."""
        await self.pool.execute(
            "update chunks set not_before = now(), "
            " look_at = case when look_at is not null then now() end"
            " where practice_id = $1",
            self.id,
        )

    async def holds_run_out(self) -> None:
        """Make held messages ready at once."""
        await self.pool.execute(
            """
            update chunks c set not_before = now() from runs r
            where r.practice_id = $1 and c.practice_id = r.practice_id and c.run_id = r.id
              and c.not_before = r.held_until
            """,
            self.id,
        )

    async def leases_run_out(self) -> None:
        """Move every claim's deadline at least a second into the past."""
        await self.pool.execute(
            """
            update chunks
            set claim_deadline = least(claim_deadline, clock_timestamp() - interval '1 second')
            where practice_id = $1 and state = 'CLAIMED'
            """,
            self.id,
        )

    async def days_pass(self, days: int) -> None:
        """Move everything that happened to recalls that many days further back."""
        # Claims are over by then: a block waits for as long as a lease lasts.
        await self.leases_run_out()
        await self.pool.execute(
            """
            with claimed as (
              update chunks set claim_deadline = claim_deadline - $2 * interval '1 day'
              where practice_id = $1
            )
            update contact_attempts set created_at = created_at - $2 * interval '1 day',
              handed_over_at = handed_over_at - $2 * interval '1 day'
            where practice_id = $1
            """,
            self.id,
            days,
        )


async def somebody_waits(pool: Pool) -> bool:
    """Return whether some statement in the database waits for a lock."""
    return bool(
        await pool.fetchval(
            "select exists (select from pg_stat_activity"
            " where datname = current_database() and wait_event_type = 'Lock')"
        )
    )


async def a_practice(pool: Pool, **facts: Any) -> Practice:
    """Create a practice in Sydney on Genie, with the category that ``Practice.category`` saves."""
    fields: dict[str, Any] = {
        "name": "Harbour Medical",
        "time_zone": SYDNEY,
        "phone_region": "AU",
        "pms_product": "GENIE",
        "phone": "02 5550 1234",
    } | facts
    practice = Practice(
        pool, await create_practice(pool, NewPractice(**fields)), fields["time_zone"]
    )
    await practice.category()
    return practice
