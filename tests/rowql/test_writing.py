"""Tests of an answer that is written in pieces: the JSON is the same, and it isn't endless."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowql import TooLongError, write
from rowql.writing import MAX_OBJECTS_AT_ONCE

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(VALUES, st.integers(0, 2))
def test_the_pieces_make_the_same_json_as_one_piece(value: Any, envelope_levels: int) -> None:
    # when / then
    assert write(value, envelope_levels=envelope_levels) == orjson.dumps(value)


@given(VALUES, st.sampled_from([None, 1, MAX_OBJECTS_AT_ONCE + 1]))
def test_an_answer_may_be_just_as_long_as_allowed(value: Any, objects: int | None) -> None:
    # given
    json = orjson.dumps(value)
    # when / then
    assert write(value, objects, max_bytes=len(json)) == json


def test_an_answer_that_is_too_long_is_given_up_in_the_middle() -> None:
    # given
    row = {"patient": {"name": "x" * 90}}
    # when / then
    assert write({"data": {"recalls": {"nodes": [row] * 8}}}, max_bytes=1000)
    with pytest.raises(TooLongError):
        write({"data": {"recalls": {"nodes": [row] * 10, "never": object()}}}, max_bytes=1000)


def test_an_answer_with_few_objects_may_not_be_longer_either() -> None:
    # when / then
    assert write({"data": "x" * 900}, 1, max_bytes=1000) == orjson.dumps({"data": "x" * 900})
    with pytest.raises(TooLongError):
        write({"data": "x" * 1000}, 1, max_bytes=1000)


@pytest.mark.parametrize("objects", [None, 1])
def test_an_answer_may_be_of_any_length_if_none_is_set(objects: int | None) -> None:
    # given
    long = {"data": ["x" * 1_000_000] * 10}
    # when / then
    assert len(write(long, objects)) > 10_000_000
