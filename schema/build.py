"""The schema that the API serves, put together."""

from typing import Any

import strawberry
from graphql import GraphQLError

from schema.errors import CodedErrors
from schema.mutations import Mutation
from schema.query import Query
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


class _Schema(strawberry.Schema):
    """Strawberry's, without its log of errors: ``CodedErrors`` logs them without their values."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here."""


schema = _Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[ContactAttempt, Patient],
    extensions=[CodedErrors],
)
