"""The product's side of ``tests/db/test_sending_machine.py``: practice, gateway and workers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from core.identity import Actor
from db.attempts import record_receipt
from db.blocklist import Entry, block_mobile
from db.delivery import (
    Claim,
    ClaimedMessage,
    Settlement,
    cancel_stopped,
    claim_messages,
    sweep_claim,
    what_waits,
)
from db.pool import open_owner_pool, open_pool
from db.recalls import get_recalls
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls
from db.types import Pool, Row
from db.unknown_messages import UnknownMessage, UnknownMessages
from dev.servers.running import as_application
from tests.support.practice import Practice, a_practice
from tests.support.sending_facts import Attempt, Fault, Patient, Recall, Run, Taken
from tests.support.simulated import get, simulator
from tests.support.unknown_messages import listed
from workers.clock import Deadline, Watched
from workers.delivery import Delivery
from workers.gateway.protocol import Accepted, Message, NotTaken, Outcome, Refused
from workers.gateway.twilio import TwilioGateway
from workers.limiter import Limiter
from workers.unknown_messages import LookUp

LEASE = 10.0
LOOK = 30.0
CONCLUSIVE = 600.0


@dataclass
class World:
    """Shared by all histories: the database, the gateway and the runner of their coroutines."""

    runner: asyncio.Runner
    pool: Pool
    workers: Pool
    simulator: aiohttp.ClientSession
    gateway: TwilioGateway
    valkey_url: str
    senders: int = 0

    async def misbehave(self, fault: Fault) -> None:
        shares = {other.value: float(other is fault) for other in Fault if other is not Fault.NONE}
        async with self.simulator.put("/settings", json=shares, raise_for_status=True):
            return

    async def messages(self) -> list[dict[str, Any]]:
        """Return the gateway's messages."""
        found: list[dict[str, Any]] = await get(self.simulator, "/messages")
        return found

    async def drain(self, *, once: bool) -> None:
        """Deliver as a worker that knows of no earlier pause; with ``once``, only one claim."""
        self.senders += 1
        limiter = Limiter(self.valkey_url, f"machine {self.senders}", rate=None)
        delivery = Delivery(
            self.workers, self.gateway, limiter, concurrency=8, lease=LEASE, look_after=LOOK
        )
        try:
            await delivery.drain(lambda: not once)
        finally:
            await limiter.close()

    async def clear(self) -> None:
        """Leave no messages and nothing to claim, because a claim takes from any practice."""
        await self.simulator.delete("/messages")
        await self.pool.execute(
            "update chunks set state = 'DONE', claim_token = null, claim_deadline = null,"
            " look_at = null"
            " where state <> 'DONE'"
        )


@asynccontextmanager
async def a_world(
    runner: asyncio.Runner, database_url: str, valkey_url: str
) -> AsyncIterator[World]:
    pool = await open_owner_pool(database_url, name="machine")
    workers = await open_pool(as_application(database_url), name="machine workers")
    # The machine sends the receipts; the simulator's own would come hours too late.
    async with pool, workers, simulator(retry_after=0, receipt_delay_ms=3_600_000) as client:
        gateway = TwilioGateway(
            str(client._base_url),
            "AC1",
            "token",
            sender="+61400000000",
            receipts_url="http://127.0.0.1:9/receipts/twilio",
        )
        yield World(runner, pool, workers, client, gateway, valkey_url)
        await gateway.close()


@dataclass
class Worker:
    """One of the machine's own workers, with a claim in hand."""

    claim: Claim
    run: Run
    left: list[tuple[Attempt, ClaimedMessage]]
    deadline: Deadline
    swept: bool = False
    outcomes: list[tuple[Attempt, str, Taken | None]] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)


