"""Tests that a send and a block take no more round trips to PostgreSQL than these, each listed."""

from collections import Counter
from typing import Any

import asyncpg
import pytest

from tests.support.operations import BLOCK, TICK
from tests.support.practice import MOBILE
from tests.support.served import Served

SEND = """mutation ($input: SendRecallsInput!) {
  sendRecalls(input: $input) { __typename ... on Run { id queued } }
}"""
SIGNS_IN = "from access_tokens"
"""Before the body is read, and again afterwards: the token may have been revoked while it came."""
NOTES_USE = "logic.note_use("
"""That a token is used, once a minute."""
SENDS = "logic.send_recalls("
CHANGES = "logic.change_block("
LOOKS_FOR_CLAIMS = "logic.claims_of_number("
RUN, REGION, PATIENTS, HISTORY = "from runs", "from practices", "from patients", "from block_events"
"""What the answer shows, and where a number that is typed without a prefix is."""
PURPOSES = [SENDS, CHANGES, LOOKS_FOR_CLAIMS, NOTES_USE, SIGNS_IN, RUN, HISTORY, PATIENTS, REGION]


@pytest.fixture
async def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the API's connections have asked PostgreSQL so far, one text a round trip."""
    queries: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        queries.append(" ".join(query.query.split()))

    async def note_all(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(note)

    create_pool = asyncpg.create_pool

    def create(*arguments: Any, **options: Any) -> Any:
        return create_pool(*arguments, **options, init=note_all)

    monkeypatch.setattr(asyncpg, "create_pool", create)
    return queries


@pytest.fixture
def counted(asked: list[str], served: Served) -> Served:
    """The API, whose round trips are noted from its start."""
    asked.clear()
    return served


def purposes(asked: list[str]) -> Counter[str]:
    """Count the round trips by purpose, or by what they ask if that isn't one of them."""
    return Counter(next((each for each in PURPOSES if each in query), query) for query in asked)


async def test_a_send_is_one_round_trip_besides_its_sign_in_and_its_answer(
    counted: Served, asked: list[str]
) -> None:
    # given connections that know the statements
    once, again = [[f"Recall:{await counted.practice.recall()}"] for _ in range(2)]
    await counted.call(SEND, recallIds=once, idempotencyKey="once")
    asked.clear()
    # when
    await counted.call(SEND, recallIds=again, idempotencyKey="again")
    # then
    assert SENDS in purposes(asked)
    assert purposes(asked) <= Counter([SIGNS_IN, SIGNS_IN, SENDS, RUN])


async def test_a_block_is_one_round_trip_besides_its_sign_in_and_its_answer(
    counted: Served, asked: list[str]
) -> None:
    # given
    await counted.call(BLOCK, mobile=MOBILE, blockedRecalls=False)
    asked.clear()
    # when
    await counted.call(TICK, mobile=MOBILE, blocked=True)
    # then
    assert purposes(asked) <= Counter([SIGNS_IN, SIGNS_IN, CHANGES, PATIENTS, HISTORY])


async def test_a_number_without_a_prefix_takes_one_round_trip_more(
    counted: Served, asked: list[str]
) -> None:
    # given
    await counted.call(BLOCK, mobile="0491 570 156", blockedRecalls=True)
    asked.clear()
    # when
    await counted.call(BLOCK, mobile="0491 570 006", blockedRecalls=True)
    # then
    assert purposes(asked) <= Counter([SIGNS_IN, SIGNS_IN, REGION, CHANGES, PATIENTS, HISTORY])


async def test_the_use_of_a_token_is_noted_in_one_round_trip_a_minute(
    counted: Served, asked: list[str]
) -> None:
    # when
    for blocked in True, False:
        await counted.call(BLOCK, mobile=MOBILE, blockedRecalls=blocked)
    # then
    assert purposes(asked)[NOTES_USE] == 1
