"""Tests of connections: pages, cursors and counts, at the root and in lists."""

import pytest

from rowql import CompiledQueries
from tests.rowql.library import Library, both

PAGE = """query ($first: Int!, $after: String) {
  books(first: $first, after: $after) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}"""


@pytest.mark.parametrize("after", [None, "books|1", "books|3"])
@pytest.mark.parametrize("first", [0, 1, 2, 3, 4])
async def test_a_page_is_answered_as_by_graphql_core(
    queries: CompiledQueries, first: int, after: str | None
) -> None:
    # when
    fast, plain = await both(queries, PAGE, {"first": first, "after": after})
    # then
    assert fast == plain
    assert b"errors" not in plain


async def test_a_page_says_where_it_is(queries: CompiledQueries) -> None:
    # when
    answer = await queries.answer(PAGE, {"first": 1, "after": "books|1"}, None, Library())
    # then
    assert answer == (
        b'{"data":{"books":{"edges":[{"cursor":"books|2","node":{"id":"Book:2"}}],'
        b'"pageInfo":{"hasNextPage":true,"hasPreviousPage":true,"startCursor":"books|2",'
        b'"endCursor":"books|2"},"totalCount":3}}}'
    )


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("totalCount", [("count", None)]),
        ("nodes { id }", [("books", ("id",))]),
        ("pageInfo { hasNextPage }", [("books", ("id",))]),
        ("nodes { __typename }", [("books", ("id",))]),
        ("__typename", []),
    ],
)
async def test_a_connection_reads_only_what_is_asked_for(
    queries: CompiledQueries, asked: str, read: list[object]
) -> None:
    # given
    library = Library()
    # when
    await queries.answer(f"{{ books {{ {asked} }} }}", None, None, library)
    # then
    assert library.read == read


@pytest.mark.parametrize("variables", [{"n": 1}, {"n": 2}, {"n": 1, "at": "reviews|1"}, {"n": 0}])
async def test_a_page_for_each_row_is_answered_as_by_graphql_core(
    queries: CompiledQueries, variables: dict[str, object]
) -> None:
    # given
    document = """query ($n: Int!, $at: String) {
      books(first: 3) {
        nodes {
          pagedReviews(first: $n, after: $at) {
            totalCount
            nodes { stars book { id } }
            edges { cursor }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
      }
    }"""
    # when
    fast, plain = await both(queries, document, variables)
    # then
    assert fast == plain
    assert b"errors" not in plain


async def test_the_pages_of_all_rows_are_read_and_counted_at_once(
    queries: CompiledQueries,
) -> None:
    # given
    library = Library()
    # when
    await queries.answer(
        "{ books(first: 3) { nodes { pagedReviews { totalCount nodes { stars } } } } }",
        None,
        None,
        library,
    )
    # then
    assert [name for name, _ in library.read] == ["books", "paged reviews", "count of reviews"]
