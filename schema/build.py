"""The schema that the API serves, put together."""

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.compiled import Compiled
from schema.errors import CodedErrors
from schema.mutations import Mutation
from schema.query import Query
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


class _Schema(strawberry.Schema):
    """Strawberry's, without its log of errors: ``CodedErrors`` logs them without their values."""

    async def execute(self, *positional: Any, **named: Any) -> ExecutionResult:
        """Execute what has one answer; Strawberry would let a subscription in, and fail."""
        named["allowed_operation_types"] = {
            *(named.get("allowed_operation_types") or OperationType)
        } - {OperationType.SUBSCRIPTION}
        return await super().execute(*positional, **named)

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here."""


schema = _Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[ContactAttempt, Patient],
    extensions=[CodedErrors],
)
reads = Compiled(schema, without=[CodedErrors])  # where there is no error it does nothing
