"""Assembles the schema that the API serves."""

from functools import lru_cache
from typing import Any, NamedTuple

import strawberry
from graphql import DocumentNode, GraphQLError, is_named_type, parse
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from core.cost import BusyError, charge_loop
from rowql import CompiledQueries, uncollected
from schema.errors import CodedErrors
from schema.guard import MAX_ANSWER_BYTES, MAX_ERRORS, errors_in, guard
from schema.guard import Policy as Policy  # noqa: PLC0414 - make's argument
from schema.limits import checking
from schema.mutations import Mutation
from schema.query import Query
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


class RecallsSchema(strawberry.Schema):
    """Strawberry's schema without its error log: ``CodedErrors`` logs errors, but no values.

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

    def _extend_introspection(self) -> None:
        """Answer ``isOneOf`` for lists and non-nulls with false; Strawberry fails on them."""
        super()._extend_introspection()
        field = self._schema.type_map["__Type"].fields["isOneOf"]  # type: ignore[attr-defined]
        of_named = field.resolve
        field.resolve = lambda of, info: is_named_type(of) and of_named(of, info)

    def _get_custom_context_kwargs(self, *positional: Any, **named: Any) -> dict[str, Any]:
        """Return graphql-core's options: few variable errors, because each scans them all."""
        return super()._get_custom_context_kwargs(*positional, **named) | {
            "max_coercion_errors": MAX_ERRORS,
            "hide_suggestions": not self.suggests,
        }

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here."""


class Executable(NamedTuple):
    """A schema, its compiled queries, and the documents that are ready to be run."""

    schema: strawberry.Schema
    queries: CompiledQueries
    prepared: dict[str, DocumentNode]

    def prepare(self, text: str) -> None:
        """Parse, validate and compile a document now, and keep it for good.

        Raises ``GraphQLError`` if it isn't valid.
        """
        if text in self.prepared:
            return
        with uncollected():
            document = parse(text)
            for error in errors_in(self.schema._schema, document, suggests=True):
                raise error
            self.queries.prepare(text, document)
        self.prepared[text] = document


@lru_cache(maxsize=8)
def make(policy: Policy) -> Executable:
    """Return the schema that holds clients to the policy, and its compiled queries."""
    prepared: dict[str, DocumentNode] = {}
    guarding = guard(policy, prepared)
    # The guard is the inner one, so that its errors get their codes too.
    extensions: list[Any] = [CodedErrors, guarding]
    made = RecallsSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ContactAttempt, Patient],
        extensions=extensions,
    )
    made.suggests = policy.open
    # Without an error CodedErrors has nothing to do; the guard's limits are passed on here.
    limits = policy.limits
    queries = CompiledQueries(
        made,
        skippable_extensions=extensions,
        check=checking(made._schema, limits),
        max_tokens=limits.tokens,
        timeout=limits.seconds,
        max_objects=limits.objects,
        max_bytes=MAX_ANSWER_BYTES,
        propagated=(BusyError,),
        meter=charge_loop,
    )
    return Executable(made, queries, prepared)


_development = make(Policy())
schema, queries = _development.schema, _development.queries
"""Those of the development policy."""
