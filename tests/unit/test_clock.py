"""Tests of clocks: each alone can end a deadline, none prolongs it, and a jump is noticed."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from workers.clock import Deadline, Watched, since_boot


class Hands:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(
    ("boot", "wall", "is_over"),
    [
        (0, 0, False),
        (9.9, 9.9, False),
        (10, 0, True),  # the wall clock stood still
        (0, 10, True),  # the machine was paused, and its clock corrected when it went on
        (9.9, -3600, False),  # the wall clock was set back
        (10, -3600, True),
        (0, 3600, True),  # or forward
    ],
)
def test_a_deadline_is_over_as_soon_as_either_clock_says_so(
    boot: float, wall: float, is_over: bool
) -> None:
    # given
    booted, on_the_wall = Hands(), Hands()
    deadline = Deadline(10, boot=booted, wall=on_the_wall)
    # when
    booted.at += boot
    on_the_wall.at += wall
    # then
    assert deadline.is_over is is_over


def test_a_deadline_by_the_real_clocks_comes() -> None:
    # given
    deadline, over = Deadline(60), Deadline(0)
    # when / then
    assert not deadline.is_over
    assert over.is_over


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="has no such clock")
def test_the_time_since_boot_includes_time_spent_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given a machine that was suspended for an hour
    def suspended(clock: int) -> float:
        return read(clock) + 3600 * (clock == time.CLOCK_BOOTTIME)

    read, before = time.clock_gettime, since_boot()
    monkeypatch.setattr(time, "clock_gettime", suspended)
    # when
    after = since_boot()
    # then
    assert after - before >= 3600


def test_a_platform_without_a_boot_clock_uses_the_monotonic_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    # when
    before, seconds, after = time.monotonic(), since_boot(), time.monotonic()
    # then
    assert before <= seconds <= after


NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "there", "is_steady"),
    [
        (60, 60, True),
        (60, 64, True),  # the previous answer came late
        (60, 3660, False),
        (60, -3540, False),
        (86_400, 86_440, True),  # corrected slowly, over a day
    ],
)
def test_a_clock_that_jumps_is_noticed(later: float, there: float, is_steady: bool) -> None:
    # given
    own = Hands()
    watched = Watched(own)
    watched.look(NINE)
    # when
    own.at += later
    watched.look(NINE + timedelta(seconds=there))
    # then
    own.at += 30
    assert watched.steady_for(60) is is_steady


def test_a_jump_long_ago_no_longer_counts() -> None:
    # given
    own = Hands()
    watched = Watched(own)
    watched.look(NINE)
    watched.look(NINE + timedelta(hours=1))
    # when
    own.at += 61
    watched.look(NINE + timedelta(hours=1, seconds=61))
    # then
    assert watched.steady_for(60)


def test_a_clock_about_which_nothing_is_known_is_trusted() -> None:
    assert Watched(Hands()).steady_for(600)
