"""Test of sending as a whole: the product against a plain model, through random histories."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from functools import partial
from itertools import count
from typing import Any, TypeAlias, TypeVar

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

from db.delivery import Settlement, settle_messages
from db.sending import ConsentNeeded, NothingToSend, SendOutcome
from db.types import Row
from dev.servers.running import ServerUrls
from tests.support.practice import a_mobile
from tests.support.sending_facts import BECOMES, GONE, TAKES, Fault, Patient, Recall
from tests.support.sending_model import Answer, Model
from tests.support.sending_product import LEASE, LOOK, Product, Worker, World, a_world
from tests.support.tiers import length
from workers.clock import Deadline

Thing = TypeVar("Thing")
Change: TypeAlias = tuple[int, str, Any]
PICKS = st.integers(0, 11)
STATUSES = ["ACTIVE", "ACTIVE", "DECEASED", "INACTIVE"]
CHANGES = st.lists(
    st.one_of(
        st.tuples(PICKS, st.just("block"), st.sampled_from(["tick", "untick", "list"])),
        st.tuples(PICKS, st.just("days"), st.sampled_from([1, 3])),
        st.tuples(PICKS, st.just("number"), st.sampled_from([0, 1, 2, None])),
        st.tuples(PICKS, st.just("status"), st.sampled_from(STATUSES)),
        st.tuples(PICKS, st.just("consent"), st.booleans()),
        st.tuples(PICKS, st.just("completed"), st.booleans()),
        st.tuples(PICKS, st.just("later"), st.booleans()),
        st.tuples(PICKS, st.just("patient"), st.integers(0, 2)),
    ),
    max_size=2,
)
"""What changes meanwhile: which of the targets, which fact, and its new value."""


class Sending(RuleBasedStateMachine):
    """Does the same to a practice and to its model, and compares them after every step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.workers: list[Worker] = []
        self.lookers: list[Row] = []
        """Messages, as they were then, that a worker concluded were never taken before it froze."""
        self.keys = count()
        self.sent: list[tuple[list[Recall], bool, str, Answer]] = []
        self.stopped: dict[str, int] = {}
        """The blocked numbers, with how many messages the gateway had for each by then."""

    def do(self, work: Coroutine[Any, Any, Thing]) -> Thing:
        return self.world.runner.run(work)

    @initialize()
    def a_practice_with_a_run(self) -> None:
        self.numbers = [a_mobile() for _ in range(3)]
        first, second, _ = self.numbers
        # Two share a name, and so a text, on one number.
        self.patients = [Patient("Ann", first), Patient("Ann", first), Patient("Bob", second)]
        ann, other, bob = self.patients
        self.model = Model([Recall(ann), Recall(ann), Recall(other), Recall(bob)])
        self.do(self.world.clear())
        self.product = self.do(Product.of(self.world, self.patients, self.model.recalls))
        self.automate(changes=[])

    # What happens meanwhile, and what staff do

    def change(self, changes: list[Change]) -> None:
        for change in changes:
            self.change_one(*change)

    def change_one(self, which: int, fact: str, value: Any) -> None:
        if fact == "days":
            self.model.hours += 24 * value
            self.do(self.product.practice.days_pass(value))
            self.leases_are_over()
        elif fact == "block":
            self.block(pick(self.numbers, which), value)
        elif fact in {"completed", "later", "patient"}:
            recall = pick(self.model.recalls, which)
            if fact == "later":
                self.model.move(recall, later=value)
            else:
                setattr(recall, fact, self.patients[value] if fact == "patient" else value)
            self.do(self.product.sync_recall(recall))
        else:
            patient = pick(self.patients, which)
            is_number = fact == "number" and value is not None
            setattr(patient, fact, self.numbers[value] if is_number else value)
            self.do(self.product.sync_patient(patient))

    def block(self, number: str, action: str) -> None:
        if action == "untick":
            self.model.blocked[number] = False
            self.stopped.pop(number, None)
            self.do(self.product.practice.unblock(number))
            return
        blocked = action == "tick" or self.model.blocked.get(number, False)
        self.model.blocked[number] = blocked
        # The answer waits for live claims with the number, so end them.
        self.leases_run_out()
        entry = self.do(self.product.block(number, ticked=action == "tick"))
        assert entry["blocked_recalls"] == blocked
        if blocked:
            assert entry["already_handed_over"] == self.model.may_be_there(number)
            there = [message["to"] for message in self.do(self.world.messages())]
            self.stopped.setdefault(number, there.count(number))

    @precondition(lambda self: not all(map(self.model.in_progress, self.model.recalls)))
    @rule(
        changes=CHANGES,
        which=st.sets(st.integers(0, 3), min_size=1),
        proceed=st.booleans(),
        again=PICKS,
    )
    def send(self, changes: list[Change], which: set[int], proceed: bool, again: int) -> None:
        self.change(changes)
        recalls = [self.model.recalls[index] for index in sorted(which)]
        key = f"machine {next(self.keys)}"
        runs = len(self.model.runs)
        expected = self.model.send(recalls, proceed=proceed)
        self.send_with(recalls, proceed, key, expected)
        if len(self.model.runs) > runs:
            self.sent.append((recalls, proceed, key, expected))
        if self.sent:  # somebody clicks a second time, now or much later
            self.send_with(*pick(self.sent, again))

    def send_with(self, recalls: list[Recall], proceed: bool, key: str, expected: Answer) -> None:
        ids = [self.product.ids[recall] for recall in recalls]
        outcome = self.do(self.product.practice.send(*ids, proceed=proceed, key=key))
        assert _answer(outcome) == expected

    @precondition(lambda self: not any(map(self.model.in_progress, self.model.recalls)))
    @rule(changes=CHANGES)
    def automate(self, changes: list[Change]) -> None:
        self.change(changes)
        expected = self.model.automate()
        assert _answer(self.do(self.product.practice.automate())) == expected

    @precondition(lambda self: any(run.chunk != "DONE" for run in self.model.runs))
    @rule(changes=CHANGES, which=PICKS)
    def stop(self, changes: list[Change], which: int) -> None:
        self.change(changes)
        run = pick([run for run in self.model.runs if run.chunk != "DONE"], which)
        self.model.stop(run)
        self.do(self.product.stop(self.model.runs.index(run)))

    # What workers do

    @precondition(lambda self: any(run.chunk == "STOPPED" for run in self.model.runs))
    @rule(changes=CHANGES)
    def cancel_stopped(self, changes: list[Change]) -> None:
        self.change(changes)
        self.model.cancel_stopped()
        self.do(self.product.cancel_stopped())

    @rule(changes=CHANGES)
    def wait(self, changes: list[Change]) -> None:
        """Do nothing ourselves, whatever else happens; there may be nothing to do."""
        self.change(changes)

    @precondition(lambda self: self.model.ready())
    @rule(changes=CHANGES, fault=st.sampled_from(Fault))
    def deliver(self, changes: list[Change], fault: Fault) -> None:
        self.change(changes)
        self.model.deliver(fault)
        self.do(self.product.deliver(fault))

    @precondition(lambda self: self.model.ready())
    @rule(changes=CHANGES, faults=st.lists(st.sampled_from(Fault), max_size=3))
    def claim(self, changes: list[Change], faults: list[Fault]) -> None:
        """Claim some messages as a worker, and hand over the first of them."""
        self.change(changes)
        self.do(self.product.retry_now())
        deadline = Deadline(LEASE)
        claim = self.do(self.product.claim())
        run = self.model.claim()
        assert (claim is None) == (run is None)
        if claim and run:
            held = {message.id: message for message in run.sending()}
            assert {message.attempt_id for message in claim.messages} == set(held)
            left = [(held[message.attempt_id], message) for message in claim.messages]
            worker = Worker(claim, run, left, deadline)
            self.workers.append(worker)
            for fault in faults[: len(left)]:
                self.hand_over_next(worker, fault)

    @precondition(lambda self: any(worker.left for worker in self.workers))
    @rule(changes=CHANGES, which=PICKS, fault=st.sampled_from(Fault))
    def hand_over(self, changes: list[Change], which: int, fault: Fault) -> None:
        self.change(changes)
        self.hand_over_next(pick([w for w in self.workers if w.left], which), fault)

    def hand_over_next(self, worker: Worker, fault: Fault) -> None:
        """Hand over the next message of a claim; once its lease is over, nothing is written."""
        attempt, message = worker.left.pop(0)
        late = worker.deadline.is_over
        taken = self.model.take(attempt) if fault in TAKES and not late else None
        state = "QUEUED" if late else BECOMES[fault]
        settlement = self.do(self.product.hand_over(message, fault, deadline=worker.deadline))
        assert settlement.state == state
        worker.settlements.append(settlement)
        worker.outcomes.append((attempt, state, taken if state == "SENT" else None))

    @precondition(lambda self: self.workers)
    @rule(which=PICKS)
    def settle(self, which: int) -> None:
        """Settle what a worker knows, even if its claim was swept long ago."""
        worker = pick(self.workers, which)
        self.workers.remove(worker)
        if any(taken and self.model.is_mistaken(taken) for _, _, taken in worker.outcomes):
            return
        for attempt, _ in worker.left:
            worker.settlements.append(Settlement(attempt.id, "QUEUED"))
            worker.outcomes.append((attempt, "QUEUED", None))
        ours = self.do(
            settle_messages(
                self.world.workers, worker.claim, worker.settlements, retry_after=0, look_after=LOOK
            )
        )
        assert ours is not worker.swept
        for attempt, state, taken in worker.outcomes:
            if worker.swept:
                self.model.settle_late(attempt, state, taken)
            else:
                self.model.settle(worker.run, attempt, state, taken)

    def leases_run_out(self) -> None:
        self.do(self.product.practice.leases_run_out())
        self.leases_are_over()

    def leases_are_over(self) -> None:
        for worker in self.workers:
            worker.deadline = Deadline(0)

    @precondition(lambda self: any(not worker.swept for worker in self.workers))
    @rule(dies=st.booleans())
    def sweep(self, dies: bool) -> None:
        """Sweep the claims of workers that were killed, or that froze and come back one day."""
        self.leases_run_out()
        self.do(self.product.sweep())
        self.model.sweep()
        for worker in self.workers:
            worker.swept = True
        if dies:
            self.workers = []

    @precondition(lambda self: any(run.asked for run in self.model.runs))
    @rule(an_hour_later=st.booleans())
    def look_up(self, an_hour_later: bool) -> None:
        if an_hour_later:
            self.model.an_hour_passes()
            self.do(self.product.an_hour_passes())
        before = [row for row in self.do(self.product.rows()) if row["state"] == "UNKNOWN"]
        found = self.do(self.product.look_up())
        there = {taken.sid: taken for taken in self.model.taken}
        self.model.look_up(lambda message: there.get(found.get(message.id, "")))
        never_taken = {message.id for message in self.model.messages() if message.state == "QUEUED"}
        self.lookers += [row for row in before if row["id"] in never_taken]

    @precondition(lambda self: self.lookers)
    @rule(which=PICKS)
    def look_up_late(self, which: int) -> None:
        """Wake a worker that concluded the same from an earlier list, and record its conclusion."""
        late = pick(self.lookers, which)
        self.lookers.remove(late)
        self.do(self.product.conclude(late))
        [message] = [message for message in self.model.messages() if message.id == late["id"]]
        self.model.conclude_late(message)

    @precondition(lambda self: self.model.taken)
    @rule(which=PICKS, state=st.sampled_from(["SENT", "DELIVERED", "UNDELIVERED", "FAILED"]))
    def receipt(self, which: int, state: str) -> None:
        taken = pick(self.model.taken, which)
        if not self.model.is_mistaken(taken):
            self.model.receipt(taken, state)
            assert self.do(self.product.receipt(taken, state))

    # What must hold

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        rows = self.do(self.product.rows())
        for recall, recall_id in self.product.ids.items():
            found = [row for row in rows if recall_id in row["recalls"]]
            expected = [(attempt.state, attempt.why) for attempt in recall.attempts]
            assert [(row["state"], row["why"]) for row in found] == expected
            for attempt, row in zip(recall.attempts, found, strict=True):
                attempt.id = row["id"]
        assert self.do(self.product.shown()) == [*map(self.model.state, self.model.recalls)]
        runs = self.do(self.product.runs())
        assert [chunk for _, chunk in runs] == [run.chunk for run in self.model.runs]
        assert all((state == "FINISHED") == (chunk == "DONE") for state, chunk in runs)
        by_reference = {f"{self.product.practice.id}.{row['reference']}": row for row in rows}
        there = self.do(self.world.messages())
        assert self.model.gateway_has(
            (message["sid"], by_reference[message["reference"]]["id"]) for message in there
        )
        self.whatever_the_model_says(rows, there)

    def whatever_the_model_says(self, rows: list[Row], there: list[dict[str, Any]]) -> None:
        # Nothing went to a blocked number.
        numbers = Counter(message["to"] for message in there)
        assert {number: numbers[number] for number in self.stopped} == self.stopped
        # Nothing is there twice, and everything that we say is there is there.
        texts = Counter((message["to"], message["body"]) for message in there)
        known = [row for row in rows if row["gateway_id"]]
        may_be = [row for row in rows if row["gateway_id"] or row["state"] in GONE]
        assert _texts(known) <= texts <= _texts(may_be)
        # Nothing is there twice under one reference, except those that the list made another's.
        others = {(row["gateway_id"], f"{row['reference']}") for row in known}
        ids = {gateway_id for gateway_id, _ in others}
        ours = Counter(
            reference
            for message in there
            for reference in [message["reference"].rpartition(".")[2]]
            if message["sid"] not in ids or (message["sid"], reference) in others
        )
        assert set(ours.values()) <= {1}


def pick(choices: Sequence[Thing], which: int) -> Thing:
    return choices[which % len(choices)]


def _texts(rows: list[Row]) -> Counter[tuple[str, str]]:
    return Counter((row["mobile"], row["body"]) for row in rows)


def _answer(outcome: SendOutcome) -> Answer:
    """Return the outcome in the model's words."""
    match outcome:
        case ConsentNeeded(recall_ids, _, refusals):
            answer, number = "ASKED", len(recall_ids)
        case NothingToSend(refusals, number):
            answer = "NOTHING"
        case _:
            return "ACCEPTED", 0, Counter()
    return answer, number, Counter({refused.reason: refused.count for refused in refusals})


@pytest.mark.takes_long("goes through whole histories")
@pytest.mark.both
@pytest.mark.timeout(600)  # on failure, it looks for the shortest history that fails
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
                    max_examples=length(8, 70),
                    stateful_step_count=length(25, 50),
                    deadline=None,
                    print_blob=True,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
