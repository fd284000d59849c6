"""Overrides of Strawberry and graphql-core, each with why; and what is read of their internals.

``api/websocket.py`` and ``api/sockets.py`` extend Strawberry's WebSockets, ``rowql`` reads what it
needs by itself. tests/unit/test_strawberry_patches.py fails once one of the two libraries does one
of these things itself, and says what can be removed.
"""

import warnings
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    is_named_type,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from core.log_filters import leave_out

MAX_ERRORS = 5
"""Most errors reported for a document, or for its variables."""
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
"""What Strawberry validates documents by; it adds two rules of its own only as it does."""
NOT_BEGUN = r"coroutine '(Executor|GraphQLCoreConverter)\."
"""Python's warning when an operation is cancelled before all of its fields have begun.

graphql-core makes the coroutines of an object's fields at once, and awaits none if it's cancelled
before their first step: they have done nothing, and there is nothing to do. An error in another
field does the same (graphql-python/graphql-core#269).
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

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: ``CodedErrors`` logs errors, but none of the values in them."""


def graphql_schema(schema: Any) -> GraphQLSchema:
    """Return graphql-core's schema, which a Strawberry schema keeps to itself."""
    made: GraphQLSchema = schema._schema
    return made


def requested_operation(context: ExecutionContext) -> str | None:
    """Return the name of the operation that the client asked for, or None if it named none.

    The public ``operation_name`` is then the first operation's.
    """
    return context._provided_operation_name


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
