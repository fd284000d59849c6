"""What should become of recalls and their messages: docs/recalls.md and docs/sending.md in Python.

Lists instead of SQL. The machine in ``tests/db/test_sending_machine.py`` does the same things to
this model and to the product, and compares the two after every step.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeAlias

from tests.support.sending_facts import (
    BECOMES,
    CONTACTS,
    DAY,
    GONE,
    REPEAT_DAYS,
    STEPS,
    TAKES,
    Attempt,
    Fault,
    Patient,
    Recall,
    Run,
    Taken,
)

Find: TypeAlias = Callable[[Attempt], Taken | None]
Answer: TypeAlias = tuple[str, int, Counter[str]]
"""A send's outcome (ACCEPTED, NOTHING, ASKED), how many were skipped or asked about, refusals."""


class Model:
    """A practice: its recalls, its blocklist, its runs, and the messages that the gateway took."""

    def __init__(self, recalls: Sequence[Recall]) -> None:
        self.recalls = recalls
        self.hours = 0
        self.blocked: dict[str, bool] = {}
        self.runs: list[Run] = []
        self.taken: list[Taken] = []

    def messages(self) -> set[Attempt]:
        return {attempt for recall in self.recalls for attempt in recall.attempts}

    # Recall status

    def reason(self, patient: Patient) -> str | None:
        if patient.status != "ACTIVE":
            return f"PATIENT_{patient.status}"
        if patient.number is None:
            return "MOBILE_MISSING"
        if self.blocked.get(patient.number):
            return "BLOCKED_COMMUNICATION"
        return None if patient.consent else "PMS_CONSENT_WITHHELD"

    def refusal(self, patient: Patient) -> str | None:
        """Return the reason if it can't be overridden, else None."""
        reason = self.reason(patient)
        return None if reason == "PMS_CONSENT_WITHHELD" else reason

    def _rests(self, recall: Recall) -> Attempt | None:
        """Return the last contact if the wait after it isn't over, else None."""
        contacts = [a for a in recall.attempts if a.state in CONTACTS]
        last = max(reversed(contacts), key=self._contacted, default=None)
        if last is None or (self.hours - self._contacted(last)) // DAY >= REPEAT_DAYS:
            return None
        return last

    def _contacted(self, attempt: Attempt) -> int:
        """Return the hour when it was handed over; until then, when it was planned."""
        return attempt.handed_over if attempt.state in GONE else attempt.created

    def state(self, recall: Recall) -> str:
        if recall.completed:
            return "COMPLETED"
        waits = recall.later or self._is_on_its_way(recall) or self._rests(recall)
        return "WAITING" if waits else "TO_ACTION"

    def in_progress(self, recall: Recall) -> bool:
        last = self._rests(recall)
        return self._is_on_its_way(recall) or (last is not None and last.state == "UNKNOWN")

    def _is_on_its_way(self, recall: Recall) -> bool:
        return any(a.state in {"QUEUED", "SENDING"} for a in recall.attempts)

    def _steps_taken(self, recall: Recall) -> int:
        now = (a for a in recall.attempts if a.rounds[recall] == recall.round)
        return max((a.steps.get(recall, 0) for a in now), default=0)

    def move(self, recall: Recall, *, later: bool) -> None:
        """Move the recall's date: so late that a new round begins, or back."""
        recall.round += later and not recall.later
        recall.later = later

    # Runs

    def send(self, wanted: Collection[Recall], *, proceed: bool) -> Answer:
        sendable = [r for r in wanted if not r.completed and not self.in_progress(r)]
        skipped = len(wanted) - len(sendable)
        ask = [r for r in sendable if self.reason(r.patient) and not self.refusal(r.patient)]
        if ask and not proceed:
            return "ASKED", len(ask), self._refusals(sendable)
        if not sendable:
            return "NOTHING", skipped, Counter()
        return self._plan(sendable, skipped, automated=False)

    def automate(self) -> Answer:
        due = [
            recall
            for recall in self.recalls
            if self.state(recall) == "TO_ACTION"
            and not self.in_progress(recall)
            and STEPS[self._steps_taken(recall) :][:1] == ("SMS",)
        ]
        return self._plan(due, 0, automated=True) if due else ("NOTHING", 0, Counter())

    def _refusals(self, recalls: Iterable[Recall]) -> Counter[str]:
        return Counter(why for r in recalls if (why := self.refusal(r.patient)))

    def _plan(self, recalls: list[Recall], skipped: int, *, automated: bool) -> Answer:
        messages: dict[Patient, list[Recall]] = {}
        for recall in recalls:
            if why := self.refusal(recall.patient):
                self._attempt(recall.patient, [recall], automated, why)
            else:
                messages.setdefault(recall.patient, []).append(recall)
        queued = [self._attempt(p, rs, automated) for p, rs in messages.items()]
        self.runs.append(Run(automated, queued, "READY" if queued else "DONE"))
        if queued:
            return "ACCEPTED", 0, Counter()
        return "NOTHING", skipped, self._refusals(recalls)

    def _attempt(
        self, patient: Patient, recalls: list[Recall], automated: bool, why: str | None = None
    ) -> Attempt:
        state = "REFUSED" if why else "QUEUED"
        steps = {} if why else {recall: self._steps_taken(recall) + 1 for recall in recalls}
        attempt = Attempt(patient, patient.number, steps, automated, state, self.hours, why)
        attempt.rounds = {recall: recall.round for recall in recalls}
        attempt.overridden = not why and self.reason(patient) is not None
        for recall in recalls:
            recall.attempts.append(attempt)
        return attempt

    # Claims

    def ready(self) -> list[Run]:
        """Return the runs with something to claim: manual ones first, then the oldest."""
        ready = (run for run in self.runs if run.chunk == "READY")
        return sorted(ready, key=lambda run: run.automated)

    def stop(self, run: Run) -> None:
        run.stopped = True
        if run.chunk == "READY":
            run.chunk = "STOPPED"

    def cancel_stopped(self) -> None:
        for run in self.runs:
            if run.chunk == "STOPPED":
                for message in run.messages:
                    if message.state == "QUEUED":
                        self._end(message, "CANCELLED", "RUN_STOPPED")
                self._release(run)

    def claim(self) -> Run | None:
        """Claim the next messages; return their run, or None if nothing is left to send."""
        return next((run for run in self.ready() if self._begin(run)), None)

    def _begin(self, run: Run) -> bool:
        """Judge the run's messages anew; return whether any of them must be sent."""
        for message in list(run.messages):
            if message.state == "QUEUED":
                self._judge(message, run)
        self._release(run)
        if run.sending():
            run.chunk = "CLAIMED"
        return bool(run.sending())

    def _judge(self, message: Attempt, run: Run) -> None:
        unwanted = {recall: self._no_longer_wanted(message, recall) for recall in message.steps}
        every = all(unwanted.values())
        cancellation = min(why for why in unwanted.values() if why) if every else None
        for why in {why for why in unwanted.values() if why} - {cancellation}:
            self._set_apart(message, run, [r for r in unwanted if unwanted[r] == why], why)
        reason, refusal = self.reason(message.patient), self.refusal(message.patient)
        if not cancellation and not refusal:
            if message.patient.number != message.number:
                cancellation = "MOBILE_CHANGED"
            elif reason and not message.automated and not message.overridden:
                cancellation = "CONSENT_WITHDRAWN"
        if cancellation:
            self._end(message, "CANCELLED", cancellation)
        elif refusal:
            self._end(message, "REFUSED", refusal)
        else:
            message.state, message.handed_over = "SENDING", self.hours

    def _set_apart(self, message: Attempt, run: Run, recalls: list[Recall], why: str) -> None:
        """Move recalls that are no longer wanted to a cancelled attempt of their own."""
        apart = Attempt(
            message.patient,
            message.number,
            {},
            message.automated,
            "CANCELLED",
            message.created,
            why,
        )
        run.messages.append(apart)
        for recall in recalls:
            recall.attempts[recall.attempts.index(message)] = apart
            apart.rounds[recall] = message.rounds.pop(recall)
            apart.steps[recall] = message.steps.pop(recall)
        self._end(apart, "CANCELLED", why)

    def _no_longer_wanted(self, message: Attempt, recall: Recall) -> str | None:
        if recall.patient is not message.patient:
            return "PATIENT_CHANGED"
        if recall.completed:
            return "RECALL_COMPLETED"
        after = recall.attempts[recall.attempts.index(message) + 1 :]
        moved = recall.later or recall.round != message.rounds[recall]
        if (message.automated and moved) or any(a.state in CONTACTS for a in after):
            return "NO_LONGER_DUE"
        return None

    def _end(self, message: Attempt, state: str, why: str | None = None) -> None:
        """End the message in a state that gives back its steps; FAILED keeps its SMS steps."""
        message.state, message.why = state, why
        for recall, step in list(message.steps.items()):
            if state == "FAILED" and STEPS[step - 1 : step] == ("SMS",):
                continue
            del message.steps[recall]
            # If the next step is of the same kind, an attempt that took it meanwhile moves up.
            same_kind = STEPS[step : step + 1] == STEPS[step - 1 : step]
            for other in recall.attempts:
                same_round = other.rounds[recall] == message.rounds[recall]
                if same_kind and same_round and other.steps.get(recall) == step + 1:
                    other.steps[recall] = step

    def _is_gone(self, message: Attempt) -> None:
        """Record that the gateway has it, whatever the state says."""
        if message.state not in GONE:
            message.handed_over = self.hours
        message.why = None

    def _settle(self, message: Attempt, state: str, taken: "Taken | None") -> None:
        message.known = taken
        if state == "FAILED":
            self._end(message, state)
        else:
            message.state = state

    def _release(self, run: Run) -> None:
        states = {message.state for message in run.messages}
        run.asked = any(m.state == "UNKNOWN" and self._is_recent(m) for m in run.messages)
        waits = "STOPPED" if run.stopped else "READY"
        run.chunk = waits if "QUEUED" in states else "UNSURE" if run.asked else "DONE"

    def _is_recent(self, message: Attempt) -> bool:
        return message.handed_over > self.hours - DAY

    # Handing over and settling

    def take(self, message: Attempt) -> Taken:
        """Let the gateway take the message."""
        assert message.number is not None
        taken = Taken(message, message.number, message.patient.name)
        self.taken.append(taken)
        return taken

    def settle(self, run: Run, message: Attempt, state: str, taken: Taken | None) -> None:
        if message.state == "SENDING":
            self._settle(message, state, taken or message.known)
        self._release(run)

    def settle_late(self, message: Attempt, state: str, taken: Taken | None) -> None:
        """Record only what is certain: that the gateway took it."""
        if state == "SENT" and message.state in {"UNKNOWN", "QUEUED", "CANCELLED", "REFUSED"}:
            self._is_gone(message)
            self._settle(message, state, taken)

    def deliver(self, fault: Fault) -> None:
        """Hand all ready messages to a gateway with this fault, and settle them."""
        self.cancel_stopped()
        for run in filter(self._begin, self.ready()):
            for message in run.sending():
                taken = self.take(message) if fault in TAKES else None
                self._settle(message, BECOMES[fault], taken if fault is Fault.NONE else None)
            self._release(run)
        self.cancel_stopped()

    def sweep(self) -> None:
        for run in self.runs:
            if run.chunk == "CLAIMED":
                for message in run.sending():
                    message.state = "UNKNOWN"
                self._release(run)

    def receipt(self, taken: Taken, state: str) -> None:
        message = taken.attempt
        failed = message.state in {"UNDELIVERED", "FAILED"}
        if (failed and state != "DELIVERED") or message.state == "DELIVERED":
            return
        if message.state == "SENT" == state:
            return
        if not failed:
            self._is_gone(message)
        self._settle(message, state, taken)

    def gateway_has(self, found: Iterable[tuple[str, int]]) -> bool:
        """Return whether the gateway's messages, as (sid, attempt id), are those that it took."""
        there = dict(found)
        for sid in there.keys() - {taken.sid for taken in self.taken}:
            new = [t for t in self.taken if not t.sid and t.attempt.id == there[sid]]
            for taken in new[:1]:
                taken.sid = sid
        return there == {taken.sid: taken.attempt.id for taken in self.taken}

    # Looking up

    def an_hour_passes(self) -> None:
        for message in self.messages():
            if message.state == "UNKNOWN":
                message.handed_over -= 1

    def look_up(self, found: Find) -> None:
        """Settle the next run's UNKNOWN messages; ``found`` returns each one's match in the list.

        Among messages with the same text to the same number, any match will do.
        """
        run = next(run for run in self.runs if run.asked)
        unknown = [message for message in run.messages if message.state == "UNKNOWN"]
        for number in {message.number for message in unknown}:
            self._look_up_number([m for m in unknown if m.number == number], number, found)
        if run.chunk == "UNSURE":
            self._release(run)
        elif not unknown:
            run.asked = False

    def conclude_late(self, message: Attempt) -> None:
        """Ignore a conclusion about an earlier handover of the message."""
        for run in self.runs:
            if message not in run.messages or run.chunk == "DONE":
                continue
            if run.chunk == "UNSURE":
                self._release(run)
            else:
                run.asked = True

    def _look_up_number(self, unknown: list[Attempt], number: str | None, found: Find) -> None:
        ours = [message for message in self.messages() if message.number == number]
        if any(a.state == "SENDING" for a in ours):
            return
        known = {message.known for message in ours}
        strangers = [t for t in self.taken if t.number == number and t not in known]
        matches = Counter(t.text for t in strangers) & Counter(m.patient.name for m in unknown)
        for message in unknown:
            taken = found(message)
            if taken is not None:
                assert taken in strangers
                assert taken.text == message.patient.name
                strangers.remove(taken)
                matches[taken.text] -= 1
                message.state, message.known = "SENT", taken
        assert not +matches, "a message that the list shows was not found in it"
        for message in unknown:
            long_ago = message.handed_over < self.hours
            if message.state == "UNKNOWN" and long_ago and not strangers:
                message.state = "QUEUED"

    def is_mistaken(self, taken: Taken) -> bool:
        """Return whether the list gave it to another attempt with the same text and number.

        What a worker or a receipt then says under our reference is about the wrong message.
        """
        return any(a.known is taken and a is not taken.attempt for a in self.messages())

    # Blocking

    def may_be_there(self, number: str) -> int:
        """Return how many of the last day's messages to the number the gateway may have."""
        ours = [message for message in self.messages() if message.number == number]
        return sum(message.state in GONE and self._is_recent(message) for message in ours)
