"""A GraphQL request over HTTP: what it asks for, read and checked once."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

from api.documents import DocumentError, Documents, has_too_many_values
from api.http_guard import SMALL

SYNCS = frozenset({"syncPatients", "syncRecalls"})
SYNC_TOKENS = 200
"""GraphQL tokens that are parsed: more than any document that only syncs has."""
PARTS = (
    ("query", str, "a string"),
    ("operationName", str, "a string"),
    ("variables", dict, "an object"),
    ("extensions", dict, "an object"),
)


class OperationError(Exception):
    """The request holds no operation that can be run; the message says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Operation(NamedTuple):
    """What a client asks to be run."""

    document: str | None
    variables: dict[str, Any] | None
    name: str | None
    extensions: dict[str, Any] | None


def from_body(body: bytes, documents: Documents) -> Operation:
    """Return the one operation in a body. Raises ``OperationError``."""
    if has_too_many_values(body):
        raise OperationError("The body has more values than any operation takes.")
    operation = _read(_json(body), documents)
    if len(body) > SMALL and not _only_syncs(operation.document):
        raise OperationError(f"The body of an operation may have at most {SMALL} bytes.", 413)
    return operation


def from_parameters(parameters: Mapping[str, str], documents: Documents) -> Operation:
    """Return the one operation in a URL's parameters. Raises ``OperationError``."""
    given: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name].encode())
    return _read(given, documents)


def read_json(data: str | bytes) -> Any:
    """Return the JSON, which is UTF-8. Raises ``JSONDecodeError`` and nothing else."""
    try:
        return orjson.loads(data)  # takes a third of the time, which blocks everybody
    except orjson.JSONDecodeError:
        pass
    # Half a surrogate pair, say: a later check names the field that holds it.
    try:
        return json.loads(data.decode() if isinstance(data, bytes) else data)
    except (ValueError, RecursionError):
        raise json.JSONDecodeError("not JSON", "", 0) from None


def _json(data: bytes) -> Any:
    try:
        return read_json(data)
    except json.JSONDecodeError:
        raise OperationError("That is not valid JSON.") from None


def _read(given: Any, documents: Documents) -> Operation:
    if not isinstance(given, dict):
        raise OperationError("The body must be one JSON object with a query.")
    for name, kind, called in PARTS:
        if not isinstance(given.get(name), kind | None):
            raise OperationError(f"{name} must be {called}.")
    try:
        document = documents.document(given)
    except DocumentError as error:
        raise OperationError(str(error)) from None
    return Operation(
        document, given.get("variables"), given.get("operationName"), given.get("extensions")
    )


def _only_syncs(document: str | None) -> bool:
    """Return whether a document only syncs, which may take a larger body."""
    try:
        parsed = parse(document or "", max_tokens=SYNC_TOKENS)
    except GraphQLError:
        return False
    return all(
        isinstance(field, FieldNode) and field.name.value in SYNCS
        for node in parsed.definitions
        if isinstance(node, OperationDefinitionNode)
        for field in node.selection_set.selections
    )
