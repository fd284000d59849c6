"""Tests of what is made once from values that are the same in many rows."""

import pytest

from rowql import kept as module
from rowql.kept import kept


def test_what_is_kept_is_made_once() -> None:
    # given
    made = list[int]()

    def make(key: int) -> str:
        made.append(key)
        return str(key)

    look_up, make_and_keep = kept(make)
    # when
    found = [look_up(key) or make_and_keep(key) for key in (1, 2, 1, 2)]
    # then
    assert (found, made) == (["1", "2", "1", "2"], [1, 2])


def test_when_there_are_more_than_allowed_all_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    look_up, make_and_keep = kept(str)
    # when
    for key in (1, 2, 3):
        make_and_keep(key)
    # then
    assert [look_up(key) for key in (1, 2, 3)] == [None, None, "3"]
