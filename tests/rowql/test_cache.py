"""Tests of what is kept of a document: it is compiled once, and no more is kept than allowed."""

import pytest

from rowql import CompiledQueries
from rowql.cache import MAX_DOCUMENT_CHARACTERS, MAX_VARIANTS
from tests.rowql.library import Library, both, schema


async def test_a_document_is_compiled_once() -> None:
    # given
    metered: list[float] = []
    queries = CompiledQueries(schema, meter=metered.append)
    document = "query ($n: Int) { books(first: $n) { nodes { id } } }"
    # when
    await queries.answer(document, {"n": 1}, None, Library())
    once = len(metered)
    await queries.answer(document, {"n": 2}, None, Library())
    # then
    assert once > 0
    assert min(metered) > 0
    assert len(metered) == once


async def test_no_more_documents_are_kept_than_allowed() -> None:
    # given
    documents = [f"{{ {alias}: books {{ totalCount }} }}" for alias in "abcd"]
    queries = CompiledQueries(schema, max_cached_characters=3 * len(documents[0]))
    for document in documents[:3]:
        assert await queries.answer(document, None, None, Library())
    # when
    assert await queries.answer(documents[0], None, None, Library())
    assert await queries.answer(documents[3], None, None, Library())
    # then the least recently used one is forgotten
    kept = [document in queries._documents for document in documents]
    assert kept == [True, False, True, True]


async def test_a_document_that_is_too_long_to_be_kept_is_answered() -> None:
    # given
    queries = CompiledQueries(schema, max_cached_characters=10)
    # when
    answers = [await both(queries, "{ books { totalCount } }") for _ in range(2)]
    # then
    assert all(fast == plain for fast, plain in answers)


async def test_one_document_is_kept_once_whatever_its_operation_is_called(
    queries: CompiledQueries,
) -> None:
    # given
    document = "{ books { totalCount } }"
    assert await queries.answer(document, None, None, Library())
    # when
    for n in range(100):
        assert await queries.answer(document, None, f"Operation{n}", Library()) is None
    # then
    kept = queries._documents[document]
    assert kept is not None
    assert len(kept._operations) == 1


async def test_each_operation_of_a_document_is_answered_by_its_name(
    queries: CompiledQueries,
) -> None:
    # given
    document = "query A { books { totalCount } } query B { books(first: 1) { nodes { id } } }"
    # when
    a = await queries.answer(document, None, "A", Library())
    b = await queries.answer(document, None, "B", Library())
    neither = await queries.answer(document, None, None, Library())
    # then
    assert a is not None
    assert b is not None
    assert b"totalCount" in a
    assert b"nodes" in b
    assert neither is None


async def test_no_more_variants_of_a_document_are_kept_than_allowed(
    queries: CompiledQueries,
) -> None:
    # given
    flags = [f"f{n}" for n in range(MAX_VARIANTS)]
    declared = ", ".join(f"${flag}: Boolean!" for flag in flags)
    asked = " ".join(f"{flag}: note @skip(if: ${flag})" for flag in flags)
    document = f"query ({declared}) {{ books {{ nodes {{ id {asked} }} }} }}"
    # when
    for skipped in flags:
        variables = {flag: flag == skipped for flag in flags}
        fast, plain = await both(queries, document, variables)
        assert fast == plain
    fast, _ = await both(queries, document, dict.fromkeys(flags, False))
    # then
    assert fast is not None
    kept = queries._documents[document]
    assert kept is not None
    [operation] = kept._operations.values()
    assert operation is not None
    assert len(operation._compiled) <= MAX_VARIANTS


@pytest.mark.parametrize("name", [None, "A"])
async def test_an_operations_variants_are_compiled_for_what_its_directives_read_alone(
    queries: CompiledQueries, name: str | None
) -> None:
    # given
    document = """query A ($n: Int, $all: Boolean!) {
      books(first: $n) { nodes { id note @include(if: $all) } }
    }"""
    # when
    for n in range(20):
        await queries.answer(document, {"n": n, "all": n % 2 == 0}, name, Library())
    # then
    kept = queries._documents[document]
    assert kept is not None
    [operation] = kept._operations.values()
    assert operation is not None
    assert set(operation._compiled) == {(True,), (False,)}


async def test_trusted_documents_outlive_others() -> None:
    # given
    trusted, others = "{ books { totalCount } }", [f"{{ n{n}: __typename }}" for n in range(9)]
    metered: list[float] = []
    queries = CompiledQueries(
        schema, trusted=[trusted], max_cached_characters=40, meter=metered.append
    )
    for document in (trusted, *others):
        assert await queries.answer(document, None, None, Library())
    metered.clear()
    # when
    answer = await queries.answer(trusted, None, None, Library())
    # then
    assert answer is not None
    assert metered == []


async def test_a_trusted_document_is_compiled_however_long_it_is() -> None:
    # given
    trusted = "{ books { totalCount } }" + "#" * MAX_DOCUMENT_CHARACTERS
    queries = CompiledQueries(schema, trusted=[trusted], max_tokens=3)
    # when / then
    assert await queries.answer(trusted, None, None, Library()) is not None
