"""Tests of what a gateway's list of messages lets us conclude."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.delivery import Settlement
from db.unknown_messages import Known, UnknownMessage
from tests.support.practice import MOBILE
from workers.gateway.protocol import Listed
from workers.unknown_messages import decide

HANDED_OVER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = HANDED_OVER + timedelta(hours=1)
NOTHING_KNOWN = Known(frozenset(), in_progress=False)


def unknown(attempt_id: int = 1, body: str = "a", *, after: int = 0) -> UnknownMessage:
    return UnknownMessage(attempt_id, HANDED_OVER + timedelta(seconds=after), MOBILE, body)


def listed(gateway_id: str = "SM1", body: str = "a", *, after: int = 1) -> Listed:
    return Listed(gateway_id, HANDED_OVER + timedelta(seconds=after), "SENT", None, body)


def test_the_same_text_to_the_same_number_is_the_message() -> None:
    assert decide([unknown()], [listed()], NOTHING_KNOWN, HANDED_OVER) == [
        Settlement(1, "SENT", "SM1")
    ]


def test_a_message_known_to_be_another_attempts_is_not_ours() -> None:
    # given
    known = Known(frozenset({"SM1"}), in_progress=False)
    # then
    assert decide([unknown()], [listed()], known, LATER) == [Settlement(1, "QUEUED")]


def test_nothing_is_concluded_from_an_empty_list_too_early() -> None:
    assert decide([unknown()], [], NOTHING_KNOWN, HANDED_OVER) == []


def test_nothing_is_concluded_while_another_message_to_the_number_is_on_its_way() -> None:
    # given
    known = Known(frozenset(), in_progress=True)
    # then
    assert decide([unknown()], [listed()], known, LATER) == []
    assert decide([unknown()], [], known, LATER) == []


@pytest.mark.parametrize("stranger", [listed(body="b"), listed(after=-4000)])
def test_a_message_that_nobody_can_account_for_leaves_the_outcome_open(stranger: Listed) -> None:
    assert decide([unknown()], [stranger], NOTHING_KNOWN, LATER) == []


def test_one_listed_message_settles_one_of_two_with_the_same_text() -> None:
    # when
    settled = decide([unknown(1), unknown(2, after=5)], [listed()], NOTHING_KNOWN, LATER)
    # then
    assert settled == [Settlement(1, "SENT", "SM1"), Settlement(2, "QUEUED")]


texts = st.sampled_from("ab")


@given(
    bodies=st.lists(texts, max_size=4),
    there=st.lists(st.tuples(texts, st.booleans()), max_size=6),
    late=st.booleans(),
)
def test_no_id_is_used_twice_and_no_message_that_may_be_there_is_called_untaken(
    bodies: list[str], there: list[tuple[str, bool]], late: bool
) -> None:
    # given
    messages = [unknown(number, body) for number, body in enumerate(bodies)]
    found = [listed(f"SM{number}", body) for number, (body, _) in enumerate(there)]
    ours = frozenset(f"SM{number}" for number, (_, known) in enumerate(there) if known)
    # when
    settled = decide(
        messages, found, Known(ours, in_progress=False), LATER if late else HANDED_OVER
    )
    # then
    ids = [s.gateway_id for s in settled if s.gateway_id]
    assert len(ids) == len(set(ids))
    assert not ours & set(ids)
    unaccounted = len(found) - len(ours) - len(ids)
    if any(s.state == "QUEUED" for s in settled):
        assert late
        assert unaccounted == 0
