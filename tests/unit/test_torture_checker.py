"""Tests that the torture test's checker can fail, with one handmade fault each."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.torture.checker import Verdict, check
from tests.torture.people import TEMPLATE
from tests.torture.privacy import people_in_logs
from tests.torture.record import NEVER, Attempt, Handed, Promise, Record

NUMBER, OTHER = "+61491570006", "+61491570156"
Fault = Callable[[Record], None]


def clean() -> Record:
    """Return two messages handed over around a block, one it refused, one cancelled, one failed."""
    reached: dict[str, Any] = {"mobile": NUMBER, "body": "Hi Ann"}
    sent = Attempt(1, 11, 5, "SENT", "r11", ((101, 1),), gateway_id="SM11", **reached)
    return Record(
        handed=[
            Handed("SM11", 1, "r11", time=10.0, to=NUMBER, body="Hi Ann"),
            Handed("SM12", 1, "r12", time=40.0, to=NUMBER, body="Hi Ann"),
            # The same number and text from another practice, which has not blocked it.
            Handed("SM21", 2, "r21", time=25.0, to=NUMBER, body="Hi Ann"),
        ],
        attempts=[
            sent,
            replace(sent, id=12, reference="r12", gateway_id="SM12", recalls=((101, 2), (102, 1))),
            Attempt(
                2,
                21,
                6,
                "DELIVERED",
                "r21",
                ((201, 1),),
                gateway_id="SM21",
                claimed=22.0,
                **reached,
            ),
            Attempt(1, 13, 5, "REFUSED", "r13", ((103, None),), "BLOCKED_COMMUNICATION", **reached),
            Attempt(1, 14, 5, "CANCELLED", "r14", ((104, None),), **reached),
            Attempt(1, 15, 5, "FAILED", "r15", ((105, 1),), mobile=OTHER, body="Hi Bob"),
        ],
        runs={(1, 5): "FINISHED", (2, 6): "FINISHED"},
        accepted={(1, 101), (1, 102), (1, 103), (1, 104), (1, 105), (2, 201)},
        promises=[
            Promise(1, since=20.0, mobile=NUMBER, until=30.0),
            Promise(2, since=20.0, mobile=OTHER),
        ],
        block_asked={(1, NUMBER), (2, OTHER)},
        blocked={(2, OTHER)},
        stopped={(2, 6): 26.0},
    )


def change(number: int, **facts: object) -> Fault:
    """Return the fault that changes the attempt with this id."""

    def change_it(record: Record) -> None:
        [index] = [i for i, a in enumerate(record.attempts) if a.id == number]
        record.attempts[index] = replace(record.attempts[index], **facts)  # type: ignore[arg-type]

    return change_it


def handed(*, reference: str = "r11", time: float = 10.0, **facts: str) -> Fault:
    """Return the fault that gives the gateway one more message."""

    def hand_it_over(record: Record) -> None:
        message = Handed("SM99", 1, reference, time, to=NUMBER, body="Hi Ann")
        record.handed.append(replace(message, **facts))  # type: ignore[arg-type]

    return hand_it_over


def never_handed(record: Record) -> None:
    del record.handed[2]


def never_unblocked(record: Record) -> None:
    record.promises[0].until = None


def handed_within_the_promise(record: Record) -> None:
    record.handed[0] = replace(record.handed[0], time=20.1)


def unfinished(record: Record) -> None:
    record.runs[2, 6] = "SENDING"


def without_an_attempt(record: Record) -> None:
    record.accepted.add((2, 299))


def never_blocked(record: Record) -> None:
    record.block_asked.clear()


def blocked_no_more(record: Record) -> None:
    record.blocked.clear()


def never_carried_out(record: Record) -> None:
    record.promises[1].since = NEVER


def stopped_before(record: Record) -> None:
    record.stopped[2, 6] = 24.0


def step_taken_twice(record: Record) -> None:
    change(12, recalls=((101, 1), (102, 1)))(record)


def text_sent_too_often(record: Record) -> None:
    # With another attempt's reference, so that only the number and the text give it away.
    handed(reference="r15", time=41.0)(record)
    change(13, body="Hi Eve")(record)
    change(14, body="Hi Eve")(record)


FAULTS: list[tuple[Fault, Verdict, list[str]]] = [
    (handed_within_the_promise, Verdict.HANDED_WHILE_BLOCKED, ["attempt 1.11"]),
    (never_unblocked, Verdict.HANDED_WHILE_BLOCKED, ["attempt 1.12"]),
    (handed(), Verdict.DOUBLED, ["attempt 1.11"]),
    (step_taken_twice, Verdict.DOUBLED, ["attempt 1.11", "attempt 1.12"]),
    (text_sent_too_often, Verdict.DOUBLED, ["attempt 1.11", "attempt 1.12", "attempt 1.15"]),
    (change(11, state="QUEUED"), Verdict.LOST, ["attempt 1.11"]),
    (change(11, state="SENDING"), Verdict.LOST, ["attempt 1.11"]),
    (never_handed, Verdict.LOST, ["attempt 2.21"]),
    (without_an_attempt, Verdict.LOST, ["recall 2.299"]),
    (unfinished, Verdict.LOST, ["run 2.6"]),
    (blocked_no_more, Verdict.LOST, ["block 2.1"]),
    (never_carried_out, Verdict.LOST, ["block 2.1"]),
    (
        stopped_before,
        Verdict.UNEXPLAINED,
        ["attempt 2.21 (1.00 s too late, 3.00 s after its claim)"],
    ),
    (handed(reference="r98", time=50.0), Verdict.UNEXPLAINED, ["message SM99"]),
    (handed(reference="r13"), Verdict.UNEXPLAINED, ["attempt 1.13 (REFUSED)"]),
    (handed(reference="r14"), Verdict.UNEXPLAINED, ["attempt 1.14 (CANCELLED)"]),
    (
        handed(reference="r15", to=OTHER, body="Hi Bob"),
        Verdict.UNEXPLAINED,
        ["attempt 1.15 (FAILED)"],
    ),
    (change(11, state="UNKNOWN"), Verdict.UNEXPLAINED, ["attempt 1.11 (UNKNOWN)"]),
    (change(11, gateway_id="SM0"), Verdict.UNEXPLAINED, ["attempt 1.11 (SENT)"]),
    (change(11, body="Hi Eve"), Verdict.UNEXPLAINED, ["attempt 1.11 (another text or number)"]),
    (never_blocked, Verdict.UNEXPLAINED, ["attempt 1.13 (REFUSED)"]),
]


def test_a_clean_record_gives_no_verdict() -> None:
    assert check(clean()) == {verdict: [] for verdict in Verdict}


@pytest.mark.parametrize(("fault", "verdict", "offenders"), FAULTS)
def test_each_fault_is_found(fault: Fault, verdict: Verdict, offenders: list[str]) -> None:
    # given
    record = clean()
    fault(record)
    # when
    findings = check(record)
    # then
    assert findings[verdict] == offenders


@pytest.mark.parametrize(
    "line", ["sent to +61491570006", "0491570006 is wrong", "no Smyth", TEMPLATE]
)
def test_people_in_a_log_are_found(tmp_path: Path, line: str) -> None:
    # given
    (tmp_path / "worker.log").write_text(f"ready for work\n{line}\nrun 61491570 ended\n")
    # when
    found = people_in_logs(tmp_path, {"Ann", "Smyth"}, {NUMBER})
    # then
    assert found == ["worker.log:2"]
