"""The verdicts on a torture run, sharing no code with what they judge."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from enum import Enum

from tests.torture.record import NEVER, Attempt, Handed, Promise, Record

WITH_THE_GATEWAY = {"SENT", "DELIVERED", "UNDELIVERED"}
STILL_WAITING = {"QUEUED", "SENDING"}
NEVER_HANDED_OVER = {"QUEUED", "REFUSED", "CANCELLED"}


class Verdict(Enum):
    """What must never happen."""

    HANDED_WHILE_BLOCKED = "handed while blocked"
    DOUBLED = "doubled"
    LOST = "lost"
    UNEXPLAINED = "unexplained"


Findings = dict[Verdict, list[str]]


def check(record: Record) -> Findings:
    """Return each verdict's offenders, by ids alone; four empty lists if all is well."""
    case = _Case(record)
    return {
        Verdict.HANDED_WHILE_BLOCKED: sorted(set(case.handed_while_blocked())),
        Verdict.DOUBLED: sorted(set(case.doubled())),
        Verdict.LOST: sorted(set(case.lost())),
        Verdict.UNEXPLAINED: sorted(set(case.unexplained())),
    }


class _Case:
    """The record, indexed for each verdict."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._attempts = {(a.practice, a.reference): a for a in record.attempts}
        self._messages: dict[tuple[int, str], list[Handed]] = defaultdict(list)
        for message in record.handed:
            self._messages[message.practice, message.reference].append(message)

    def handed_while_blocked(self) -> Iterator[str]:
        promises: dict[tuple[int, str], list[Promise]] = defaultdict(list)
        for promise in self._record.promises:
            promises[promise.practice, promise.mobile].append(promise)
        for message in self._record.handed:
            for promise in promises[message.practice, message.to]:
                ended = promise.until is not None and promise.until <= message.time
                if promise.since < message.time and not ended:
                    yield self._name(message)

    def doubled(self) -> Iterator[str]:
        steps: dict[tuple[int, int, int], list[Handed]] = defaultdict(list)
        texts: dict[tuple[int, str, str], list[Handed]] = defaultdict(list)
        for messages in self._messages.values():
            if len(messages) > 1:
                yield self._name(messages[0])
        for message in self._record.handed:
            texts[message.practice, message.to, message.body].append(message)
            attempt = self._attempts.get((message.practice, message.reference))
            for recall, step in attempt.recalls if attempt else ():
                if step is not None:
                    steps[message.practice, recall, step].append(message)
        for messages in steps.values():
            if len(messages) > 1:
                yield from map(self._name, messages)
        planned = Counter((a.practice, a.mobile, a.body) for a in self._record.attempts)
        for text, messages in texts.items():
            if len(messages) > planned[text]:
                yield from map(self._name, messages)

    def lost(self) -> Iterator[str]:
        contacted: set[tuple[int, int]] = set()
        for attempt in self._record.attempts:
            contacted.update((attempt.practice, recall) for recall, _ in attempt.recalls)
            if attempt.state in STILL_WAITING:
                yield _attempt(attempt)
            if attempt.state in WITH_THE_GATEWAY and not self._of(attempt):
                yield _attempt(attempt)
        for practice, recall in self._record.accepted - contacted:
            yield f"recall {practice}.{recall}"
        for (practice, run), state in self._record.runs.items():
            if state != "FINISHED":
                yield f"run {practice}.{run}"
        for number, promise in enumerate(self._record.promises):
            forgotten = (promise.practice, promise.mobile) not in self._record.blocked
            if promise.since == NEVER or (promise.until is None and forgotten):
                yield f"block {promise.practice}.{number}"

    def unexplained(self) -> Iterator[str]:
        for message in self._record.handed:
            attempt = self._attempts.get((message.practice, message.reference))
            if attempt is None:
                yield self._name(message)
                continue
            if (message.to, message.body) != (attempt.mobile, attempt.body):
                yield f"{_attempt(attempt)} (another text or number)"
            stopped = self._record.stopped.get((attempt.practice, attempt.run), NEVER)
            if message.time > stopped:
                late, way = message.time - stopped, message.time - attempt.claimed
                yield f"{_attempt(attempt)} ({late:.2f} s too late, {way:.2f} s after its claim)"
        for attempt in self._record.attempts:
            if self._is_unexplained(attempt):
                yield f"{_attempt(attempt)} ({attempt.state})"

    def _is_unexplained(self, attempt: Attempt) -> bool:
        messages = self._of(attempt)
        if attempt.state == "UNKNOWN":
            return True
        # The gateway has a message that it took but couldn't deliver, but not one that it refused.
        refused = attempt.state == "FAILED" and attempt.gateway_id is None
        if messages and (refused or attempt.state in NEVER_HANDED_OVER):
            return True
        if attempt.gateway_id is not None and messages:
            return attempt.gateway_id not in {message.sid for message in messages}
        number = (attempt.practice, attempt.mobile)
        return attempt.refusal == "BLOCKED_COMMUNICATION" and number not in self._record.block_asked

    def _of(self, attempt: Attempt) -> list[Handed]:
        return self._messages.get((attempt.practice, attempt.reference), [])

    def _name(self, message: Handed) -> str:
        attempt = self._attempts.get((message.practice, message.reference))
        return _attempt(attempt) if attempt else f"message {message.sid}"


def _attempt(attempt: Attempt) -> str:
    return f"attempt {attempt.practice}.{attempt.id}"
