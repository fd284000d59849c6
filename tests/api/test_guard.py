"""Tests of the guard of operations: which one runs, for how long, and how errors are reported."""

from typing import Any

import pytest

from schema.guard import MAX_KEPT_CHARACTERS
from tests.api.test_limits import COMPLEX
from tests.support.operations import BLOCK
from tests.support.served import Served
from tests.support.simulated import until

MANY = 400
FILTER = "query ($filter: RecallFilter) { recalls(filter: $filter) { totalCount } }"
TWO = "query A { viewer { name } } query B { practice { name } }"
WHICH = "Set operationName to say which operation to run."


async def test_only_a_few_errors_in_a_document_are_reported(served: Served) -> None:
    # given
    wrong = " ".join(f"wrong{n}: 1" for n in range(MANY))
    # when
    errors = await served.errors(f"{{ recalls(filter: {{ {wrong} }}) {{ totalCount }} }}")
    # then
    assert len(errors) == 6
    assert errors[-1][1].startswith("Too many validation errors")


@pytest.mark.parametrize("way", ["http", "websocket"])
async def test_only_a_few_errors_in_variables_are_reported(served: Served, way: str) -> None:
    # given
    variables = {"filter": {f"wrong{n}": 1 for n in range(MANY)}}
    # when
    answer = await answer_of(served, FILTER, variables, way)
    # then
    assert len(answer["errors"]) == 6
    assert answer["errors"][-1]["message"].startswith("Too many errors processing variables")


async def answer_of(
    served: Served, document: str, variables: dict[str, Any], way: str
) -> dict[str, Any]:
    if way == "http":
        return await served.ask(document, variables)
    async with served.operations() as operations:
        [answer] = await operations.all(document, variables)
        return answer


@pytest.mark.parametrize("name", ["", "C"])
async def test_an_operation_that_the_document_doesnt_have_is_refused(
    served: Served, name: str
) -> None:
    # when
    errors = await served.errors(TWO, operation=name)
    # then
    assert errors == [("BAD_USER_INPUT", f'Unknown operation named "{name}".')]


async def test_the_named_one_of_several_operations_runs(served: Served) -> None:
    # when
    answer = await served.ask(TWO, operation="B")
    # then
    assert answer == {"data": {"practice": {"name": "Harbour Medical"}}}


async def test_each_operation_in_a_kept_document_runs_when_it_is_named(
    served: Served,
) -> None:
    # given a document that graphql-core runs and that is kept
    both = """
      mutation Add { blockMobile(input: { mobile: "0491 570 156" }) { __typename } }
      mutation Remove { removeBlockedMobile(input: { mobile: "0491 570 156" }) { __typename } }
    """
    await served.ask(both, operation="Add")
    # when
    answers = [await served.ask(both, operation=name) for name in ("Remove", "Add", "Remove")]
    # then
    assert [list(answer["data"]) for answer in answers] == [
        ["removeBlockedMobile"],
        ["blockMobile"],
        ["removeBlockedMobile"],
    ]


async def test_many_different_documents_are_answered(served: Served) -> None:
    # given more documents than are kept
    long = "x" * 9_000
    documents = [
        f"mutation M{n}{long} {{ syncRecalls(input: []) {{ __typename }} }}"
        for n in range(MAX_KEPT_CHARACTERS // len(long) + 2)
    ]
    # when
    answers = [await served.ask(document) for document in [*documents, documents[0]]]
    # then
    assert answers == [{"data": {"syncRecalls": {"__typename": "Synced"}}}] * len(answers)


@pytest.mark.parametrize(
    "document",
    [TWO, TWO.replace("query", "subscription")],
    ids=["queries", "subscriptions"],
)
async def test_none_of_several_operations_runs_unnamed_over_a_websocket(
    served: Served, document: str
) -> None:
    # when
    async with served.operations() as operations:
        [answer] = await operations.all(document)
    # then
    assert [error["message"] for error in answer["errors"]] == [WHICH]


@pytest.mark.parametrize(
    "document",
    ["{ recalls { ... @defer { totalCount } } }", "{ recalls { nodes @stream { id } } }"],
)
async def test_an_answer_in_parts_is_refused(served: Served, document: str) -> None:
    # when
    [(code, message)] = await served.errors(document)
    # then
    assert code == "BAD_USER_INPUT"
    assert message.startswith("Unknown directive")


async def test_a_subscription_that_asks_for_too_much_is_refused(served: Served) -> None:
    # given
    aliases = " ".join(f"a{n}: id" for n in range(60))
    # when
    async with served.operations() as operations:
        document = f'subscription {{ runProgress(runId: "Run:1") {{ {aliases} }} }}'
        [answer] = await operations.all(document)
    # then
    assert [error["extensions"]["code"] for error in answer["errors"]] == [COMPLEX]


async def test_a_query_that_takes_too_long_is_given_up_over_an_event_stream(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a table that nobody can read
    monkeypatch.setenv("RECALLS_QUERY_SECONDS", "0.5")
    pool = served.practice.pool
    async with served.again() as impatient, pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table recalls in access exclusive mode")
        # when
        async with impatient.events("{ recalls { nodes { id } } }") as events:
            told = [data async for name, data in events.stream if name == "next"]
        # then
        assert [error["extensions"]["code"] for error in told[0]["errors"]] == [COMPLEX]
        await until(lambda: nothing_waits(served))


async def test_a_mutation_that_takes_too_long_is_given_up_and_changes_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a known viewer's mutation that has to wait in the middle of its transaction
    await served.query("{ viewer { name } }")
    monkeypatch.setattr("schema.guard.MUTATION_SECONDS", 0.5)
    pool = served.practice.pool
    given = {"input": {"mobile": "0491 570 006", "blockedRecalls": True}}
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table audit_events in access exclusive mode")
        # when
        errors = await served.errors(BLOCK, given)
        # then
        message = "The operation took longer than 0.5 seconds. Ask for less at once."
        assert errors == [(COMPLEX, message)]
        await until(lambda: nothing_waits(served))
    assert await pool.fetchval("select count(*) from blocked_communications") == 0
    assert "errors" not in await served.ask(BLOCK, given)


async def nothing_waits(served: Served) -> bool:
    """Return whether none of the API's connections waits for a lock."""
    return not await served.practice.pool.fetchval(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
        " and application_name like 'recalls api%'"
    )
