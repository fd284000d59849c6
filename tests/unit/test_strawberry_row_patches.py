"""Tests of how a mutation's rows are read, and that the libraries still read them otherwise."""

import asyncio
import gc
import sys
import threading
import warnings
from contextlib import suppress
from datetime import date
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, OperationDefinitionNode, parse
from graphql.execution.values import VariableValues, get_variable_values
from hypothesis import given
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from schema.mutations import Mutation as OurMutation
from schema.strawberry_patches import (
    MAX_ERRORS,
    ROWS,
    RecallsSchema,
    graphql_schema,
    make_directly,
    quiet_strawberry,
)

SECONDS = 10.0
"""Longest wait for another thread."""
TAKE = "mutation ($rows: [Row!]!) { take(rows: $rows) }"
TWICE = "mutation ($rows: [Row!]!) { a: take(rows: $rows) b: take(rows: $rows) }"


@strawberry.enum
class Colour(Enum):
    """An enum of a row."""

    GREEN = "green"
    BLUE = "blue"


class Read:
    """A text that is kept with the thread that read it."""

    threads: set[str]


def read(text: str) -> str:
    """Note the thread that reads a text."""
    Read.threads.add(threading.current_thread().name)
    return text


@strawberry.input
class Row:
    """Every kind of field that a sync's rows have."""

    pms_id: str
    read_by: Read | None = None
    born: date | None = None
    consent: bool | None = None
    colour: Colour = Colour.GREEN


@strawberry.type
class Query:
    """The root type."""

    @strawberry.field
    async def taken(self, rows: list[Row]) -> str:
        """Return what is taken."""
        return repr(rows)


@strawberry.type
class Mutation:
    """The mutations."""

    @strawberry.mutation
    async def take(self, rows: list[Row]) -> str:
        """Return what is taken; awaits once."""
        await asyncio.sleep(0)
        return f"{threading.current_thread().name} {rows!r}"


def made(kind: type[strawberry.Schema]) -> Any:
    """Return a schema of this kind."""
    texts = strawberry.scalar(name="Read", parse_value=read)
    return kind(Query, Mutation, config=StrawberryConfig(scalar_map={Read: texts}))


def ours() -> Any:
    """Return a schema as we make it."""
    schema = made(RecallsSchema)
    make_directly(schema, {Row: Row})
    return schema


@pytest.fixture(autouse=True)
def _nobody_has_read() -> None:
    Read.threads = set()


def rows(count: int) -> list[dict[str, Any]]:
    """Return rows whose reader is noted."""
    return [{"pmsId": str(n), "readBy": "x"} for n in range(count)]


# Who reads the rows


@pytest.mark.parametrize(
    ("document", "count", "thread"),
    [
        (TAKE, ROWS, "rowql_0"),
        (TAKE, ROWS - 1, "MainThread"),
        (TAKE.replace("mutation", "query").replace("take", "taken"), ROWS, "MainThread"),
    ],
    ids=["many rows", "few rows", "a query"],
)
async def test_the_worker_thread_reads_the_many_rows_of_a_mutation(
    document: str, count: int, thread: str
) -> None:
    # when
    answer = await ours().execute(document, {"rows": rows(count)})
    # then
    assert answer.errors is None
    assert Read.threads == {thread}


async def test_a_mutation_itself_runs_on_the_loop_however_many_rows_it_has() -> None:
    # when
    answer = await ours().execute(TWICE, {"rows": rows(ROWS)})
    # then
    assert [taken.split()[0] for taken in answer.data.values()] == ["MainThread"] * 2


async def test_the_loop_runs_while_many_rows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # given rows that can't be read before the loop has run
    ran = threading.Event()
    waited: list[bool] = []
    monkeypatch.setattr(Read, "threads", WaitsFor(ran, waited))
    # when
    taking = asyncio.create_task(ours().execute(TAKE, {"rows": rows(ROWS)}))
    while not waited and not taking.done():
        await asyncio.sleep(0)
        ran.set()
    answer = await taking
    # then
    assert answer.errors is None
    assert all(waited)


class WaitsFor(set[str]):
    """Notes whether an event came whenever something is added."""

    def __init__(self, event: threading.Event, waited: list[bool]) -> None:
        super().__init__()
        self._event, self._waited = event, waited

    def add(self, _: str) -> None:
        """Wait for the event."""
        self._waited.append(self._event.wait(SECONDS))


async def test_graphql_core_still_reads_the_rows_on_the_loop() -> None:
    # when
    await made(strawberry.Schema).execute(TAKE, {"rows": rows(ROWS)})
    # then
    assert Read.threads == {"MainThread"}, (
        "It no longer does: remove RecallsSchema._get_execute_function"
    )


