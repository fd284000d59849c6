"""Test of sending as a whole: the product against a plain model of it, through random histories."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import aiohttp
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.demo.servers import ServerUrls
from db.attempts import record_receipt
from db.blocklist import block_mobile
from db.delivery import (
    Claim,
    ClaimedMessage,
    Settlement,
    chunks_ready,
    claim_messages,
    settle_messages,
    sweep_claims,
)
from db.intake import PatientRow, RecallRow, sync_patients, sync_recalls
from db.pool import open_pool
from db.recalls import get_recalls
from db.rows import Pool, Row
from db.sending import ConsentNeeded, NothingToSend, SendOutcome
from tests.practice import a_mobile, a_practice
from tests.sending_model import (
    BECOMES,
    GONE,
    TAKES,
    Answer,
    Attempt,
    Fault,
    Model,
    Patient,
    Recall,
    Run,
    Taken,
)
from tests.simulated import get, simulator
from workers.delivery import Delivery
from workers.gateway.protocol import Accepted, Message, NotTaken, Outcome, Refused
from workers.gateway.twilio import TwilioGateway
from workers.limiter import Limiter
from workers.lookups import look_up_next

LEASE = 10.0
LOOK = 30.0
CONCLUSIVE = 600.0
Result = TypeVar("Result")
Change: TypeAlias = tuple[int, tuple[str, Any]]
PICKS = st.integers(0, 11)
PATIENT_FACTS = {
    "number": (0, 1, 2, None),
    "status": ("ACTIVE", "DECEASED", "ACTIVE", "INACTIVE"),
    "consent": (True, False),
}
RECALL_FACTS = {"completed": (True, False), "later": (True, False), "patient": (0, 1, 2)}
CHANGES = st.lists(
    st.tuples(
        PICKS,
        st.sampled_from(
            [
                (name, value)
                for name, values in (PATIENT_FACTS | RECALL_FACTS).items()
                for value in values
            ]
        ),
    ),
    max_size=2,
)
"""What the practice software says meanwhile: whose, which fact, its value."""


@dataclass
class World:
    """What all histories share: the database, the gateway, and who runs their coroutines."""

    runner: asyncio.Runner
    pool: Pool
    simulator: aiohttp.ClientSession
    gateway: TwilioGateway
    valkey_url: str
    senders: int = 0

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def misbehave(self, fault: Fault) -> None:
        shares = {other.value: float(other is fault) for other in Fault if other is not Fault.NONE}
        async with self.simulator.put("/settings", json=shares, raise_for_status=True):
            return

    async def drain(self, *, once: bool) -> None:
        """Deliver as a worker that knows of no earlier pause; ``once``: one claim."""
        self.senders += 1
        limiter = Limiter(self.valkey_url, f"machine {self.senders}", rate=None)
        delivery = Delivery(
            self.pool, self.gateway, limiter, concurrency=8, lease=LEASE, look_after=LOOK
        )
        try:
            await delivery.drain(lambda: not once)
        finally:
            await limiter.close()


@dataclass
class Worker:
    """A worker of the machine's own, with a claim in hand."""

    claim: Claim
    run: Run
    left: list[tuple[Attempt, ClaimedMessage]]
    deadline: float
    swept: bool = False
    outcomes: list[tuple[Attempt, str, Taken | None]] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)


