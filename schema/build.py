"""The schema that the API serves, put together."""

from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLError, is_named_type
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.compiled import Compiled
from schema.errors import CodedErrors
from schema.guard import MAX_ERRORS, guard
from schema.guard import Policy as Policy  # noqa: PLC0414 - what make takes
from schema.limits import checking
from schema.mutations import Mutation
from schema.query import Query
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


class RecallsSchema(strawberry.Schema):
    """Strawberry's, without its log of errors: ``CodedErrors`` logs them without their values.

    Of one process all schemas are to be of this kind: they share what introspection answers.
    """

    suggests = True
    """Whether errors suggest names, which tell the schema to somebody who guesses."""

    async def execute(self, *positional: Any, **named: Any) -> ExecutionResult:
        """Execute what has one answer; Strawberry would let a subscription in, and fail."""
        named["allowed_operation_types"] = {
            *(named.get("allowed_operation_types") or OperationType)
        } - {OperationType.SUBSCRIPTION}
        return await super().execute(*positional, **named)

    def _extend_introspection(self) -> None:
        """Say of lists and non-nulls that they are not oneOf, which Strawberry fails to."""
        super()._extend_introspection()
        field = self._schema.type_map["__Type"].fields["isOneOf"]  # type: ignore[attr-defined]
        of_named = field.resolve
        field.resolve = lambda of, info: is_named_type(of) and of_named(of, info)

    def _get_custom_context_kwargs(self, *positional: Any, **named: Any) -> dict[str, Any]:
        """Give graphql-core's options: few errors of variables, for each looks at all of them."""
        return super()._get_custom_context_kwargs(*positional, **named) | {
            "max_coercion_errors": MAX_ERRORS,
            "hide_suggestions": not self.suggests,
        }

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here."""


@lru_cache(maxsize=8)
def make(policy: Policy) -> tuple[strawberry.Schema, Compiled]:
    """Give the schema that keeps clients within the policy, and its compiled reads."""
    guarding = guard(policy)
    # The guard within: what it says of an operation gets its code as well.
    extensions: list[Any] = [CodedErrors, guarding]
    made = RecallsSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ContactAttempt, Patient],
        extensions=extensions,
    )
    made.suggests = policy.open
    # Where there is no error the first does nothing; the other's limits hold for these as well.
    limits = policy.limits
    return made, Compiled(
        made,
        without=extensions,
        check=checking(made._schema, limits),
        most_tokens=limits.tokens,
        most_objects=limits.objects,
        seconds=limits.seconds,
    )


schema, reads = make(Policy())
"""As in development."""
