"""Tests of an answer that is written in pieces: the JSON is the same, and it isn't endless."""

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
def test_the_pieces_make_the_same_json_as_one_piece(value: Any) -> None:
    # when / then
    assert write(value) == orjson.dumps(value)


def test_an_answer_that_is_too_long_is_given_up_in_the_middle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(writing, "LARGEST", 1000)
    row = {"patient": {"name": "x" * 90}}
    # when / then
    assert write({"data": {"recalls": {"nodes": [row] * 8}}})
    with pytest.raises(TooLongError):
        write({"data": {"recalls": {"nodes": [row] * 10, "never": object()}}})


def test_an_answer_with_few_objects_may_not_be_longer_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setattr(writing, "LARGEST", 1000)
    # when / then
    assert write({"data": "x" * 900}, 1) == orjson.dumps({"data": "x" * 900})
    with pytest.raises(TooLongError):
        write({"data": "x" * 1000}, 1)
