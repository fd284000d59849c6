"""Assembles the schema that the API serves."""

from functools import lru_cache
from typing import Any, NamedTuple

import strawberry
from graphql import DocumentNode, parse

from core.cost import BusyError, charge_loop
from rowql import CompiledQueries, uncollected
from schema.errors import CodedErrors
from schema.guard import MAX_ANSWER_BYTES, guard
from schema.guard import Policy as Policy  # noqa: PLC0414 - make's argument
from schema.limits import checking
from schema.mutations import Mutation
from schema.query import Query
from schema.strawberry_patches import RecallsSchema, errors_in, graphql_schema
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


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
            for error in errors_in(graphql_schema(self.schema), document, suggests=True):
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
        check=checking(graphql_schema(made), limits),
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
