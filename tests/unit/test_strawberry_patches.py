"""Tests of what we override in Strawberry and graphql-core, and that they still don't do it."""

import asyncio
import gc
import inspect
import logging
import sys
import warnings
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    introspection_types,
    parse,
)
from graphql.utilities.find_schema_changes import SafeChange, find_schema_changes
from strawberry.asgi import GraphQL
from strawberry.http.async_base_view import logger as handshakes
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.schema.schema import validate_document
from strawberry.types import ExecutionContext

from rowql import strawberry_patches as of_rowql
from schema.roles import STAFF, Allowed
from schema.strawberry_patches import (
    MAX_ERRORS,
    RULES,
    UNSAID,
    RecallsSchema,
    graphql_schema,
    parser_gave_up,
    quiet_strawberry,
    requested_operation,
)

MOBILE = "0491 570 006"


@strawberry.enum
class Colour(Enum):
    """An enum whose names an error may suggest."""

    GREEN = "GREEN"


@strawberry.type
class Item:
    """What the query returns; each field is its own step."""

    @strawberry.field
    async def first(self) -> str:
        """Yield to the loop once."""
        await asyncio.sleep(0)
        return "first"

    @strawberry.field
    async def second(self) -> str:
        """Yield to the loop once."""
        await asyncio.sleep(0)
        return "second"


@strawberry.type
class Query:
    """The root type."""

    @strawberry.field
    async def items(self) -> list[Item]:
        """Return several."""
        await asyncio.sleep(0)
        return [Item(), Item()]

    @strawberry.field
    def painted(self, colour: Colour | None = None) -> str:
        """Return the colour's name."""
        return str(colour)

    @strawberry.field
    def counted(self, numbers: list[int]) -> int:
        """Return how many there are."""
        return len(numbers)

    @strawberry.field
    def broken(self) -> str:
        """Raise an error that names a number."""
        raise ValueError(MOBILE)


@strawberry.type
class Subscription:
    """The subscriptions."""

    @strawberry.subscription
    async def ticks(self) -> AsyncGenerator[int, None]:
        """Yield once."""
        yield 1


@pytest.fixture(autouse=True)
def _introspection_as_it_was() -> Iterator[None]:
    """Put back the field that each of Strawberry's schemas replaces for all others."""
    fields: dict[str, GraphQLField] = introspection_types["__Type"].fields  # type: ignore[attr-defined]
    before = fields["isOneOf"]
    yield
    fields["isOneOf"] = before


def plain(**options: Any) -> strawberry.Schema:
    """Return a schema as Strawberry makes it."""
    return strawberry.Schema(Query, subscription=Subscription, **options)


def ours() -> RecallsSchema:
    """Return the same as we make it."""
    return RecallsSchema(Query, subscription=Subscription)


# The schema


OF_A_LIST = '{ __type(name: "Query") { fields { type { isOneOf ofType { isOneOf } } } } }'


async def test_strawberry_still_fails_to_say_whether_a_list_is_one_of() -> None:
    # when
    answer = await plain().execute(OF_A_LIST)
    # then
    assert answer.errors, "It answers isOneOf for lists: remove RecallsSchema._extend_introspection"


async def test_a_list_is_not_one_of() -> None:
    # when
    answer = await ours().execute(OF_A_LIST)
    # then
    assert answer.errors is None
    assert answer.data is not None
    [types] = [each["type"] for each in answer.data["__type"]["fields"][:1]]
    assert types == {"isOneOf": False, "ofType": {"isOneOf": False}}


WRONG_NUMBERS = "query ($numbers: [Int!]!) { counted(numbers: $numbers) }"


async def wrong_numbers(schema: strawberry.Schema) -> int:
    """Return how many errors there are for a hundred wrong values."""
    answer = await schema.execute(WRONG_NUMBERS, variable_values={"numbers": ["x"] * 100})
    return len(answer.errors or ())


