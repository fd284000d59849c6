"""Overrides of Strawberry and graphql-core, each with why; and what is read of their internals.

``api/websocket.py`` and ``api/sockets.py`` extend Strawberry's WebSockets, ``rowql`` reads what it
needs by itself. tests/unit/test_strawberry_patches.py and test_strawberry_row_patches.py fail once
one of the two libraries does one of these things itself, and say what can be removed.
"""

import warnings
from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    get_operation_ast,
    is_named_type,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.base import get_object_definition
from strawberry.types.graphql import OperationType

from core.cost import charge_loop
from core.log_filters import leave_out
from rowql import on_worker_thread

ROWS = 50
"""Items of a variable's list from which a mutation begins on the worker thread."""
MAX_ERRORS = 5
"""Most errors reported for a document, or for its variables."""
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""What Strawberry validates documents by; it adds two rules of its own only as it does."""
NOT_BEGUN = r"coroutine '(Executor|GraphQLCoreConverter|execute|async_reduce)\."
"""Python's warning when an operation is cancelled before all of its fields have begun.

graphql-core makes the coroutines of an object's fields at once, and awaits none if it's cancelled
before their first step: they have done nothing, and there is nothing to do. An error in another
field does the same (graphql-python/graphql-core#269), and so does a mutation cancelled while its
rows are read.
"""
UNSAID = ("Rejected WebSocket connection from origin",)
"""A log line that quotes the page from which somebody tried to connect."""
GIVEN_UP = "Parsing aborted."
"""How graphql-core ends its message about a document that is too deep or has too many tokens."""


def quiet_strawberry() -> None:
    """Keep out of the log what clients can cause by what they send or by hanging up."""
    warnings.filterwarnings("ignore", NOT_BEGUN, RuntimeWarning)
    leave_out("strawberry.ws", UNSAID)


class RecallsSchema(strawberry.Schema):
    """Strawberry's schema with our limits, and without its error log.

    All schemas in a process must be of this class: they share the introspection types.
    """

    suggests = True
    """Whether errors suggest names; suggestions reveal the schema to anyone who guesses."""

    async def execute(self, *positional: Any, **named: Any) -> ExecutionResult:
        """Execute a query or a mutation; Strawberry would admit a subscription too, and fail."""
        named["allowed_operation_types"] = {
            *(named.get("allowed_operation_types") or OperationType)
        } - {OperationType.SUBSCRIPTION}
        return await super().execute(*positional, **named)

    def _warn_for_federation_directives(self) -> None:
        """Look for none: Strawberry imports all of federation's, 3 % of a start, to warn of them.

        tests/unit/test_starting.py tells when it no longer does.
        """

    def _extend_introspection(self) -> None:
        """Answer ``isOneOf`` for lists and non-nulls with false; Strawberry fails on them.

        A review said so when it was written (strawberry-graphql/strawberry#3528).
        """
        super()._extend_introspection()
        field = graphql_schema(self).type_map["__Type"].fields["isOneOf"]  # type: ignore[attr-defined]
        of_named = field.resolve
        field.resolve = lambda of, info: is_named_type(of) and of_named(of, info)

    def _get_custom_context_kwargs(self, *positional: Any, **named: Any) -> dict[str, Any]:
        """Return graphql-core's options; Strawberry passes on none of its own accord.

        Few variable errors, because each scans all variables; and suggestions only if wanted:
        Strawberry's ``disable_field_suggestions`` leaves those about variables.
        """
        return super()._get_custom_context_kwargs(*positional, **named) | {
            "max_coercion_errors": MAX_ERRORS,
            "hide_suggestions": not self.suggests,
        }

    def _get_execute_function(self) -> Callable[..., Any]:
        """Begin mutations of many rows on the worker thread.

        graphql-core coerces the variables, value by value, then calls the first resolver. In all
        mutations that is a coroutine function, whose work begins when it is awaited, on the loop.
        """
        execute = super()._get_execute_function()

        def begin(schema: GraphQLSchema, document: DocumentNode, **named: Any) -> Any:
            if _has_rows(named["variable_values"]) and _mutates(document, named["operation_name"]):
                return _begun_on_worker_thread(execute, schema, document, **named)
            return execute(schema, document, **named)

        return begin

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: ``CodedErrors`` logs errors, but none of the values in them."""


async def _begun_on_worker_thread(execute: Callable[..., Any], *given: Any, **named: Any) -> Any:
    begun = await on_worker_thread(charge_loop, execute, *given, **named)
    return await begun if isawaitable(begun) else begun


def _has_rows(variables: dict[str, Any] | None) -> bool:
    lists = [value for value in (variables or {}).values() if isinstance(value, list)]
    return sum(map(len, lists)) >= ROWS


def _mutates(document: DocumentNode, operation_name: str | None) -> bool:
    operation = get_operation_ast(document, operation_name)
    return operation is not None and operation.operation.value == OperationType.MUTATION.value


def graphql_schema(schema: Any) -> GraphQLSchema:
    """Return graphql-core's schema, which a Strawberry schema keeps to itself."""
    made: GraphQLSchema = schema._schema
    return made


def requested_operation(context: ExecutionContext) -> str | None:
    """Return the name of the operation that the client asked for, or None if it named none.

    The public ``operation_name`` is then the first operation's.
    """
    return context._provided_operation_name


def make_directly(schema: strawberry.Schema, rows: Mapping[type, Callable[..., Any]]) -> None:
    """Have graphql-core make rows as it coerces inputs, which have scalars and enums only.

    ``rows`` has a function for each input that takes its fields by name. Strawberry would look up
    the type of each field of each input again, on the loop: a thousand took 70 ms. It takes the
    rows as they are, because it believes that the inputs are scalars.
    """
    scalars = schema.schema_converter.scalar_registry
    for of, make in rows.items():
        definition = get_object_definition(of, strict=True)
        coerced: Any = graphql_schema(schema).type_map[definition.name]
        for field, declared in zip(coerced.fields.values(), definition.fields, strict=True):
            field.out_name = declared.python_name
        coerced.out_type = _of_values(make)
        scalars[of] = scalars[str]


def _of_values(make: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda values: make(**values)


def errors_in(
    schema: GraphQLSchema, document: DocumentNode, *, suggests: bool
) -> list[GraphQLError]:
    """Return the errors that Strawberry's own validation would, but few: it reports a hundred.

    An error may print the whole object that it is in: a hundred of them took a second.
    """
    return validate(schema, document, RULES, max_errors=MAX_ERRORS, hide_suggestions=not suggests)


def parser_gave_up(error: GraphQLError) -> bool:
    """Return whether a document is too long or too deep for the parser; only its text tells."""
    return error.message.endswith(GIVEN_UP)
