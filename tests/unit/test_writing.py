"""Tests of an answer that is written in pieces: the same JSON, and an end."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.compiled import writing
from schema.compiled.writing import TooLongError, write

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(VALUES)
def test_the_pieces_are_the_json_that_it_would_be_in_one(value: Any) -> None:
    # when / then
    assert write(value) == orjson.dumps(value)


def test_what_is_too_long_is_given_up_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(writing, "LARGEST", 1000)
    row = {"patient": {"name": "x" * 90}}
    # when / then
    assert write({"data": {"recalls": {"nodes": [row] * 8}}})
    with pytest.raises(TooLongError):
        write({"data": {"recalls": {"nodes": [row] * 10, "never": object()}}})


def test_what_has_few_objects_is_not_longer_either(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(writing, "LARGEST", 1000)
    # when / then
    assert write({"data": "x" * 900}, 1) == orjson.dumps({"data": "x" * 900})
    with pytest.raises(TooLongError):
        write({"data": "x" * 1000}, 1)
