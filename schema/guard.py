"""What stands between a client's document and its execution, whichever way it came."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.language.visitor import BREAK
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.graphql import OperationType

from core.cost import BusyError
from db.blocklist import LONGEST_WAIT
from schema.compiled import OBJECTS, Objects
from schema.compiled.apart import apart
from schema.compiled.kept import MAX_CHARACTERS, Kept
from schema.compiled.writing import LARGEST
from schema.errors import busy
from schema.limits import Limits, check, measure, too_complex

MUTATION_SECONDS = LONGEST_WAIT + 10
"""How long a mutation may take: a block waits for the claims that are being handed over."""

LONGEST_KEPT = 10_000
"""Characters of a document that is kept: comments and spaces have no end."""

MAX_ERRORS = 5
"""Errors of a document, or of its variables, that are told."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What clients may do; ``open`` lets them ask for the schema, and suggests names to them."""

    limits: Limits = field(default_factory=Limits)
    open: bool = True


def too_slow(seconds: float) -> GraphQLError:
    """Give the error for an operation that was given up."""
    return too_complex(f"The operation took longer than {seconds:g} seconds. Ask for less at once.")


def too_large(most: int) -> GraphQLError:
    """Give the error for an operation that was given up for what it found."""
    return too_complex(f"The answer would have more than {most} objects. Ask for less at once.")


def too_long() -> GraphQLError:
    """Give the error for an answer that isn't sent."""
    return too_complex(f"The answer would have more than {LARGEST} bytes. Ask for less at once.")


class _FindsIntrospection(Visitor):
    """Tells whether a document asks for the schema."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        """Look at the name."""
        if node.name.value in ("__schema", "__type"):
            self.found = True
            return BREAK
        return None


def guard(policy: Policy) -> type[SchemaExtension]:
    """Make the extension that keeps an operation of graphql-core's within the policy."""
    limits = policy.limits
    # Half of what is kept of reads: a parser's tokens are twice as many.
    valid: Kept[DocumentNode] = Kept(MAX_CHARACTERS // 2)

    class Guard(SchemaExtension):
        """Measures an operation after it was parsed, and stops it when it takes too long."""

        def on_operation(self) -> Iterator[None]:
            """Give the parser its limit."""
            self.execution_context.parse_options["max_tokens"] = limits.tokens
            yield

        async def on_parse(self) -> AsyncIterator[None]:
            """Take what the text was parsed to before, if it was found valid; else parse it."""
            context = self.execution_context
            text = context.query or ""
            if text in valid:
                context.graphql_document = valid[text]
            else:
                with suppress(GraphQLError, RecursionError):  # which Strawberry meets, and tells
                    context.graphql_document = await apart(parse, text, max_tokens=limits.tokens)
            yield

        async def on_validate(self) -> AsyncIterator[None]:
            """Measure the operation before it is validated, which can take for ever by itself."""
            context = self.execution_context
            document = context.graphql_document
            if document is not None:
                try:
                    self._look_at(document)
                    context.pre_execution_errors = await self._errors(document)
                except GraphQLError as error:
                    context.pre_execution_errors = [error]
                except BusyError:
                    context.pre_execution_errors = [busy()]
            yield

        async def _errors(self, document: DocumentNode) -> list[GraphQLError]:
            """Validate as Strawberry would, which has a hundred errors told, and with suggestions.

            An error may print all of the object that it is in: a hundred of them took a second.
            What is valid is kept, for to parse and validate it takes longer than most mutations do.
            """
            context = self.execution_context
            text = context.query or ""
            if text in valid and valid[text] is document:
                return []
            schema: Any = context.schema
            async with context.context.turn():
                errors = await apart(
                    validate,
                    schema._schema,
                    document,
                    (*context.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule),
                    max_errors=MAX_ERRORS,
                    hide_suggestions=not policy.open,
                )
            if not errors and len(text) <= LONGEST_KEPT:
                valid[text] = document
            return errors

        def _look_at(self, document: DocumentNode) -> None:
            """Raise ``GraphQLError`` where the document is not to be run."""
            context = self.execution_context
            schema: Any = context.schema
            # Strawberry itself would take the first of several.
            operation = get_operation_ast(document, context._provided_operation_name)
            if operation is None:
                raise GraphQLError("Say by operationName which operation is to be run.")
            given = context.variables or {}
            check(measure(schema._schema, document, operation, given), limits)
            if not policy.open:
                finder = _FindsIntrospection()
                visit(document, finder)
                if finder.found:
                    raise GraphQLError("The schema can't be asked for here.")

        async def on_execute(self) -> AsyncIterator[None]:
            """Give a query or a mutation up after its time, which cancels its SQL."""
            kind = self.execution_context.operation_type
            if kind is OperationType.SUBSCRIPTION:
                yield
                return
            seconds = limits.seconds if kind is OperationType.QUERY else MUTATION_SECONDS
            scope = asyncio.timeout(seconds)
            objects = Objects(limits.objects, lambda: scope.reschedule(0))
            OBJECTS.set(objects)
            try:
                async with self.execution_context.context.turn(), scope:
                    yield
            except BusyError:
                raise busy() from None
            except TimeoutError:
                if not scope.expired():
                    raise
                too_much = too_large(limits.objects) if objects.too_many else too_slow(seconds)
                raise too_much from None

    return Guard
