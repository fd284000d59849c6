"""Tests of how much an operation may ask for over each transport, and how long it may take."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    get_introspection_query,
    get_operation_ast,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from schema.build import Policy, make
from schema.limits import LIST, LIST_IN_LIST, MANY, Limits, Measure, measure
from schema.strawberry_patches import graphql_schema
from tests.support.operations import OPERATIONS
from tests.support.served import Served
from tests.support.simulated import until

SCHEMA = make(Policy()).schema
COMPLEX = "OPERATION_TOO_COMPLEX"


def measured(document: str, run: str | None = None) -> Measure:
    parsed = parse(document)
    operation = get_operation_ast(parsed, run)
    assert operation is not None
    return measure(graphql_schema(SCHEMA), parsed, operation, {})


def doubling(times: int) -> str:
    """Return a short document that asks for 2 to the power of ``times`` fields."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(times)]
    return " ".join(["{ ...F0 }", *parts, f"fragment F{times} on Query {{ viewer {{ name }} }}"])


def chain(length: int, depth: int) -> str:
    """Return fragments that each spread the next, nested ``depth`` fields deep."""
    parts = [
        f"fragment F{n} on Query {{ {'a {' * depth} ...F{n + 1} {'}' * depth} }}"
        for n in range(length)
    ]
    return " ".join([*parts, f"fragment F{length} on Query {{ viewer {{ name }} }}"])


