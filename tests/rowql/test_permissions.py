"""Tests of permissions: all of an operation's are checked before anything is read."""

import pytest

from rowql import CompiledQueries
from tests.rowql.library import Library, on_graphql_core


async def test_a_permission_is_checked_before_anything_is_read(queries: CompiledQueries) -> None:
    # given
    stranger = Library(member=False)
    # when
    fast = await queries.answer("{ books { totalCount } }", None, None, stranger)
    plain = await on_graphql_core("{ books { totalCount } }", library=stranger)
    # then
    assert fast is None
    assert b"Members only" in plain
    assert stranger.read == []


@pytest.mark.parametrize(
    "document",
    [
        '{ reader { name } item(id: "Book:1") { ... on Book { forMembers } } }',
        "{ reader { name } books { nodes { id } } }",
    ],
)
async def test_a_denied_field_anywhere_leaves_the_operation_to_graphql_core(
    queries: CompiledQueries, document: str
) -> None:
    # given
    member, stranger = Library(), Library(member=False)
    # when
    answers = [await queries.answer(document, None, None, who) for who in (member, stranger)]
    # then
    assert answers[0] is not None
    assert answers[1] is None
    assert stranger.read == []


async def test_permissions_are_checked_for_each_request(queries: CompiledQueries) -> None:
    # given
    document = "{ books { totalCount } }"
    # when
    answers = [
        await queries.answer(document, None, None, Library(member=member))
        for member in (False, True, False, True)
    ]
    # then
    assert [answer is not None for answer in answers] == [False, True, False, True]


async def test_a_skipped_field_needs_no_permission(queries: CompiledQueries) -> None:
    # given
    document = """query ($all: Boolean!) {
      reader { name } books @include(if: $all) { totalCount }
    }"""
    # when
    answer = await queries.answer(document, {"all": False}, None, Library(member=False))
    # then
    assert answer == b'{"data":{"reader":{"name":"Nobody"}}}'
