"""Tests of limits: on documents, and on an answer's objects, length and time."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from rowql import (
    OBJECT_LIMIT,
    CompiledQueries,
    ObjectLimit,
    TooLongError,
    TooManyObjectsError,
)
from rowql import objects as object_limits
from rowql import operation as operations
from tests.rowql.library import Library, on_graphql_core, schema

REVIEWED = "{ books(first: 2) { nodes { id reviews { stars } } } }"
"""Has four objects: two books, and the two reviews of the first."""


class BusyError(Exception):
    """Nothing to read with."""


@pytest.mark.parametrize(
    ("document", "objects"),
    [
        (REVIEWED, 4),
        ("{ books(first: 2) { totalCount } }", 0),
        ("{ books(first: 2) { edges { node { id } } } }", 4),
        ("{ books(first: 3) { nodes { same { town } author { town } } } }", 9),
        ("{ books(first: 3) { nodes { pagedReviews(first: 1) { nodes { stars } } } } }", 5),
        ("{ books(first: 1) { nodes { reviews { book { reviews { stars } } } } } }", 9),
        ("{ reader { name } again: reader { name } }", 2),
    ],
)
async def test_an_answer_with_too_many_objects_is_given_up(document: str, objects: int) -> None:
    # given
    enough = CompiledQueries(schema, max_objects=objects)
    one_less = CompiledQueries(schema, max_objects=objects - 1)
    # when / then
    assert await enough.answer(document, None, None, Library())
    with pytest.raises(TooManyObjectsError):
        await one_less.answer(document, None, None, Library())


async def test_an_answer_that_is_too_long_is_given_up() -> None:
    # given
    length = len(await on_graphql_core(REVIEWED))
    enough = CompiledQueries(schema, max_bytes=length)
    one_less = CompiledQueries(schema, max_bytes=length - 1)
    # when / then
    assert await enough.answer(REVIEWED, None, None, Library())
    with pytest.raises(TooLongError):
        await one_less.answer(REVIEWED, None, None, Library())


async def test_an_operation_that_takes_too_long_is_stopped() -> None:
    # given
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("read")

    queries = CompiledQueries(schema, timeout=0.01)
    # when / then
    with pytest.raises(TimeoutError):
        await queries.answer(REVIEWED, None, None, Library(reading=forever))
    assert ended == ["read"]


async def test_a_reads_own_timeout_is_left_to_graphql_core() -> None:
    # given
    async def late() -> None:
        raise TimeoutError

    queries = CompiledQueries(schema, timeout=10)
    # when / then
    assert await queries.answer(REVIEWED, None, None, Library(reading=late)) is None


@pytest.mark.parametrize("propagated", [(), (BusyError,)])
async def test_an_error_of_a_read_is_raised_only_if_it_is_named(
    propagated: tuple[type[Exception], ...],
) -> None:
    # given
    async def busy() -> None:
        raise BusyError

    queries = CompiledQueries(schema, propagated=propagated)
    library = Library(reading=busy)
    # when / then
    if propagated:
        with pytest.raises(BusyError):
            await queries.answer(REVIEWED, None, None, library)
    else:
        assert await queries.answer(REVIEWED, None, None, library) is None


async def test_a_document_with_too_many_tokens_is_left_to_graphql_core() -> None:
    # given
    queries = CompiledQueries(schema, max_tokens=10)
    # when / then
    assert await queries.answer("{ books { totalCount } }", None, None, Library())
    assert await queries.answer(REVIEWED, None, None, Library()) is None


async def test_an_operation_that_the_check_refuses_is_left_to_graphql_core() -> None:
    # given
    seen: list[str] = []

    def check(
        document: DocumentNode, operation: OperationDefinitionNode
    ) -> Callable[[Mapping[str, Any]], None]:
        seen.append("document")
        if len(document.definitions) > 1 or operation.name:
            raise GraphQLError("no")

        def of_request(variables: Mapping[str, Any]) -> None:
            seen.append("variables")
            if variables.get("n") == 7:
                raise GraphQLError("not seven")

        return of_request

    queries = CompiledQueries(schema, check=check)
    document = "query ($n: Int) { books(first: $n) { totalCount } }"
    # when
    answers = [
        await queries.answer(document, variables, None, Library())
        for variables in ({"n": 1}, {"n": 7}, {"n": 2})
    ]
    named = await queries.answer("query A { books { totalCount } }", None, None, Library())
    # then
    assert [answer is not None for answer in answers] == [True, False, True]
    assert named is None
    assert seen == ["document", *["variables"] * 3, "document"]


@pytest.mark.parametrize(("most", "given_up"), [(4, False), (3, True)])
async def test_objects_that_graphql_core_finds_are_limited_too(most: int, given_up: bool) -> None:
    # given
    calls: list[str] = []
    limit = ObjectLimit(most, lambda: calls.append("exceeded"))
    outer = OBJECT_LIMIT.set(limit)
    # when
    try:
        answer = await on_graphql_core("{ books(first: 1) { nodes { reviews { stars } } } }")
    finally:
        OBJECT_LIMIT.reset(outer)
    # then: the row that shows that there is another page is counted
    assert limit.exceeded is given_up
    assert (b"errors" in answer) is given_up
    assert bool(calls) is given_up


@pytest.mark.parametrize("way", ["compiled", "graphql-core"])
async def test_others_run_while_a_long_answer_is_made(
    queries: CompiledQueries, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    # given
    async def answer() -> None:
        if way == "compiled":
            assert await queries.answer(REVIEWED, None, None, Library())
        else:
            OBJECT_LIMIT.set(ObjectLimit(100, lambda: None))
            await on_graphql_core(REVIEWED)

    await answer()
    # when
    alone = await turns_of_others(answer())
    monkeypatch.setattr(object_limits, "ROWS_PER_TURN", 0)
    monkeypatch.setattr(operations, "ROWS_PER_TURN", 0)
    in_turn = await turns_of_others(answer())
    # then
    assert in_turn > alone


async def turns_of_others(work: Coroutine[Any, Any, None]) -> int:
    """Return how often another task runs while the work does."""
    turns, done = 0, asyncio.create_task(work)
    while not done.done():
        turns += 1
        await asyncio.sleep(0)
    await done
    return turns