class Sending(RuleBasedStateMachine):
    """Does the same to a practice and to the model of it, and compares them after every step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.workers: list[Worker] = []
        self.keys = count()
        self.sent: list[tuple[list[Recall], bool, str, Answer]] = []
        self.stopped: dict[str, int] = {}
        """The blocked numbers, each with how many messages the gateway had had for it by then."""

    # Given

    @initialize()
    def a_practice_with_a_run(self) -> None:
        self.numbers = [a_mobile() for _ in range(3)]
        first, second, _ = self.numbers
        # Two of one name, and so with one text, on one number.
        self.patients = [Patient("Ann", first), Patient("Ann", first), Patient("Bob", second)]
        ann, other, bob = self.patients
        self.model = Model([Recall(ann), Recall(ann), Recall(other), Recall(bob)])
        self.world.run(self._given())
        self.run()

    async def _given(self) -> None:
        await self.world.simulator.delete("/messages")
        self.practice = await a_practice(self.world.pool, time_zone="Australia/Brisbane")
        for patient in self.patients:
            await self._sync(patient)
        self.ids = {recall: await self._sync_recall(recall) for recall in self.model.recalls}

    def teardown(self) -> None:
        if hasattr(self, "practice"):
            # A claim takes from all practices.
            self.world.run(
                self.world.pool.execute(
                    "update chunks set state = 'DONE', claim_token = null, claim_deadline = null"
                    " where state <> 'DONE'"
                )
            )

    async def _sync(self, patient: Patient) -> None:
        row = PatientRow(
            f"p{self.patients.index(patient)}",
            patient.name,
            "Smith",
            mobile=patient.number,
            sms_consent=patient.consent,
            status=patient.status,
        )
        await sync_patients(self.world.pool, self.practice.id, [row])

    async def _sync_recall(self, recall: Recall) -> int:
        row = RecallRow(
            f"r{self.model.recalls.index(recall)}",
            f"p{self.patients.index(recall.patient)}",
            "Skin check",
            self.practice.due(60 if recall.later else 0),
            completed=recall.completed,
        )
        await sync_recalls(self.world.pool, self.practice.id, [row])
        return int(
            await self.world.pool.fetchval(
                "select id from recalls where practice_id = $1 and pms_id = $2",
                self.practice.id,
                row.pms_id,
            )
        )

    # What the practice software says

    def _change(self, which: int, name: str, value: Any) -> None:
        if name in RECALL_FACTS:
            recall = pick(self.model.recalls, which)
            setattr(recall, name, self.patients[value] if name == "patient" else value)
            self.world.run(self._sync_recall(recall))
        else:
            patient = pick(self.patients, which)
            is_number = name == "number" and value is not None
            setattr(patient, name, self.numbers[value] if is_number else value)
            self.world.run(self._sync(patient))

    # What staff do

    @precondition(lambda self: any(run.chunk != "DONE" for run in self.model.runs))
    @rule(which=st.integers(0, 2), action=st.sampled_from(["tick", "untick", "list"]))
    def block(self, which: int, action: str) -> None:
        number = self.numbers[which]
        if action == "untick":
            self.model.blocked[number] = False
            self.stopped.pop(number, None)
            self.world.run(self.practice.unblock(number))
            return
        blocked = action == "tick" or self.model.blocked.get(number, False)
        self.model.blocked[number] = blocked
        entry = self.world.run(self._block(number, ticked=action == "tick"))
        assert entry["blocked_recalls"] == blocked
        if blocked:
            assert entry["already_handed_over"] == self.model.may_be_there(number)
            self.stopped.setdefault(number, self.world.run(self._gateway_has())[number])

    async def _block(self, number: str, *, ticked: bool) -> Row:
        # The answer waits for live claims with the number: let it be the end of them.
        await self._leases_run_out()
        return await block_mobile(
            self.world.pool, self.practice.id, number, blocked=ticked, note=None, actor="Lee"
        )

    @precondition(lambda self: not all(self.model.under_way(recall) for recall in self.ids))
    @rule(which=st.sets(st.integers(0, 3), min_size=1), proceed=st.booleans(), again=PICKS)
    def send(self, which: set[int], proceed: bool, again: int) -> None:
        recalls = [self.model.recalls[index] for index in sorted(which)]
        key = f"machine {next(self.keys)}"
        runs = len(self.model.runs)
        expected = self.model.send(recalls, proceed=proceed)
        self._send(recalls, proceed, key, expected)
        if len(self.model.runs) > runs:
            self.sent.append((recalls, proceed, key, expected))
        if self.sent:  # somebody clicks a second time, now or much later
            self._send(*pick(self.sent, again))

    def _send(self, recalls: list[Recall], proceed: bool, key: str, expected: Answer) -> None:
        outcome = self.world.run(
            self.practice.send(*(self.ids[r] for r in recalls), proceed=proceed, key=key)
        )
        assert _answer(outcome) == expected

    # What happens by itself

    @precondition(lambda self: any(self.model.state(r) == "TO_ACTION" for r in self.ids))
    @rule()
    def run(self) -> None:
        expected = self.model.automate()
        assert _answer(self.world.run(self.practice.automate())) == expected

    @precondition(lambda self: self.model.ready())
    @rule(fault=st.sampled_from(Fault), changes=CHANGES)
    def deliver(self, fault: Fault, changes: list[Change]) -> None:
        for which, fact in changes:
            self._change(which, *fact)
        self.model.deliver(fault)
        self.world.run(self._deliver(fault))

    async def _deliver(self, fault: Fault) -> None:
        await self._retry_now()
        await self.world.misbehave(fault)
        while await chunks_ready(self.world.pool):
            await self.world.drain(once=fault is Fault.UNAVAILABLE)

    @precondition(lambda self: self.model.ready())
    @rule(faults=st.lists(st.sampled_from(Fault), max_size=3), changes=CHANGES)
    def claim(self, faults: list[Fault], changes: list[Change]) -> None:
        """A worker claims some and hands the first of them over."""
        for which, fact in changes:
            self._change(which, *fact)
        self.world.run(self._retry_now())
        deadline = time.monotonic() + LEASE
        claim = self.world.run(claim_messages(self.world.pool, LEASE, look_after=LOOK))
        run = self.model.claim()
        assert (claim is None) == (run is None)
        if claim and run:
            held = {message.id: message for message in run.messages if message.state == "SENDING"}
            assert {message.attempt_id for message in claim.messages} == set(held)
            left = [(held[message.attempt_id], message) for message in claim.messages]
            worker = Worker(claim, run, left, deadline)
            self.workers.append(worker)
            for fault in faults[: len(left)]:
                self._hand_over(worker, fault)

    @precondition(lambda self: any(worker.left for worker in self.workers))
    @rule(which=PICKS, fault=st.sampled_from(Fault))
    def hand_over(self, which: int, fault: Fault) -> None:
        self._hand_over(pick([w for w in self.workers if w.left], which), fault)

    def _hand_over(self, worker: Worker, fault: Fault) -> None:
        """Hand the next message of a claim over; where its lease is over, nothing is written."""
        attempt, message = worker.left.pop(0)
        late = time.monotonic() >= worker.deadline
        taken = self.model.take(attempt) if fault in TAKES and not late else None
        reference = f"{self.practice.id}.{message.reference}"
        self.world.run(self.world.misbehave(fault))
        outcome = self.world.run(
            self.world.gateway.send(
                Message(reference, message.mobile, message.body), deadline=worker.deadline
            )
        )
        settlement = _settlement(attempt.id, outcome)
        state = "QUEUED" if late else BECOMES[fault]
        assert settlement.state == state
        worker.settlements.append(settlement)
        worker.outcomes.append((attempt, state, taken if state == "SENT" else None))

    @precondition(lambda self: self.workers)
    @rule(which=PICKS)
    def settle(self, which: int) -> None:
        """A worker writes down what it knows, be it that its claim was swept long since."""
        worker = pick(self.workers, which)
        self.workers.remove(worker)
        if any(taken and self.model.is_mistaken(taken) for _, _, taken in worker.outcomes):
            return
        for attempt, _ in worker.left:
            worker.settlements.append(Settlement(attempt.id, "QUEUED"))
            worker.outcomes.append((attempt, "QUEUED", None))
        ours = self.world.run(
            settle_messages(
                self.world.pool, worker.claim, worker.settlements, retry_after=0, look_after=LOOK
            )
        )
        assert ours is not worker.swept
        for attempt, state, taken in worker.outcomes:
            if worker.swept:
                self.model.settle_late(attempt, state, taken)
            else:
                self.model.settle(worker.run, attempt, state, taken)

    @precondition(lambda self: any(not worker.swept for worker in self.workers))
    @rule(dies=st.booleans())
    def sweep(self, dies: bool) -> None:
        """The workers were killed, or froze and come back one day."""
        self.world.run(self._leases_run_out())
        self.world.run(sweep_claims(self.world.pool, grace=0, look_after=LOOK))
        self.model.sweep()
        for worker in self.workers:
            worker.swept = True
        if dies:
            self.workers = []

    @precondition(lambda self: any(run.chunk == "UNSURE" for run in self.model.runs))
    @rule(an_hour_later=st.booleans())
    def look_up(self, an_hour_later: bool) -> None:
        if an_hour_later:
            for attempt in self._attempts():
                if attempt.state == "UNKNOWN" and attempt.handed_over is not None:
                    attempt.handed_over -= 1
        found = self.world.run(self._look_up(an_hour_later))
        by_sid = {taken.sid: taken for taken in self.model.taken}
        self.model.look_up(lambda attempt: by_sid.get(found.get(attempt.id, "")))

    async def _look_up(self, an_hour_later: bool) -> dict[int, str]:
        """Look up, and give the gateway's id of each message that has one."""
        if an_hour_later:
            await self.world.pool.execute(
                "update contact_attempts set handed_over_at = handed_over_at - interval '1 hour'"
                " where practice_id = $1 and state = 'UNKNOWN'",
                self.practice.id,
            )
        await self._retry_now()
        await look_up_next(
            self.world.pool, self.world.gateway, conclusive_after=CONCLUSIVE, look_again=LOOK
        )
        rows = await self._rows()
        return {row["id"]: row["gateway_id"] for row in rows if row["gateway_id"]}

    @precondition(lambda self: self.model.taken)
    @rule(which=PICKS, state=st.sampled_from(["SENT", "DELIVERED", "UNDELIVERED", "FAILED"]))
    def receipt(self, which: int, state: str) -> None:
        taken = pick(self.model.taken, which)
        if not self.model.is_mistaken(taken):
            self.model.receipt(taken, state)
            self.world.run(self._receipt(taken, state))

    async def _receipt(self, taken: Taken, state: str) -> None:
        reference: UUID = await self.world.pool.fetchval(
            "select reference from contact_attempts where practice_id = $1 and id = $2",
            self.practice.id,
            taken.attempt.id,
        )
        assert await record_receipt(
            self.world.pool,
            self.practice.id,
            reference,
            state=state,
            gateway_id=taken.sid,
            failure=None,
        )

    @precondition(lambda self: not self.model.ready())
    @rule(days=st.sampled_from([1, 3]))
    def days_pass(self, days: int) -> None:
        self.model.hours += 24 * days
        self.world.run(self.practice.days_pass(days))

    async def _retry_now(self) -> None:
        """Make what waits ready, in the order of the runs."""
        await self.world.pool.execute(
            "update chunks set not_before = now() - interval '1 hour' + run_id * interval '1 ms'"
            " where practice_id = $1",
            self.practice.id,
        )

    async def _leases_run_out(self) -> None:
        await self.practice.leases_run_out()
        for worker in self.workers:
            worker.deadline = time.monotonic()

    # Then

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        self.world.run(self._compare())

    async def _compare(self) -> None:
        rows = await self._rows()
        for recall, recall_id in self.ids.items():
            found = [row for row in rows if recall_id in row["recalls"]]
            assert [(row["state"], row["why"]) for row in found] == [
                (attempt.state, attempt.why) for attempt in recall.attempts
            ]
            for attempt, row in zip(recall.attempts, found, strict=True):
                attempt.id = row["id"]
        shown = await get_recalls(self.world.pool, self.practice.id, list(self.ids.values()))
        assert {row["id"]: row["state"] for row in shown} == {
            recall_id: self.model.state(recall) for recall, recall_id in self.ids.items()
        }
        chunks = await self.world.pool.fetch(
            "select r.state, coalesce(c.state, 'DONE') as chunk from runs r"
            " left join chunks c on c.practice_id = r.practice_id and c.run_id = r.id"
            " where r.practice_id = $1 order by r.id",
            self.practice.id,
        )
        assert [row["chunk"] for row in chunks] == [run.chunk for run in self.model.runs]
        assert all((row["state"] == "FINISHED") == (row["chunk"] == "DONE") for row in chunks)
        await self._compare_gateway(rows)

    async def _compare_gateway(self, rows: list[Row]) -> None:
        there = await get(self.world.simulator, "/messages")
        has = Counter(message["to"] for message in there)
        assert has == Counter(taken.number for taken in self.model.taken)
        seen = {taken.sid for taken in self.model.taken}
        by_reference = {f"{self.practice.id}.{row['reference']}": row for row in rows}
        for message in there:
            if message["sid"] not in seen:
                attempt_id = by_reference[message["reference"]]["id"]
                [new] = [t for t in self.model.taken if not t.sid and t.attempt.id == attempt_id]
                new.sid = message["sid"]
        # And whatever the model says:
        assert {number: has[number] for number in self.stopped} == self.stopped
        texts = Counter((message["to"], message["body"]) for message in there)
        known = [row for row in rows if row["gateway_id"]]
        may = [row for row in rows if row["state"] in GONE or row["gateway_id"]]
        assert _texts(known) <= texts <= _texts(may)
        credited = {row["gateway_id"]: row["id"] for row in known}
        mine = Counter(
            message["reference"]
            for message in there
            if credited.get(message["sid"]) in (None, by_reference[message["reference"]]["id"])
        )
        assert all(count == 1 for count in mine.values())

    async def _rows(self) -> list[Row]:
        return list(
            await self.world.pool.fetch(
                """
                select a.id, a.state, coalesce(a.refusal_reason, a.cancellation) as why,
                       a.reference, a.gateway_id, a.mobile, a.body,
                       array(select recall_id from attempt_recalls ar
                             where ar.practice_id = $1 and ar.attempt_id = a.id) as recalls
                from contact_attempts a where a.practice_id = $1 order by a.created_at, a.id
                """,
                self.practice.id,
            )
        )

    async def _gateway_has(self) -> Counter[str]:
        return Counter(message["to"] for message in await get(self.world.simulator, "/messages"))

    def _attempts(self) -> set[Attempt]:
        return {attempt for recall in self.model.recalls for attempt in recall.attempts}


