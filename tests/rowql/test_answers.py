"""Tests that a compiled query's answer is graphql-core's, byte for byte."""

from typing import Any

import pytest

from rowql import CompiledQueries
from tests.rowql.library import BOOKS, Library, both, on_graphql_core


async def test_an_answer_is_graphql_cores_to_the_byte(queries: CompiledQueries) -> None:
    # given
    document = """query ($n: Int, $all: Boolean = true, $at: String) {
      __typename
      books(first: $n, after: $at) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { ...B @include(if: $all) same: id } }
      }
      again: books(first: 1) { nodes { reviews { stars } } }
    }
    fragment B on Book { id note kind author { name __typename } reviews { stars } }"""
    for variables in ({"n": 3}, {"n": 1}, {"n": 2, "at": "books|1", "all": False}):
        # when
        fast, plain = await both(queries, document, variables)
        # then
        assert fast == plain


@pytest.mark.parametrize(
    "document",
    [
        "{ books(first: 3) { nodes { id note tags loudTags } } }",
        "{ books(first: 3) { nodes { kind kinds } } }",
        "{ books(first: 3) { nodes { published addedAt } } }",
        "{ books(first: 3) { nodes { author { name town } } } }",
        "{ books(first: 1) { nodes { same { name } author { town } } } }",
        "{ books(first: 3) { nodes { labels { kind note } } } }",
        "{ books(first: 3) { nodes { labels { note a: note author { name } } author { town } } } }",
        "{ books(first: 3) { nodes { labels { tags kind } note } } }",
        "{ books(first: 3) { nodes { labels { kind reviews { stars } } } } }",
        "{ books(first: 3) { nodes { labels { __typename } } } }",
        "{ books(first: 3) { nodes { publisher { name } } } }",
        "{ books(first: 0) { nodes { id } totalCount } }",
        "{ books { __typename nodes { __typename } edges { __typename } } }",
        "{ reader { name } __typename hello: __typename }",
        "{ a: reader { b: name c: name } d: reader { name } }",
        "{ books(first: 1) { nodes { id id ... on Book { id title } ... { title } } } }",
        "{ books(first: 1) { nodes { author { name } } nodes { author { town } } } }",
    ],
)
async def test_each_kind_of_field_is_answered_as_by_graphql_core(
    queries: CompiledQueries, document: str
) -> None:
    # when
    fast, plain = await both(queries, document)
    # then
    assert fast == plain
    assert b"errors" not in plain


async def test_a_repeated_object_follows_its_values_from_one_request_to_the_next(
    queries: CompiledQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an answer whose objects are kept
    document = "{ books(first: 1) { nodes { author { name town } } } }"
    before, _ = await both(queries, document)
    # when
    monkeypatch.setitem(BOOKS[0], "author_home_town", "Bath")
    fast, plain = await both(queries, document)
    # then
    assert fast == plain != before


@pytest.mark.parametrize("key", ["Book:1", "Book:9", "Magazine:7", "Magazine:8"])
async def test_an_interface_is_answered_by_its_rows_type(
    queries: CompiledQueries, key: str
) -> None:
    # given
    document = """query ($id: ID!) {
      item(id: $id) { __typename id ... on Book { title reviews { stars } } ...M }
    }
    fragment M on Magazine { issue }"""
    # when
    fast, plain = await both(queries, document, {"id": key})
    # then
    assert fast == plain


@pytest.mark.parametrize(
    "document",
    [
        "{ books { nodes { ... on Found { __typename } } } }",
        "{ books { nodes { publisher { ... on Found { ... on Review { stars } } } } } }",
        "{ books { nodes { ... on Item { id } } } }",
    ],
)
async def test_fragments_on_abstract_types_and_empty_ones_are_answered_as_by_graphql_core(
    queries: CompiledQueries, document: str
) -> None:
    # when
    fast, plain = await both(queries, document)
    # then
    assert fast == plain


async def test_a_fragment_that_is_spread_many_times_is_collected_once(
    queries: CompiledQueries,
) -> None:
    # given a document that would expand to a thousand million fields
    doubling = "".join(f"fragment F{n} on Book {{ ...F{n + 1} ...F{n + 1} }} " for n in range(30))
    document = f"{{ books {{ nodes {{ ...F0 }} }} }} {doubling} fragment F30 on Book {{ id }}"
    # when
    fast, plain = await both(queries, document)
    # then
    assert fast is not None
    assert fast == plain


async def test_lists_in_lists_are_answered_as_by_graphql_core(queries: CompiledQueries) -> None:
    # given
    document = """{
      books(first: 3) {
        nodes { publisher { books { id reviews { stars book { id publisher { name } } } } } }
      }
    }"""
    # when
    fast, plain = await both(queries, document)
    # then
    assert fast == plain
    assert plain.count(b"stars") > 3


async def test_only_requested_columns_are_read(queries: CompiledQueries) -> None:
    # given
    library = Library()
    # when
    await queries.answer("{ books { nodes { note kind } } }", None, None, library)
    await queries.answer("{ books { totalCount } }", None, None, library)
    # then
    assert library.read == [("books", ("note", "kind")), ("count", None)]


async def test_columns_that_lookups_need_are_read_once(queries: CompiledQueries) -> None:
    # given
    library = Library()
    # when
    await queries.answer(
        "{ books { edges { cursor node { id again: id reviews { stars } } } } }",
        None,
        None,
        library,
    )
    # then
    assert library.read == [("books", ("id",)), ("reviews", ("book_id", "stars"))]


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_level_is_read_at_once_however_many_rows_it_has(
    queries: CompiledQueries, compiled: bool
) -> None:
    # given
    library = Library()
    document = "{ books(first: 3) { nodes { reviews { book { reviews { stars } } } } } }"
    # when
    if compiled:
        answer: Any = await queries.answer(document, None, None, library)
    else:
        answer = await on_graphql_core(document, library=library)
    # then
    assert b"errors" not in answer
    assert [name for name, _ in library.read] == ["books", "reviews", "books of reviews", "reviews"]


async def test_a_level_without_keys_is_not_read(queries: CompiledQueries) -> None:
    # given a book without a publisher
    library = Library()
    # when
    answer = await queries.answer(
        "{ books(ids: [2]) { nodes { publisher { name books { id } } } } }", None, None, library
    )
    # then
    assert answer == b'{"data":{"books":{"nodes":[{"publisher":null}]}}}'
    assert [name for name, _ in library.read] == ["books"]