def test_every_mutation_is_a_coroutine_function_which_begins_nothing_on_the_worker_thread() -> None:
    # given
    fields = OurMutation.__strawberry_definition__.fields  # type: ignore[attr-defined]
    # then
    assert fields
    assert [field.name for field in fields if not field.is_async] == []


@pytest.mark.parametrize("quiet", [False, True])
async def test_a_mutation_that_is_given_up_while_its_rows_are_read_causes_no_warning(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    said: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: said.append(str(told.exc_value)))
    schema, reading, go_on = ours(), threading.Event(), threading.Event()
    monkeypatch.setattr(Read, "threads", Holds(reading, go_on))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if quiet:
            quiet_strawberry()
        # when
        taking = asyncio.create_task(schema.execute(TWICE, {"rows": rows(ROWS)}))
        await asyncio.to_thread(reading.wait, SECONDS)
        taking.cancel()
        go_on.set()
        with suppress(asyncio.CancelledError):
            await taking
        del taking  # its error holds what was begun, and the loop holds it for one more step
        await asyncio.sleep(0)
        gc.collect()
    # then Python would have warned, which is why it is told not to
    assert bool(said) is not quiet


class Holds(set[str]):
    """Says that something is added, and waits before it goes on."""

    def __init__(self, reading: threading.Event, go_on: threading.Event) -> None:
        super().__init__()
        self._reading, self._go_on = reading, go_on

    def add(self, _: str) -> None:
        """Wait to go on."""
        self._reading.set()
        self._go_on.wait(SECONDS)


# What they are read as


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from(["GREEN", "blue", "2026-11-23", "2026-13-01"]),
    st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
RIGHT = st.fixed_dictionaries(
    {"pmsId": st.text(max_size=5)},
    optional={
        "born": st.none() | st.dates().map(str),
        "consent": st.none() | st.booleans(),
        "colour": st.sampled_from(["GREEN", "BLUE"]),
        "readBy": st.none() | st.text(max_size=2),
    },
)
WRONG = st.dictionaries(
    st.sampled_from(["pmsId", "pms_id", "born", "consent", "colour", "bron", "readBy"]), VALUES
)
ROW_LISTS = st.one_of(
    st.lists(RIGHT, max_size=3),
    st.lists(RIGHT | WRONG | VALUES, max_size=3),
    st.lists(RIGHT, min_size=ROWS, max_size=ROWS + 3),
    st.builds(lambda right, wrong: right * ROWS + wrong, st.lists(RIGHT), st.lists(WRONG)),
    RIGHT,
    VALUES,
)
LITERALS = """mutation ($rows: Row!, $id: String!) {
  take(rows: [$rows, { pmsId: $id, colour: BLUE }, { pmsId: "3", born: "2026-11-23" }]) }"""


class AsStrawberry(strawberry.Schema):
    """Strawberry's schema, with as few errors as ours."""

    def _get_custom_context_kwargs(self, *positional: Any, **named: Any) -> dict[str, Any]:
        return super()._get_custom_context_kwargs(*positional, **named) | {
            "max_coercion_errors": MAX_ERRORS
        }

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing."""


OURS, THEIRS = ours(), made(AsStrawberry)


async def answers(document: str, variables: dict[str, Any]) -> list[Any]:
    """Return our answer and Strawberry's, with all that they say of errors."""
    found = [await schema.execute(document, variables) for schema in (OURS, THEIRS)]
    return [(each.data, [e.formatted for e in each.errors or ()]) for each in found]


@given(rows=ROW_LISTS)
def test_rows_are_what_strawberry_makes_of_them_and_errors_are_the_same(rows: Any) -> None:
    # when
    mine, theirs = asyncio.run(answers(TAKE, {"rows": rows}))
    # then
    assert mine == theirs


@given(row=RIGHT | WRONG | VALUES, id=VALUES)
def test_rows_in_the_document_are_what_strawberry_makes_of_them(row: Any, id: Any) -> None:  # noqa: A002
    # when
    mine, theirs = asyncio.run(answers(LITERALS, {"rows": row, "id": id}))
    # then
    assert mine == theirs


def test_strawberry_still_makes_the_rows_after_graphql_core() -> None:
    # given
    [operation] = parse(TAKE).definitions
    assert isinstance(operation, OperationDefinitionNode)
    # when
    values = get_variable_values(
        graphql_schema(THEIRS), operation.variable_definitions or (), {"rows": rows(1)}
    )
    # then
    assert isinstance(values, VariableValues)
    [row] = values.coerced["rows"]
    assert isinstance(row, dict), "It makes them as they are coerced: remove make_directly"
