"""Assembles the schema that the API serves."""

from functools import lru_cache
from typing import Any, NamedTuple

import strawberry
from graphql import GraphQLError, parse

from core.cost import BusyError, charge_loop
from db.sync import RecallRow
from rowql import CompiledQueries
from schema.errors import CodedErrors
from schema.guard import MAX_ANSWER_BYTES, guard
from schema.guard import Policy as Policy  # noqa: PLC0414 - make's argument
from schema.limits import checking
from schema.mutations import Mutation
from schema.mutations.sync_patients import PatientInput, patient_row
from schema.mutations.sync_recalls import RecallInput
from schema.query import Query
from schema.strawberry_patches import (
    RecallsSchema,
    errors_in,
    graphql_schema,
    make_directly,
)
from schema.subscription import Subscription
from schema.types.recall import ContactAttempt, Patient


class Executable(NamedTuple):
    """A schema and its compiled queries."""

    schema: strawberry.Schema
    queries: CompiledQueries

    def errors(self, text: str) -> list[GraphQLError]:
        """Return why a document can't be run; nothing if it is valid."""
        try:
            document = parse(text)
        except GraphQLError as error:
            return [error]
        return errors_in(graphql_schema(self.schema), document, suggests=True)


@lru_cache(maxsize=8)
def make(policy: Policy, trusted: frozenset[str] = frozenset()) -> Executable:
    """Return the schema that holds clients to the policy, and its compiled queries.

    ``trusted`` documents are kept for good once they have been run.
    """
    guarding = guard(policy, trusted)
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
    make_directly(made, {PatientInput: patient_row, RecallInput: RecallRow})
    # Without an error CodedErrors has nothing to do; the guard's limits are passed on here.
    limits = policy.limits
    queries = CompiledQueries(
        made,
        skippable_extensions=extensions,
        trusted=trusted,
        check=checking(graphql_schema(made), limits),
        max_tokens=limits.tokens,
        timeout=limits.seconds,
        max_objects=limits.objects,
        max_bytes=MAX_ANSWER_BYTES,
        propagated=(BusyError,),
        meter=charge_loop,
    )
    return Executable(made, queries)