async def test_strawberry_still_reports_any_number_of_errors_in_variables() -> None:
    # then
    assert await wrong_numbers(plain()) > MAX_ERRORS + 1, (
        "It reports few: remove max_coercion_errors from RecallsSchema"
    )
    assert not [name for name in vars(StrawberryConfig()) if "error" in name], (
        "It may take a limit: use it for max_coercion_errors in RecallsSchema"
    )


async def test_a_few_errors_in_variables_are_reported() -> None:
    # then: and one that says that there are more
    assert await wrong_numbers(ours()) == MAX_ERRORS + 1


async def suggestions(schema: strawberry.Schema) -> list[str]:
    """Return the suggestions in the error about a variable's misspelt name."""
    answer = await schema.execute(
        "query ($colour: Colour) { painted(colour: $colour) }", variable_values={"colour": "GREN"}
    )
    return [each.message for each in answer.errors or () if "Did you mean" in each.message]


async def test_strawberry_still_suggests_names_in_variables_although_told_not_to() -> None:
    # given
    schema = plain(config=StrawberryConfig(disable_field_suggestions=True))
    # then
    assert await suggestions(schema), (
        "disable_field_suggestions is enough: use it for hide_suggestions in RecallsSchema"
    )


@pytest.mark.parametrize("suggests", [True, False])
async def test_names_are_suggested_only_if_wanted(suggests: bool) -> None:
    # given
    schema = ours()
    schema.suggests = suggests
    # then
    assert bool(await suggestions(schema)) is suggests


SUBSCRIBE = "subscription { ticks }"


async def test_strawberry_still_takes_a_subscription_for_execution_and_fails() -> None:
    # when
    try:
        answer = await plain().execute(SUBSCRIBE)
    except InvalidOperationTypeError:
        pytest.fail("It refuses a subscription itself: remove RecallsSchema.execute")
    # then
    assert answer.errors or answer.data is None


async def test_a_subscription_is_not_executed() -> None:
    # then
    with pytest.raises(InvalidOperationTypeError):
        await ours().execute(SUBSCRIBE)


@pytest.mark.parametrize("quiet", [False, True])
async def test_only_strawberrys_own_schema_logs_the_values_in_an_error(
    quiet: bool, caplog: pytest.LogCaptureFixture
) -> None:
    # when
    await (ours() if quiet else plain()).execute("{ broken }")
    # then
    if quiet:
        assert MOBILE not in caplog.text
    else:
        assert MOBILE in caplog.text, "It logs no values: remove RecallsSchema.process_errors"


# What is read of its internals


@pytest.mark.parametrize("read", [graphql_schema, of_rowql.graphql_schema])
def test_graphql_cores_schema_is_still_private(read: Any) -> None:
    # given
    schema = plain()
    # when
    public = [
        name
        for name in dir(schema)
        if not name.startswith("_") and isinstance(getattr(schema, name), GraphQLSchema)
    ]
    # then
    assert public == [], f"Schema.{public[0]} is public: use it, and remove graphql_schema"
    assert isinstance(read(schema), GraphQLSchema)


def test_the_definition_behind_a_field_is_still_found_only_by_its_names() -> None:
    # given
    schema = plain()
    made = graphql_schema(schema).type_map["Query"]
    # then
    assert of_rowql.declaration(made) is schema.get_type_by_name("Query")
    assert "field" not in "".join(inspect.signature(schema.get_type_by_name).parameters)
    assert list(inspect.signature(schema.get_field_for_type).parameters) == [
        "field_name",
        "type_name",
    ], "A field may be found by graphql-core's now: look at rowql's declaration"


TWO = "query A { a: __typename } query B { b: __typename }"


async def test_strawberry_still_runs_the_first_of_several_operations() -> None:
    # when
    answer = await plain().execute(TWO)
    # then
    assert answer.data == {"a": "Query"}, (
        "It refuses to choose an operation: remove requested_operation and get_operation_ast"
    )


