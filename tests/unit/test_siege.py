"""Tests of what the siege and the fuzzers take for a fault, and that a seed repeats itself."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.siege.attack import ATTACKS
from tests.siege.facts import Facts, Side
from tests.siege.fuzz import mutations, seeds
from tests.siege.fuzz.findings import Findings, wrong_in_answers, wrong_in_errors, wrong_inside
from tests.siege.fuzz.requests import Requests
from tests.siege.run import NEVER, Outcome
from tests.siege.wire import Answer

GOOD: dict[str, Any] = {
    "waits": {"read": [0.01] * 99 + [0.5], "block": [0.9], "stop": [0.9], "health": [0.2]},
    "memory": (100.0, 149.0, 120.0),
}
SIDE = Side(1, "a", "r", "c", ["Recall:1"], ["+61491000000"] * 9, ["k1", "k2"])
FACTS = Facts(1, "t", "", SIDE, SIDE, {}, "Recall:1", "+61491000000", "Run:1")


def an_outcome(**facts: Any) -> Outcome:
    return Outcome(ATTACKS["nobody"], **GOOD | facts)


def waits(**others: list[float]) -> dict[str, Any]:
    return {"waits": GOOD["waits"] | others}


def test_an_attack_that_makes_nobody_wait_misses_no_goal() -> None:
    assert an_outcome().missed == []


@pytest.mark.parametrize(
    ("facts", "missed"),
    [
        (waits(read=[0.01] * 98 + [0.2] * 2), "reads"),
        (waits(read=[0.01] * 98 + [NEVER] * 2), "reads"),
        (waits(read=[]), "reads"),
        (waits(block=[0.1, 1.1]), "blocks"),
        (waits(stop=[0.1, NEVER]), "STOP"),
        (waits(health=[0.31]), "healthz"),
        ({"memory": (100.0, 151.0, 100.0)}, "memory"),
        ({"memory": (100.0, 149.0, 126.0)}, "memory after"),
        ({"ended": True}, "alive"),
    ],
)
def test_a_goal_that_an_attack_misses_is_named(facts: dict[str, Any], missed: str) -> None:
    assert an_outcome(**facts).missed == [missed]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(200, b'{"data": {"viewer": {"name": "x"}}}'), "200"),
        (Answer(429, b'{"errors": [{"extensions": {"code":"RATE_LIMITED"}}]}'), "429 RATE_LIMITED"),
        (
            Answer(200, b'{"data":{"blockMobile":{"__typename":"InvalidMobile"}}}'),
            "200 InvalidMobile",
        ),
    ],
)
def test_an_answer_is_counted_by_its_status_and_code(answer: Answer, told: str) -> None:
    assert str(answer) == told


@pytest.mark.parametrize(
    ("back", "wrong"),
    [
        (b"", None),
        (b'HTTP/1.1 400 Bad Request\r\n\r\n{"errors": [{"code": "BAD_USER_INPUT"}]}', None),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n", "status 500"),
        (b'HTTP/1.1 200 OK\r\n\r\n{"code":"INTERNAL_SERVER_ERROR"}', "code INTERNAL_SERVER_ERROR"),
        (b"HTTP/1.1 200 OK\r\n\r\nTraceback", "it says Traceback"),
        (b"oh", "no HTTP"),
    ],
)
def test_an_answer_that_no_input_may_cause_is_found(back: bytes, wrong: str | None) -> None:
    assert wrong_in_answers(back) == wrong


def test_an_error_without_one_of_our_codes_is_found() -> None:
    assert wrong_in_errors({"errors": [{"message": "x"}]})
    assert not wrong_in_errors({"data": None})
    assert not wrong_in_errors([{"extensions": {"code": "FORBIDDEN"}}])


def test_a_loop_that_worked_for_too_long_is_found_but_one_starved_of_cpu_is_not() -> None:
    stood = {"at": 5.0, "stood": 0.4, "where": []}
    assert wrong_inside(stood | {"worked": 0.2, "waited": 0.2})
    assert not wrong_inside(stood | {"worked": 0.05, "waited": 0.35})
    assert wrong_inside({"at": 5.0, "said": "api.http_guard a request failed"})


def test_a_request_sent_before_the_process_saw_a_fault_is_kept(tmp_path: Path) -> None:
    # given
    findings = Findings(tmp_path, "requests")
    findings.begin(b"sent")
    [(at, _)] = findings._recent
    # when
    (tmp_path / "seen").write_text(json.dumps({"at": at + 0.1, "said": "api.http_guard failed"}))
    findings.look_inside()
    # then
    [kept] = tmp_path.glob("inside-*.sent")
    assert kept.read_bytes() == b"sent"


def test_a_number_generates_the_same_request_again(tmp_path: Path) -> None:
    # when
    once, again = (Requests(FACTS, "1 requests", Findings(tmp_path, "requests")) for _ in range(2))
    # then
    for number in range(300):
        sent = [each._made_up(Random(f"1 {number}")) for each in (once, again)]  # noqa: S311
        assert sent[0] == sent[1]


def test_json_is_changed_into_other_json() -> None:
    # given
    asked = seeds.operations(FACTS)[3]
    # when
    made = {
        mutations.written(Random(n), mutations.json_changed(Random(n), asked))  # noqa: S311
        for n in range(200)
    }
    # then
    assert len(made) > 100
