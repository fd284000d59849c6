"""Tests of how bench.practices judges its rounds: the worst counts, and no failure is lost."""

import pytest

from bench.many.figures import GIVE_UP, Figure, Waits, failures, worst_lines
from bench.report import Line
from bench.waiting import BenchError


def waited(*seconds: float | None) -> Waits:
    waits = Waits()
    for one in seconds:
        waits.add(one)
    return waits


def answer_nonsense() -> None:
    raise BenchError("the API answered nonsense")


def figure(*seconds: float | None) -> Figure:
    return waited(*seconds).figure("a block", at_most=1)


def test_the_longest_wait_is_the_figure() -> None:
    # when
    found = figure(0.2, 0.9, 0.1)
    # then
    assert (found.shown, found.goal, found.met) == ("0.90 s", "≤ 1 s", True)


def test_one_wait_that_is_too_long_misses_the_goal() -> None:
    assert not figure(0.2, 1.1, 0.1).met


def test_a_wait_that_was_given_up_is_shown_and_misses_the_goal() -> None:
    # when
    found = figure(0.2, None)
    # then
    assert (found.shown, found.met) == (f"not within {GIVE_UP:.0f} s, 1 of 2 failed", False)


def test_a_quick_error_is_not_a_short_wait() -> None:
    # given
    waits = waited(0.2)
    # when
    with waits.waiting():
        answer_nonsense()
    # then
    found = waits.figure("a block", at_most=1)
    assert (found.shown, found.met) == ("0.20 s, 1 of 2 failed", False)


def test_a_fault_of_the_bench_itself_is_not_taken_for_an_answer() -> None:
    # given
    waits = waited()
    # when, then
    with pytest.raises(LookupError), waits.waiting():
        raise LookupError


@pytest.mark.parametrize("found", [figure(), failures("STOPs", 0, 0)], ids=["wait", "count"])
def test_no_goal_is_met_if_nothing_was_done(found: Figure) -> None:
    assert not found.met


@pytest.mark.parametrize(("failed", "met"), [(0, True), (1, False)])
def test_no_failure_is_allowed(failed: int, met: bool) -> None:
    # when
    found = failures("STOPs", failed, 138)
    # then
    assert (found.shown, found.goal, found.met) == (f"{failed} of 138", "0", met)


def test_the_worst_round_stands_for_all() -> None:
    # when
    lines = worst_lines([[figure(0.2)], [figure(1.5)], [figure(0.4)]])
    # then
    each = "0.20 s; 1.50 s; 0.40 s"
    assert lines == [Line("a block", "1.50 s", goal="≤ 1 s", met=False, rounds=each)]


def test_a_round_with_a_failure_is_worse_than_a_longer_one_without() -> None:
    # given
    failing = waited(0.1)
    with failing.waiting():
        answer_nonsense()
    # when
    [line] = worst_lines([[figure(0.8)], [failing.figure("a block", at_most=1)]])
    # then
    assert (line.ours, line.met_text) == ("0.10 s, 1 of 2 failed", "NO")