TOO_MUCH = {
    "tokens": "{" + "viewer { name } " * 500 + "}",
    "depth": "{ recalls { nodes { patient {"
    + "sharesMobileWith {" * 15
    + " id "
    + "}" * 15
    + "} } } }",
    "fields": doubling(25),
    "aliases": "{ viewer { " + " ".join(f"a{n}: name" for n in range(60)) + " } }",
    "fragments": "{ viewer {" + "... { name }" * 70 + " } }",
    "repeats": "{ recalls {" + "nodes { id }" * 50 + " } }",
    "directives": "{ viewer " + "@include(if: true) " * 60 + "{ name } }",
    "root fields": "{" + " ".join("viewer { name }" for _ in range(30)) + "}",
    "objects": "{ recalls(first: 100) { nodes { attempts { recalls { attempts { id } } } } } }",
    "nested": "{ a" * 400 + " }" * 400,
    "lists": "{ recalls(filter: " + "[" * 900 + "]" * 900 + ") { totalCount } }",
    "chained": "{ ...F0 } " + chain(38, 14),
    "never used": "{ viewer { name } } fragment A on Query { "
    + " ".join(f"f{n}" for n in range(500))
    + " }",
    "doubling, never used": "{ viewer { name } } fragment A "
    + doubling(25).replace("{", "on Query {", 1),
    "cyclic and long": "{ ...A } fragment A on Query { ...A "
    + " ".join(f"a{n}: viewer {{ name }}" for n in range(60))
    + " }",
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_an_operation_that_asks_for_too_much_is_refused_over_http(
    served: Served, name: str
) -> None:
    # when
    errors = await served.errors(TOO_MUCH[name])
    # then
    assert [code for code, _ in errors] == [COMPLEX]


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_an_operation_that_asks_for_too_much_is_refused_over_a_websocket(
    served: Served, name: str
) -> None:
    # when
    async with served.operations() as operations:
        [answer] = await operations.all(TOO_MUCH[name])
    # then
    assert [error["extensions"]["code"] for error in answer["errors"]] == [COMPLEX]


@pytest.mark.parametrize(
    "name",
    ["depth", "fields", "fragments", "repeats", "aliases", "directives", "root fields", "objects"],
)
async def test_the_refusal_says_which_limit_it_was(served: Served, name: str) -> None:
    # when
    [(_, message)] = await served.errors(TOO_MUCH[name])
    # then
    assert f"{name} may be" in message


async def test_a_page_size_in_a_variable_counts_as_well(served: Served) -> None:
    # given
    document = """query ($first: Int) {
      recalls(first: $first) { nodes { attempts { recalls { id } } } }
    }"""
    # when
    small = await served.ask(document, {"first": 10})
    large = await served.errors(document, {"first": 100})
    again = await served.ask(document, {"first": 10})
    # then
    assert "errors" not in small
    assert [code for code, _ in large] == [COMPLEX]
    assert again == small


@pytest.mark.parametrize("rest", ["", " preview: automatedRunPreview { messages }"])
async def test_a_page_size_counts_however_the_variable_is_given(served: Served, rest: str) -> None:
    # given a document that is too large with pages of a hundred, compiled or left to graphql-core
    document = f"""query ($first: Int = 100) {{
      recalls(first: $first) {{ nodes {{ attempts {{ recalls {{ id }} }} }} }} {rest}
    }}"""
    # when null means the list's default, and a missing value the variable's
    null = await served.ask(document, {"first": None})
    refused = [await served.errors(document, given) for given in ({}, {"first": 100.0})]
    # then
    assert "errors" not in null
    assert [[code for code, _ in errors] for errors in refused] == [[COMPLEX], [COMPLEX]]


async def test_the_parts_of_a_document_that_are_not_run_are_measured_too(served: Served) -> None:
    # given an operation that would take long to validate, beside one that is fine
    many = " ".join(f"f{n}" for n in range(24))
    spread = " ".join(f"...F{n}" for n in range(30))
    parts = " ".join(f"fragment F{n} on Query {{ {many} }}" for n in range(30))
    document = f"query A {{ viewer {{ name }} }} query B {{ {spread} }} {parts}"
    # when
    errors = await served.errors(document, operation="A")
    # then
    assert [code for code, _ in errors] == [COMPLEX]


async def test_the_operations_that_clients_send_are_within_the_limits(served: Served) -> None:
    for document in (*OPERATIONS.values(), get_introspection_query(input_value_deprecation=True)):
        # when
        found = measured(document)
        # then
        limits = Limits()
        assert found.depth <= limits.depth
        assert found.objects <= limits.objects
        assert found.fields <= limits.fields * 2 / 3
    assert "errors" not in await served.ask(get_introspection_query(input_value_deprecation=True))


@pytest.mark.parametrize(
    ("document", "objects"),
    [
        ("{ viewer { name } }", 1),
        ("{ recalls { totalCount } }", 1),
        ("{ recalls { nodes { id } } }", 21),
        ("{ recalls(first: 5) { nodes { id } } }", 6),
        ("{ recalls(first: 5) { edges { node { id } } } }", 11),
        ("{ recalls(first: 5) { nodes { patient { id } attempts { id } } } }", 61),
        ("query ($n: Int = 7) { recalls(first: $n) { nodes { id } } }", 8),
        ("query ($n: Int) { recalls(first: $n) { nodes { id } } }", 21),
        ("{ recalls(first: 5) { ...P } } fragment P on RecallConnection { nodes { id } }", 6),
        (
            "{ a: recalls(first: 5) { ...P } b: recalls(first: 7) { ...P } }"
            " fragment P on RecallConnection { nodes { ...R } }"
            " fragment R on Recall { id attempts { id } }",
            6 + 50 + 8 + 70,
        ),
        ("{ recalls(first: -1) { nodes { id } } }", 2),
    ],
)
def test_objects_are_counted_by_page_size(document: str, objects: int) -> None:
    # when / then
    assert measured(document).objects == objects


def test_objects_are_those_of_the_operation_that_runs() -> None:
    # given
    document = "query A { viewer { name } } query B { recalls(first: 5) { nodes { id } } }"
    # when / then
    assert measured(document, "A").objects == 1
    assert measured(document, "B").objects == 6


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a document with a handful of fragments that spread later ones any number of times."""
    count = draw(st.integers(1, 5))

    def selections(least: int, levels: int) -> str:
        def one(kind: int) -> str:
            alias = draw(st.sampled_from(["", "a: ", "b: "]))
            directive = draw(st.sampled_from(["", " @skip(if: false)"]))
            if kind == 0 or levels == 0:
                return f"{alias}id{directive}"
            if kind == 1 and least < count:
                return f"...F{draw(st.integers(least, count - 1))}{directive}"
            if kind == 2:
                return f"...{directive} {{ {selections(least, levels - 1)} }}"
            return f"{alias}sharesMobileWith{directive} {{ {selections(least, levels - 1)} }}"

        kinds = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
        return " ".join(map(one, kinds))

    top = f'{{ node(id: "Patient:1") {{ ... on Patient {{ {selections(0, 3)} }} }} }}'
    parts = [f"fragment F{n} on Patient {{ {selections(n + 1, 2)} }}" for n in range(count)]
    return " ".join([top, *parts])


def expanded(document: str) -> Measure:
    """Measure a document by writing every fragment out."""
    parsed = parse(document)
    fragments = {
        node.name.value: node
        for node in parsed.definitions
        if isinstance(node, FragmentDefinitionNode)
    }

    def walk(
        node: Any, depth: int, times: int, length: int
    ) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield each field's or spread's depth, 1 if a field, aliases, directives and objects."""
        for each in node.selection_set.selections:
            directives = len(each.directives or ())
            if isinstance(each, FieldNode):
                # A list counts as ten, and one inside it as a hundred; the node is one.
                is_list = each.name.value == "sharesMobileWith"
                more = times * (length if is_list else 1)
                yield (
                    depth,
                    1,
                    1 if each.alias else 0,
                    directives,
                    more if each.selection_set else 0,
                )
                if each.selection_set:
                    yield from walk(each, depth + 1, more, LIST_IN_LIST if is_list else LIST)
            elif isinstance(each, InlineFragmentNode):
                yield 0, 0, 0, directives, 0
                yield from walk(each, depth, times, length)
            elif isinstance(each, FragmentSpreadNode):
                yield 0, 0, 0, directives, 0
                yield from walk(fragments[each.name.value], depth, times, length)

    counts = [list(zip(*walk(node, 1, 1, LIST), strict=True)) for node in parsed.definitions]
    return Measure(
        depth=max(max(depths) for depths, *_ in counts),
        fields=max(sum(fields) for _, fields, *_ in counts),
        aliases=max(sum(aliases) for *_, aliases, _, _ in counts),
        directives=max(sum(directives) for *_, directives, _ in counts),
        objects=min(sum(counts[0][-1]), MANY),
    )


@given(documents())
def test_the_quick_count_equals_that_of_the_document_written_out(document: str) -> None:
    # when
    found = measured(document)
    # then
    assert replace(found, fragments=0, repeats=0, root_fields=0) == expanded(document)


def test_a_hundred_doublings_are_counted_without_being_written_out() -> None:
    # when
    found = measured(doubling(100))
    # then
    assert found.fields > Limits().fields


async def test_an_unnamed_operation_among_several_is_refused(served: Served) -> None:
    # given
    document = (
        "query A { viewer { name } } mutation B { savePreferences(input: {}) { __typename } }"
    )
    # when
    errors = await served.errors(document)
    # then
    assert errors == [("BAD_USER_INPUT", "Set operationName to say which operation to run.")]


SLOW = {
    "a compiled query": "{ recalls { nodes { id } } }",
    "a query of graphql-core's": "{ recalls @include(if: true) { nodes { id } } preview: "
    "automatedRunPreview { messages } }",
}


@pytest.fixture
async def impatient(served: Served) -> AsyncIterator[Served]:
    """A second API, with half a second for each query."""
    async with served.again(QUERY_SECONDS="0.5") as other:
        yield other


@pytest.mark.parametrize("way", ["http", "websocket"])
@pytest.mark.parametrize("document", SLOW.values(), ids=SLOW)
async def test_a_query_that_takes_too_long_is_given_up_and_its_sql_with_it(
    impatient: Served, document: str, way: str
) -> None:
    # given a table that nobody can read
    served = impatient
    await served.query("{ viewer { name } }")
    pool = served.practice.pool

    async def waiting() -> bool:
        return bool(
            await pool.fetchval(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
                " and application_name like 'recalls api%'"
            )
        )

    async def none_waiting() -> bool:
        return not await waiting()

    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table recalls in access exclusive mode")
        # when
        asking = asyncio.create_task(ask(served, document, way))
        await until(waiting)
        errors = await asking
        # then
        message = "The operation took longer than 0.5 seconds. Ask for less at once."
        assert errors == [(COMPLEX, message)]
        await until(none_waiting)
    assert "errors" not in await served.ask(document)


async def ask(served: Served, document: str, way: str) -> list[tuple[str, str]]:
    if way == "http":
        return await served.errors(document)
    async with served.operations() as operations:
        [answer] = await operations.all(document)
        return [(e["extensions"]["code"], e["message"]) for e in answer["errors"]]
