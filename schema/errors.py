"""Errors as clients see them: each has a code, and none reveals any internals."""

import logging
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from core.cost import BusyError
from core.logging import without_values
from schema.strawberry_patches import parser_gave_up

NOT_RUN = (
    GraphQLError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
    MissingQueryError,
)
"""Causes of errors that are the client's own."""
BUSY = "The server is busy with your earlier requests. Try again in a second."
MASKED = "Something went wrong on our side. It was logged; please try again."
"""All that a client sees of a bug."""
logger = logging.getLogger(__name__)


class BadUserInputError(GraphQLError):
    """Client input that can't be understood; the message names the field."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, extensions={"code": "BAD_USER_INPUT", "field": field})


def busy() -> GraphQLError:
    """Return the error for an operation that waited in vain for a slot or a connection."""
    return GraphQLError(BUSY, extensions={"code": "RATE_LIMITED", "retryAfter": 1})


def for_client(error: GraphQLError) -> GraphQLError:
    """Return the error with a code; a bug is masked, and logged without its values."""
    cause = error.original_error
    if isinstance(error, GraphQLSyntaxError):
        # As a plain error: for a syntax error Strawberry would close the whole WebSocket.
        given_up = parser_gave_up(error)
        return GraphQLError(
            error.message,
            source=error.source,
            positions=error.positions,
            extensions={"code": "OPERATION_TOO_COMPLEX" if given_up else "BAD_USER_INPUT"},
        )
    if isinstance(cause, BusyError):
        return busy()
    if cause is None or isinstance(cause, NOT_RUN):
        # graphql-core's own, about a document or a variable it could not read, have no code.
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

    FORBIDDEN errors are recorded for the audit trail.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._noted: set[int] = set()

    def on_operation(self) -> Iterator[None]:
        """Convert the errors of the operation, or of its document if it did not run."""
        yield
        self._code(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Convert the errors in what a subscription is about to send."""
        self._code(result)
        yield

    def _code(self, result: Any) -> None:
        if not getattr(result, "errors", None):
            return
        result.errors = [for_client(error) for error in result.errors]
        for error in result.errors:
            # Only once: a result that goes over a WebSocket passes here twice.
            if (
                error.extensions["code"] == "FORBIDDEN"
                and error.nodes
                and id(error) not in self._noted
            ):
                self._noted.add(id(error))
                # The name in the schema, because an alias may say anything.
                name = error.nodes[0].name.value
                self.execution_context.context.note("FORBIDDEN", name)