def pick(choices: Sequence[Result], which: int) -> Result:
    return choices[which % len(choices)]


def _answer(outcome: SendOutcome) -> Answer:
    """Give the outcome in the model's words."""
    match outcome:
        case ConsentNeeded(recall_ids, _, refusals):
            answer, number = "ASKED", len(recall_ids)
        case NothingToSend(refusals, number):
            answer = "NOTHING"
        case _:
            return "ACCEPTED", 0, Counter()
    return answer, number, Counter({refused.reason: refused.count for refused in refusals})


def _texts(rows: list[Row]) -> Counter[tuple[str, str]]:
    return Counter((row["mobile"], row["body"]) for row in rows)


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


@asynccontextmanager
async def a_world(
    runner: asyncio.Runner, database_url: str, valkey_url: str
) -> AsyncIterator[World]:
    pool = await open_pool(database_url, name="machine")
    # Receipts are the machine's to give; the simulator's own come hours too late.
    async with pool, simulator(retry_after=0, receipt_delay_ms=3_600_000) as client:
        gateway = TwilioGateway(
            str(client._base_url),
            "AC1",
            "token",
            sender="+61400000000",
            receipts_url="http://127.0.0.1:9/receipts/twilio",
        )
        yield World(runner, pool, client, gateway, valkey_url)
        await gateway.close()


@pytest.mark.timeout(400)  # where it fails, it looks for the shortest history that does
def test_every_history_of_sending_ends_as_the_model_says(
    servers: ServerUrls, database_url: str
) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        opened = a_world(runner, database_url, servers.valkey_url)
        world = runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(
                partial(Sending, world),  # type: ignore[arg-type]
                settings=settings(
                    max_examples=100,
                    stateful_step_count=50,
                    deadline=None,
                    print_blob=True,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
