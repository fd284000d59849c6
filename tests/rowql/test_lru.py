"""Tests of the cache whose keys are texts: the least recently used are dropped."""

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rowql import TextLru

ROOM = 10
TEXTS = st.text("ab", max_size=ROOM + 2)


def test_what_was_made_from_a_text_is_found_again() -> None:
    # given
    lru: TextLru[int] = TextLru(ROOM)
    # when
    lru["abc"] = 1
    # then
    assert "abc" in lru
    assert lru["abc"] == 1
    assert "ab" not in lru
    with pytest.raises(KeyError):
        lru["ab"]


def test_the_first_thing_made_from_a_text_stays() -> None:
    # given: two requests may make it at the same time
    lru: TextLru[int] = TextLru(ROOM)
    lru["abc"] = 1
    # when
    lru["abc"] = 2
    # then
    assert lru["abc"] == 1


def test_a_text_that_is_longer_than_all_the_room_drops_nothing() -> None:
    # given
    lru: TextLru[int] = TextLru(ROOM)
    lru["abc"] = 1
    # when
    lru["x" * (ROOM + 1)] = 2
    # then
    assert "abc" in lru
    assert "x" * (ROOM + 1) not in lru


def test_reading_a_text_marks_it_as_used() -> None:
    # given
    lru: TextLru[int] = TextLru(ROOM)
    lru["aaaaa"], lru["bbbbb"] = 1, 2
    # when
    assert lru["aaaaa"] == 1
    lru["ccccc"] = 3
    # then
    assert [text in lru for text in ("aaaaa", "bbbbb", "ccccc")] == [True, False, True]


@given(st.lists(TEXTS, max_size=40))
def test_the_most_recent_texts_that_fit_are_kept(texts: list[str]) -> None:
    # given
    lru: TextLru[str] = TextLru(ROOM)
    model: OrderedDict[str, str] = OrderedDict()
    for text in texts:
        # when
        if text in lru:
            assert lru[text] == text
        else:
            lru[text] = text
        if text in model:
            model.move_to_end(text)
        elif len(text) <= ROOM:
            model[text] = text
            while sum(map(len, model)) > ROOM:
                model.popitem(last=False)
        # then
        assert {each for each in texts if each in lru} == set(model)


def test_what_was_made_from_a_lasting_text_stays_and_takes_no_room() -> None:
    # given
    long = "x" * (ROOM + 1)
    lru: TextLru[int] = TextLru(ROOM, [long, "aa"])
    for text in (long, "aa", "b" * ROOM, "c" * ROOM):
        # when
        lru[text] = len(text)
    # then
    assert [text for text in (long, "aa", "b" * ROOM, "c" * ROOM) if text in lru] == [
        *(long, "aa", "c" * ROOM)
    ]
    assert lru[long] == ROOM + 1
