"""Tests of log filters: repeated lines are counted, and a library's lines left out."""

import logging

import pytest

from core.log_filters import KINDS, RepeatFilter, leave_out


def said_by(
    times: int, seldom: RepeatFilter, text: str = "a post to %s had a wrong signature"
) -> list[str]:
    records = [
        logging.LogRecord("api.signed", logging.WARNING, "", 0, text, ("/replies",), None)
        for _ in range(times)
    ]
    return [each.getMessage() for each in records if seldom.filter(each)]


def test_a_line_that_anybody_can_cause_is_written_once_a_minute_with_a_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    seldom = RepeatFilter()
    # when
    first = said_by(1_000, seldom)
    another = said_by(1, seldom, "a receipt came by %s")
    monkeypatch.setattr("core.log_filters.EVERY", 0.0)
    later = said_by(1, seldom)
    # then
    assert first == ["a post to /replies had a wrong signature"]
    assert another == ["a receipt came by /replies"]
    assert later == [f"{first[0]} (and 999 more times since last logged)"]


def test_no_more_lines_are_remembered_than_allowed() -> None:
    # given
    seldom = RepeatFilter()
    # when
    for number in range(KINDS + 10):
        said_by(1, seldom, f"{number} %s")
    # then
    assert len(seldom._said) == KINDS


def test_lines_count_as_the_same_whatever_a_client_put_in_them() -> None:
    # given
    seldom = RepeatFilter()

    def says(level: int, value: str) -> bool:
        return seldom.filter(logging.LogRecord("x", level, "", 0, "from %r", (value,), None))

    # then
    assert [says(logging.WARNING, str(n)) for n in range(3)] == [True, False, False]
    assert [says(logging.ERROR, str(n)) for n in range(3)] == [True, True, True]


def test_lines_that_are_left_out_are_so_once_however_often_that_is_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # given
    logger = logging.getLogger("tests.left_out")
    # when
    for _ in range(2):
        leave_out(logger.name, ("a page at",))
    logger.warning("a page at %s", "https://evil.example")
    logger.warning("a page was at %s", "the door")
    # then
    assert len(logger.filters) == 1
    assert [each.getMessage() for each in caplog.records] == ["a page was at the door"]
