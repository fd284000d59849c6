"""Tests of the documents made ready at startup: what is run later is what was read then."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from graphql import GraphQLError, parse

from schema.build import Executable, Policy, make

QUERY, MUTATION = "{ __typename }", "mutation { __typename }"


@pytest.fixture
def executable() -> Executable:
    """One that no other test has prepared anything for."""
    return make.__wrapped__(Policy(open=False))


async def data_of(executable: Executable, text: str) -> object:
    """Return what graphql-core answers, in a context that never waits."""
    context = SimpleNamespace(turn=nullcontext)
    return (await executable.schema.execute(text, context_value=context)).data


@pytest.mark.parametrize(("text", "kind"), [(QUERY, "Query"), (MUTATION, "Mutation")])
async def test_a_prepared_document_is_not_parsed_again(
    executable: Executable, text: str, kind: str
) -> None:
    # given
    executable.prepare(text)
    executable.prepared[text] = parse(text.replace("__typename", "prepared: __typename"))
    # when / then
    assert await data_of(executable, text) == {"prepared": kind}


async def test_a_prepared_document_is_not_validated_again(executable: Executable) -> None:
    # given
    executable.prepare(QUERY)
    executable.prepared[QUERY] = parse("{ __typename @unknown }")
    # when / then
    assert await data_of(executable, QUERY) == {"__typename": "Query"}


async def test_a_document_is_prepared_once(executable: Executable) -> None:
    # given
    executable.prepare(QUERY)
    first = executable.prepared[QUERY]
    # when
    executable.prepare(QUERY)
    # then
    assert executable.prepared[QUERY] is first


@pytest.mark.parametrize("text", ["{", "{ nope }", 'mutation { sendRecalls(recallIds: ["1"]) }'])
async def test_an_invalid_document_is_not_prepared(executable: Executable, text: str) -> None:
    # when
    with pytest.raises(GraphQLError):
        executable.prepare(text)
    # then
    assert executable.prepared == {}


async def test_an_error_suggests_names_even_if_clients_get_no_suggestions(
    executable: Executable,
) -> None:
    # when / then
    with pytest.raises(GraphQLError, match="Did you mean 'viewer'"):
        executable.prepare("{ viewr { name } }")


async def test_a_prepared_query_is_compiled_with_nothing_left_to_do(
    executable: Executable,
) -> None:
    # given
    executable.prepare(QUERY)
    # when
    executable.prepared.clear()
    # then its compiled form needs no parsed document
    context = SimpleNamespace(loaders={})
    answer = await executable.queries.answer(QUERY, None, None, context)
    assert answer == b'{"data":{"__typename":"Query"}}'