@pytest.mark.parametrize("name", ["B", None])
def test_the_operation_that_a_client_asks_for_is_still_private(name: str | None) -> None:
    # given
    context = ExecutionContext(
        query=TWO, schema=plain(), allowed_operations=(), provided_operation_name=name
    )
    context.graphql_document = parse(TWO)
    # then
    assert context.operation_name == (name or "A"), (
        "operation_name is what the client asked for: use it, and remove requested_operation"
    )
    assert requested_operation(context) == name


async def test_strawberry_still_reports_any_number_of_errors_in_a_document() -> None:
    # given
    document = f"{{ {' '.join(f'wrong{number}' for number in range(50))} }}"
    # when
    answer = await plain().execute(document)
    # then
    assert len(answer.errors or ()) > MAX_ERRORS, "It reports few: remove errors_in"
    assert "max_errors" not in inspect.signature(validate_document).parameters, (
        "validate_document takes max_errors: use it, and remove errors_in"
    )


def test_documents_are_validated_by_the_rules_that_strawberry_adds() -> None:
    # given
    context = ExecutionContext(query="", schema=plain(), allowed_operations=())
    # when
    added = {rule.__name__ for rule in RULES[len(context.validation_rules) :]}
    # then
    assert RULES[: len(context.validation_rules)] == tuple(context.validation_rules)
    assert {name for name in validate_document.__code__.co_names if name.endswith("Rule")} == added


def test_only_a_text_still_tells_that_the_parser_gave_up() -> None:
    # when
    with pytest.raises(GraphQLSyntaxError) as too_long:
        parse("{ a b c d }", max_tokens=3)
    with pytest.raises(GraphQLSyntaxError) as wrong:
        parse("{ a b c d")
    # then
    assert type(too_long.value) is type(wrong.value), (
        "It has an error of its own: remove parser_gave_up"
    )
    assert parser_gave_up(too_long.value)
    assert not parser_gave_up(wrong.value)


def test_a_permissions_directive_is_shown_by_a_public_property() -> None:
    # given
    [extension] = STAFF
    [permission] = extension.permissions  # type: ignore[attr-defined]
    # then
    assert "schema_directive" in vars(BasePermission)
    assert isinstance(permission.schema_directive, Allowed)


def test_graphql_core_still_calls_the_added_default_of_an_input_field_safe() -> None:
    # given
    sdl = "type Query {{ a(b: B): Int }} input B {{ c: Int{} }}"
    before, after = (build_schema(sdl.format(default)) for default in ("", " = 1"))
    # when
    [change] = find_schema_changes(before, after)
    # then
    assert isinstance(change, SafeChange), (
        "It calls that dangerous: remove _other_defaults in schema/snapshot.py"
    )


# Its log and its warnings


async def given_up_at_each_step() -> int:
    """Begin the operation repeatedly, cancelling it a step later each time; return how often.

    The last one ends by itself.
    """
    schema = plain()
    steps = 0
    while True:
        operation = asyncio.create_task(schema.execute("{ items { first second } }"))
        for _ in range(steps):
            await asyncio.sleep(0)
        if operation.done():
            return steps
        operation.cancel()
        with suppress(asyncio.CancelledError):
            await operation
        steps += 1


@pytest.mark.parametrize("quiet", [False, True])
async def test_an_operation_that_was_given_up_causes_no_warning(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    said: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: said.append(str(told.exc_value)))
    # when
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if quiet:
            quiet_strawberry()
        steps = await given_up_at_each_step()
        gc.collect()
    # then Python would have warned, which is why it is told not to
    assert steps > 3
    if quiet:
        assert said == []
    else:
        assert said, "It awaits all coroutines: remove NOT_BEGUN, and the filter in pyproject.toml"


def test_strawberry_still_logs_the_page_that_it_refuses() -> None:
    # given
    quiet_strawberry()
    [text] = UNSAID
    # then
    assert handshakes.name == "strawberry.ws"
    written = inspect.getsource(inspect.getmodule(GraphQL.run) or GraphQL)
    assert text in written, "It no longer logs this line: remove it from UNSAID"
    line = logging.LogRecord(handshakes.name, logging.WARNING, "", 0, f"{text} %r", ("x",), None)
    assert not handshakes.filter(line)
