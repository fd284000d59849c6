"""The checks between a client's document and its execution, on every transport."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterator
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
    visit,
)
from graphql.language.visitor import BREAK
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from core.cost import BusyError, charge_loop
from db.blocklist import MAX_WAIT_SECONDS
from rowql import (
    MAX_CACHED_CHARACTERS,
    OBJECT_LIMIT,
    ObjectLimit,
    TextLru,
    on_worker_thread,
)
from schema.errors import busy
from schema.limits import Limits, check, measure, too_complex
from schema.strawberry_patches import errors_in, graphql_schema, requested_operation

logger = logging.getLogger(__name__)

MUTATION_SECONDS = MAX_WAIT_SECONDS + 10
"""Time limit of a mutation: a block waits for claims that are being handed over."""

MAX_KEPT_CHARACTERS = MAX_CACHED_CHARACTERS // 2
"""Total of the valid documents that are kept, beside the trusted ones.

It is half of what compiled queries keep, because these documents keep the parser's tokens too.
"""

MAX_KEPT_DOCUMENT_CHARACTERS = 10_000
"""Most characters of a document that is kept: comments and spaces have no end."""

MAX_ANSWER_BYTES = 8_000_000
"""Most bytes of an answer; a page of a hundred recalls with every field has some 300,000."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What clients may do; ``open`` allows introspection, and name suggestions in errors."""

    limits: Limits = field(default_factory=Limits)
    open: bool = True


def too_slow(seconds: float) -> GraphQLError:
    """Return the error for an operation that took too long."""
    return too_complex(f"The operation took longer than {seconds:g} seconds. Ask for less at once.")


def too_large(most: int) -> GraphQLError:
    """Return the error for an operation that found too many objects."""
    return too_complex(f"The answer would have more than {most} objects. Ask for less at once.")


def too_long() -> GraphQLError:
    """Return the error for an answer that is too long to be sent."""
    return too_complex(
        f"The answer would have more than {MAX_ANSWER_BYTES} bytes. Ask for less at once."
    )


class _FindsIntrospection(Visitor):
    """Finds out whether a document asks for the schema."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        """Check the field's name."""
        if node.name.value in ("__schema", "__type"):
            self.found = True
            return BREAK
        return None


def guard(policy: Policy, trusted: Collection[str] = ()) -> type[SchemaExtension]:
    """Return the extension that holds the operations graphql-core runs to the policy.

    ``trusted`` documents are kept for good once they were found valid, whatever their length.
    """
    limits = policy.limits
    valid: TextLru[DocumentNode] = TextLru(MAX_KEPT_CHARACTERS, trusted)

    class Guard(SchemaExtension):
        """Measures an operation once it is parsed, and stops it if it takes too long."""

        def on_operation(self) -> Iterator[None]:
            """Set the parser's limit."""
            self.execution_context.parse_options["max_tokens"] = limits.tokens
            yield

        async def on_parse(self) -> AsyncIterator[None]:
            """Reuse the document parsed from this text if it was found valid, or parse it."""
            context = self.execution_context
            text = context.query or ""
            if text in valid:
                context.graphql_document = valid[text]
            else:
                most = None if text in trusted else limits.tokens
                with suppress(GraphQLError, RecursionError):  # Strawberry reports them
                    context.graphql_document = await on_worker_thread(
                        charge_loop, parse, text, max_tokens=most
                    )
            yield

        async def on_validate(self) -> AsyncIterator[None]:
            """Measure the operation before validation, which by itself could take for ever."""
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
            """Return the document's errors.

            Valid documents are kept, because parsing and validating takes longer than most
            mutations do.
            """
            context = self.execution_context
            text = context.query or ""
            if text in valid and valid[text] is document:
                return []
            schema: Any = context.schema
            async with context.context.turn():
                errors = await on_worker_thread(
                    charge_loop, errors_in, graphql_schema(schema), document, suggests=policy.open
                )
            if errors and text in trusted:
                logger.warning("a trusted document isn't valid: see python -m api check-documents")
            if not errors and (len(text) <= MAX_KEPT_DOCUMENT_CHARACTERS or text in trusted):
                valid[text] = document
            return errors

        def _look_at(self, document: DocumentNode) -> None:
            """Raise ``GraphQLError`` if the document must not run."""
            context = self.execution_context
            schema: Any = context.schema
            # Strawberry itself would run the first of several.
            operation = get_operation_ast(document, requested_operation(context))
            if operation is None:
                raise GraphQLError("Set operationName to say which operation to run.")
            given = context.variables or {}
            check(measure(graphql_schema(schema), document, operation, given), limits)
            if not policy.open:
                finder = _FindsIntrospection()
                visit(document, finder)
                if finder.found:
                    raise GraphQLError("Introspection is disabled here.")

        async def on_execute(self) -> AsyncIterator[None]:
            """Stop a query or a mutation when its time is up, which cancels its SQL."""
            kind = self.execution_context.operation_type
            if kind is OperationType.SUBSCRIPTION:
                yield
                return
            seconds = limits.seconds if kind is OperationType.QUERY else MUTATION_SECONDS
            scope = asyncio.timeout(seconds)
            objects = ObjectLimit(limits.objects, lambda: scope.reschedule(0))
            OBJECT_LIMIT.set(objects)
            try:
                async with self.execution_context.context.turn(), scope:
                    yield
            except BusyError:
                raise busy() from None
            except TimeoutError:
                if not scope.expired():
                    raise
                too_much = too_large(limits.objects) if objects.exceeded else too_slow(seconds)
                raise too_much from None

    return Guard
