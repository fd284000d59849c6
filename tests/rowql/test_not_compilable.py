"""Tests of what is left to graphql-core: what can't be compiled, and what has an error."""

import asyncio
from typing import Any

import pytest
import strawberry
from strawberry.extensions import SchemaExtension

from rowql import CompiledQueries
from rowql.cache import MAX_DOCUMENT_CHARACTERS
from rowql.selection import MAX_FIELDS
from tests.rowql.library import Library, LibrarySchema, Query, both


@pytest.mark.parametrize(
    "document",
    [
        "{ books { nodes { guarded { stars } } } }",
        "{ hello }",
        "{ search { __typename } }",
        "{ reader { name } hello }",
        "{ shouted { totalCount } }",
        "{ slow { totalCount } }",
        f"{{ books {{ nodes {{ {' '.join(f'a{n}: id' for n in range(MAX_FIELDS))} }} }} }}",
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Book") { name } }',
        "{ books { nodes { nothing } } }",
        "{ books(nothing: 1) { totalCount } }",
        "{ books { nodes } }",
        "{ books",
        "",
        "mutation { lend { id } }",
        "subscription { books { totalCount } }",
        "query A { books { totalCount } } query B { books { totalCount } }",
        "{ books { nodes { id @deprecated } } }",
        "{ books { nodes { ...F } } } fragment F on Book { ...F }",
        f"{{ books {{ totalCount }} }} #{'x' * MAX_DOCUMENT_CHARACTERS}",
        f"{'{ books ' * 500}",
    ],
)
async def test_a_document_that_cant_be_compiled_is_left_to_graphql_core(
    queries: CompiledQueries, document: str
) -> None:
    # when
    library = Library()
    answers = [await queries.answer(document, None, None, library) for _ in range(2)]
    # then
    assert answers == [None, None]
    assert library.read == []


async def test_the_variables_of_what_cant_be_compiled_are_read_once() -> None:
    # given
    checked: list[Any] = []
    queries = CompiledQueries(LibrarySchema(Query), check=lambda _document, _run: checked.append)
    document = "query ($ids: [Int!]) { books(ids: $ids) { totalCount } hello }"
    # when
    for _ in range(3):
        await queries.answer(document, {"ids": [1, 2]}, None, Library())
    # then
    assert checked == [{"ids": [1, 2]}]


@pytest.mark.parametrize(
    "document",
    [
        '{ item(id: "Book:3") { ... on Book { title } } }',
        "{ books(ids: [2]) { nodes { same { name } } } }",
    ],
)
async def test_a_null_in_a_non_null_field_is_left_to_graphql_core(
    queries: CompiledQueries, document: str
) -> None:
    # when
    fast, plain = await both(queries, document)
    # then
    assert fast is None
    assert b"Cannot return null for non-nullable field" in plain


async def test_only_the_request_with_an_error_is_left_to_graphql_core(
    queries: CompiledQueries,
) -> None:
    # given a book without a title on the second page
    document = "query ($at: String) { books(after: $at) { nodes { title } } }"
    # when
    first, _ = await both(queries, document)
    second, _ = await both(queries, document, {"at": "books|2"})
    # then
    assert first is not None
    assert second is None


async def test_a_failure_while_reading_is_left_to_graphql_core(
    queries: CompiledQueries, caplog: pytest.LogCaptureFixture
) -> None:
    # when
    fast, plain = await both(queries, '{ books(after: "Jane Austen") { totalCount nodes { id } } }')
    # then: the failure's text is kept out of the log
    assert fast is None
    assert b"errors" in plain
    [message] = caplog.messages
    assert "IndexError" in message
    assert "Jane" not in message


async def test_a_cancelled_operation_is_cancelled(queries: CompiledQueries) -> None:
    # given
    async def forever() -> None:
        await asyncio.Event().wait()

    library = Library(reading=forever)
    asked = asyncio.create_task(queries.answer("{ books { nodes { id } } }", None, None, library))
    while not library.read:
        await asyncio.sleep(0)
    # when
    asked.cancel()
    # then
    with pytest.raises(asyncio.CancelledError):
        await asked


def test_a_schema_whose_extension_would_be_skipped_is_refused() -> None:
    # given
    class Watches(SchemaExtension):
        pass

    watched = LibrarySchema(Query, extensions=[Watches])
    # when / then
    with pytest.raises(ValueError, match="Watches"):
        CompiledQueries(watched)
    assert CompiledQueries(watched, skippable_extensions=[Watches])


async def test_a_schema_without_a_field_that_says_what_it_reads_is_left_to_graphql_core() -> None:
    # given
    @strawberry.type(name="Query")
    class Plain:
        word: str = "hello"

    queries = CompiledQueries(LibrarySchema(Plain))
    # when / then
    assert await queries.answer("{ word }", None, None, Library()) is None
