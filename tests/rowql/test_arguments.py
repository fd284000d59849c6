"""Tests of arguments, variables and directives: each is read as graphql-core reads it."""

from datetime import date
from typing import Any

import pytest

from rowql import CompiledQueries
from tests.rowql.library import BookFilter, Kind, Library, both, on_graphql_core

ARGUMENTS = "first: $first, after: $after, kind: $kind, filter: $filter, ids: $ids"
DECLARED = "$first: Int! = 2, $after: String, $kind: Kind, $filter: BookFilter, $ids: [Int!]"


async def received(
    queries: CompiledQueries, document: str, variables: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the arguments that ``books`` got, which must be those that graphql-core passes."""
    fast, plain = Library(), Library()
    answer = await queries.answer(document, variables, None, fast)
    assert answer == await on_graphql_core(document, variables, plain)
    assert fast.arguments == plain.arguments
    [arguments] = fast.arguments
    return arguments


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", {}),
        ("(first: 1)", {"first": 1}),
        ("(kind: POEMS)", {"kind": Kind.POEMS}),
        ("(kind: null, after: null)", {}),
        ("(ids: [1, 3])", {"ids": [1, 3]}),
        ("(ids: 3)", {"ids": [3]}),
        ("(filter: {})", {"filter": BookFilter()}),
        (
            '(filter: {kinds: [NOVEL], minId: 2, publishedFrom: "1900-01-01"})',
            {"filter": BookFilter(kinds=[Kind.NOVEL], min_id=2, published_from=date(1900, 1, 1))},
        ),
    ],
)
async def test_arguments_in_the_document_are_passed_by_their_python_names(
    queries: CompiledQueries, written: str, expected: dict[str, Any]
) -> None:
    # when
    arguments = await received(queries, f"{{ books{written} {{ nodes {{ id }} }} }}", None)
    # then
    defaults = {"first": 2, "after": None, "kind": None, "filter": None, "ids": None}
    assert arguments == defaults | expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (None, {}),
        ({"first": 1, "after": "books|1"}, {"first": 1, "after": "books|1"}),
        ({"kind": "NOVEL", "ids": [1, 2]}, {"kind": Kind.NOVEL, "ids": [1, 2]}),
        ({"kind": None, "ids": None, "filter": None}, {}),
        (
            {"filter": {"kinds": ["POEMS"], "publishedFrom": "0600-01-01"}},
            {"filter": BookFilter(kinds=[Kind.POEMS], published_from=date(600, 1, 1))},
        ),
        ({"unknown": 1}, {}),
    ],
)
async def test_variables_are_passed_as_converted(
    queries: CompiledQueries, variables: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    # when
    arguments = await received(
        queries, f"query ({DECLARED}) {{ books({ARGUMENTS}) {{ nodes {{ id }} }} }}", variables
    )
    # then
    defaults = {"first": 2, "after": None, "kind": None, "filter": None, "ids": None}
    assert arguments == defaults | expected


async def test_a_variable_inside_an_argument_is_read_for_each_request(
    queries: CompiledQueries,
) -> None:
    # given
    document = "query ($id: Int!) { books(ids: [1, $id], filter: {minId: $id}) { nodes { id } } }"
    # when
    found = [await received(queries, document, {"id": key}) for key in (2, 3)]
    # then
    assert [arguments["ids"] for arguments in found] == [[1, 2], [1, 3]]
    assert [arguments["filter"].min_id for arguments in found] == [2, 3]


async def test_arguments_of_a_nested_lookup_are_passed_once(queries: CompiledQueries) -> None:
    # given
    document = """query ($n: Int) {
      books(first: 3) { nodes { pagedReviews(first: $n) { nodes { stars } } } }
    }"""
    for variables in ({"n": 2}, {"n": 1}, {}):
        # when
        fast, plain = await both(queries, document, variables)
        # then
        assert fast == plain


@pytest.mark.parametrize(
    ("declared", "variables"),
    [
        ("$n: Int!", {"n": "one"}),
        ("$n: Int!", {"n": None}),
        ("$n: Int!", {}),
        ("$n: Int!", {"n": 2**31}),
        ("$n: Int!", {"n": True}),
        ("$n: Int! = 1", {"n": None}),
    ],
)
async def test_a_wrong_variable_is_left_to_graphql_core(
    queries: CompiledQueries, declared: str, variables: dict[str, Any]
) -> None:
    # when
    fast, plain = await both(
        queries, f"query ({declared}) {{ books(first: $n) {{ totalCount }} }}", variables
    )
    # then
    assert fast is None
    assert b"Variable '$n'" in plain


@pytest.mark.parametrize(
    "variables", [{"filter": {"minId": "x"}}, {"filter": {"no": 1}}, {"filter": 1}]
)
async def test_a_wrong_input_object_is_left_to_graphql_core(
    queries: CompiledQueries, variables: dict[str, Any]
) -> None:
    # when
    fast, plain = await both(
        queries,
        "query ($filter: BookFilter) { books(filter: $filter) { totalCount } }",
        variables,
    )
    # then
    assert fast is None
    assert b"errors" in plain


@pytest.mark.parametrize("skipped", [True, False])
@pytest.mark.parametrize("included", [True, False])
async def test_directives_choose_what_is_answered_and_read(
    queries: CompiledQueries, skipped: bool, included: bool
) -> None:
    # given
    document = """query ($skipped: Boolean!, $included: Boolean!) {
      books {
        totalCount @include(if: $included)
        nodes {
          id
          note @skip(if: $skipped) @include(if: $included)
          ... on Book @skip(if: $skipped) { reviews { stars } }
          ...T @include(if: $included)
          tags @skip(if: true)
        }
      }
    }
    fragment T on Book { kind @include(if: true) }"""
    variables = {"skipped": skipped, "included": included}
    library = Library()
    # when
    fast = await queries.answer(document, variables, None, library)
    # then
    assert fast == await on_graphql_core(document, variables)
    names = [name for name, _ in library.read]
    assert ("count" in names) is included
    assert ("reviews" in names) is not skipped
    columns = library.read[0][1] or ()
    assert ("note" in columns) is (included and not skipped)
    assert "tags" not in columns


async def test_a_directives_default_is_taken(queries: CompiledQueries) -> None:
    # given
    document = "query ($v: Boolean = true) { books { nodes { id note @skip(if: $v) } } }"
    for variables in ({}, {"v": False}):
        # when
        fast, plain = await both(queries, document, variables)
        # then
        assert fast == plain
        assert (b"note" in plain) is bool(variables)


async def test_a_null_given_to_a_directive_is_left_to_graphql_core(
    queries: CompiledQueries,
) -> None:
    # given
    document = "query ($v: Boolean = true) { books { nodes { id @skip(if: $v) } } }"
    # when
    fast, plain = await both(queries, document, {"v": None})
    # then
    assert fast is None
    assert b"errors" in plain
