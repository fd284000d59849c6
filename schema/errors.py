"""Errors as clients see them: a code for each, and nothing of ours in any."""

import logging
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from core.cost import BusyError
from core.logging import without_values

GIVEN_UP = "Parsing aborted."
"""How graphql-core ends what it says of a document with too many tokens, or too deep."""
NOT_RUN = (
    GraphQLError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
    MissingQueryError,
)
"""What errors come from that are the client's."""
BUSY = "We are busy with what you have asked for already. Try again in a second."
MASKED = "Something went wrong on our side. It was logged; please try again."
"""All that a client is told of a bug."""
logger = logging.getLogger(__name__)


class BadUserInputError(GraphQLError):
    """What the client sent can't be understood; the message names the field."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, extensions={"code": "BAD_USER_INPUT", "field": field})


def busy() -> GraphQLError:
    """Give the error for an operation that waited for its turn in vain."""
    return GraphQLError(BUSY, extensions={"code": "RATE_LIMITED", "retryAfter": 1})


def for_client(error: GraphQLError) -> GraphQLError:
    """Give the error with a code; a bug is logged without its values and masked."""
    cause = error.original_error
    if isinstance(error, GraphQLSyntaxError):
        # As any other error: for one of its own kind Strawberry would end a whole WebSocket.
        given_up = error.message.endswith(GIVEN_UP)
        return GraphQLError(
            error.message,
            source=error.source,
            positions=error.positions,
            extensions={"code": "OPERATION_TOO_COMPLEX" if given_up else "BAD_USER_INPUT"},
        )
    if isinstance(cause, BusyError):
        return busy()
    if cause is None or isinstance(cause, NOT_RUN):
        # graphql-core's own have no code: a document or a variable that it could not read.
        error.extensions = {"code": "BAD_USER_INPUT"} | (error.extensions or {})
        return error
    logger.error("a resolver failed: %s", without_values(cause))
    return GraphQLError(
        MASKED,
        nodes=error.nodes,
        path=error.path,
        extensions={"code": "INTERNAL_SERVER_ERROR"},
    )


class CodedErrors(SchemaExtension):
    """Passes every error of an operation through ``for_client``.

    What is not for the viewer's role is noted for the audit trail.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._noted: set[int] = set()

    def on_operation(self) -> Iterator[None]:
        """Run the operation, then look at its errors; before it ran, at those of its document."""
        yield
        self._code(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Look at the errors of what a subscription is about to send."""
        self._code(result)
        yield

    def _code(self, result: Any) -> None:
        if not getattr(result, "errors", None):
            return
        result.errors = [for_client(error) for error in result.errors]
        for error in result.errors:
            # Once, though what goes over a WebSocket comes by twice.
            if (
                error.extensions["code"] == "FORBIDDEN"
                and error.nodes
                and id(error) not in self._noted
            ):
                self._noted.add(id(error))
                # By the schema's name, for an alias may say anything.
                name = error.nodes[0].name.value
                self.execution_context.context.note("FORBIDDEN", name)