@dataclass
class Product:
    """A history's practice in the product, with the model's patients and recalls."""

    world: World
    practice: Practice
    patients: Sequence[Patient]
    ids: dict[Recall, int]

    @classmethod
    async def of(
        cls, world: World, patients: Sequence[Patient], recalls: Sequence[Recall]
    ) -> "Product":
        # A time zone where it's about noon, so that passing hours stay in one day, and where the
        # clocks never change, so that passing days are equally long.
        practice = await a_practice(
            world.pool, time_zone=f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
        )
        product = cls(world, practice, patients, {})
        for patient in patients:
            await product.sync_patient(patient)
        for recall in recalls:
            product.ids[recall] = 0
            await product.sync_recall(recall)
        rows = await world.pool.fetch(
            "select id from recalls where practice_id = $1 order by pms_id", practice.id
        )
        product.ids = {recall: row["id"] for recall, row in zip(recalls, rows, strict=True)}
        return product

    async def sync_patient(self, patient: Patient) -> None:
        row = PatientRow(
            f"p{self.patients.index(patient)}",
            patient.name,
            "Smith",
            mobile=patient.number,
            sms_consent=patient.consent,
            status=patient.status,
        )
        await sync_patients(self.world.pool, self.practice.id, [row])

    async def sync_recall(self, recall: Recall) -> None:
        row = RecallRow(
            f"r{list(self.ids).index(recall)}",
            f"p{self.patients.index(recall.patient)}",
            "Skin check",
            self.practice.due(60 if recall.later else 0),
            completed=recall.completed,
        )
        await sync_recalls(self.world.pool, self.practice.id, [row])

    async def block(self, number: str, *, ticked: bool) -> Entry:
        return await block_mobile(
            self.world.pool, self.practice.id, number, blocked=ticked, note=None, actor=Actor("Lee")
        )

    async def deliver(self, fault: Fault) -> None:
        """Deliver all ready messages to a gateway with this fault."""
        await self.retry_now()
        await self.world.misbehave(fault)
        await self.cancel_stopped()
        while (await what_waits(self.world.workers)).ready:
            await self.world.drain(once=fault is Fault.UNAVAILABLE)
        await self.cancel_stopped()

    async def claim(self) -> Claim | None:
        """Claim the next messages; return None if nothing is left to send."""
        while claim := await claim_messages(self.world.workers, LEASE, look_after=LOOK):
            if claim.messages:
                return claim
        return None

    async def cancel_stopped(self) -> None:
        while await cancel_stopped(self.world.workers, look_after=LOOK):
            continue

    async def hand_over(
        self, message: ClaimedMessage, fault: Fault, *, deadline: Deadline
    ) -> Settlement:
        await self.world.misbehave(fault)
        reference = f"{self.practice.id}.{message.reference}"
        outcome = await self.world.gateway.send(
            Message(reference, message.mobile, message.body), deadline=deadline
        )
        return _settlement(message.attempt_id, outcome)

    async def retry_now(self) -> None:
        """Make waiting chunks ready, in the order of their runs."""
        await self.world.pool.execute(
            """
            update chunks
            set not_before = now() - interval '1 hour' + run_id * interval '1 ms',
                look_at = case when look_at is not null
                               then now() - interval '1 hour' + run_id * interval '1 ms' end
            where practice_id = $1
            """,
            self.practice.id,
        )

    async def sweep(self) -> None:
        while await sweep_claim(self.world.workers, grace=0, look_after=LOOK):
            continue

    async def an_hour_passes(self) -> None:
        """Make UNKNOWN messages an hour older."""
        await self.world.pool.execute(
            "update contact_attempts set handed_over_at = handed_over_at - interval '1 hour'"
            " where practice_id = $1 and state = 'UNKNOWN'",
            self.practice.id,
        )

    async def look_up(self) -> dict[int, str]:
        """Look up UNKNOWN messages; return, by attempt, the gateway's ids known so far."""
        await self.retry_now()
        look_up = LookUp(
            self.world.workers,
            self.world.gateway,
            conclusive_after=CONCLUSIVE,
            look_again=LOOK,
            clock=Watched(),
        )
        await look_up.next()
        return {row["id"]: row["gateway_id"] for row in await self.rows() if row["gateway_id"]}

    async def conclude(self, row: Row) -> None:
        """Record that the message, as handed over by ``row``, was never taken."""
        await listed(
            self.world.pool,
            UnknownMessages(
                self.practice.id,
                row["run_id"],
                row["position"],
                row["now"],
                messages=[
                    UnknownMessage(row["id"], row["handed_over_at"], row["mobile"], row["body"])
                ],
            ),
            row["mobile"],
            [Settlement(row["id"], "QUEUED")],
            look_again=LOOK,
        )

    async def receipt(self, taken: Taken, state: str) -> bool:
        [row] = [row for row in await self.rows() if row["id"] == taken.attempt.id]
        return await record_receipt(
            self.world.pool,
            self.practice.id,
            row["reference"],
            state=state,
            gateway_id=taken.sid,
            failure=None,
        )

    async def rows(self) -> list[Row]:
        """Return the attempts, oldest first."""
        return list(
            await self.world.pool.fetch(
                """
                select a.id, a.state, coalesce(a.refusal_reason, a.cancellation) as why,
                       a.run_id, a.position, a.reference, a.gateway_id, a.mobile, a.body,
                       a.handed_over_at, clock_timestamp() as now,
                       array(select recall_id from attempt_recalls ar
                             where ar.practice_id = $1 and ar.attempt_id = a.id) as recalls
                from contact_attempts a where a.practice_id = $1 order by a.created_at, a.id
                """,
                self.practice.id,
            )
        )

    async def shown(self) -> list[str]:
        """Return the recalls' states as the list shows them."""
        rows = await get_recalls(self.world.pool, self.practice.id, list(self.ids.values()))
        states = {row["id"]: row["state"] for row in rows}
        return [states[recall_id] for recall_id in self.ids.values()]

    async def stop(self, place: int) -> None:
        """Stop the run begun ``place`` runs after the first."""
        ids = await self.world.pool.fetch(
            "select id from runs where practice_id = $1 order by id", self.practice.id
        )
        await self.practice.stop(ids[place]["id"])

    async def runs(self) -> list[tuple[str, str]]:
        """Return each run's state and that of its only chunk, oldest run first."""
        return [
            (row["state"], row["chunk"])
            for row in await self.world.pool.fetch(
                "select r.state, coalesce(c.state, 'DONE') as chunk from runs r"
                " left join chunks c on c.practice_id = r.practice_id and c.run_id = r.id"
                " where r.practice_id = $1 order by r.id",
                self.practice.id,
            )
        ]


def _settlement(attempt_id: int, outcome: Outcome) -> Settlement:
    match outcome:
        case Accepted(gateway_id):
            return Settlement(attempt_id, "SENT", gateway_id)
        case Refused(code):
            return Settlement(attempt_id, "FAILED", failure=code)
        case NotTaken():
            return Settlement(attempt_id, "QUEUED")
        case _:
            return Settlement(attempt_id, "UNKNOWN")
