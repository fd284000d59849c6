"""The document that a request asks to run, by SHA-256 or as text, and limits on its size."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)
MAX_DOCUMENT_CHARACTERS = 50_000
"""Characters of a document: comments and spaces take time to parse too."""
MAX_NAME_CHARACTERS = 200
"""Characters of an ``operationName``."""
MAX_LIST_ITEMS = 1000
"""Items in a list in ``variables``: no field takes more."""
MAX_VALUES = 20_000
"""Values in ``variables``, nested ones included: a sync's thousand rows have half of that.

They are counted here, because coercing them to the schema's types takes a hundred times as long and
blocks the event loop.
"""
MAX_COMMAS = 100_000
"""Commas in a body, those in texts included; a sync of a thousand rows has a fifth of that."""
NESTING = (list, dict)
"""JSON values that hold others; a union would be made again for each of thousands of values."""


class DocumentError(Exception):
    """The request names no document that may be run; the message says what to do."""


class Documents:
    """The documents that clients may run.

    ``known`` are trusted, by their hashes; any others may be run if ``others`` is true.
    """

    def __init__(self, known: Mapping[str, str], *, others: bool) -> None:
        self._known = dict(known)
        self._texts = frozenset(known.values())
        self._others = others

    @property
    def texts(self) -> frozenset[str]:
        """The trusted documents' texts."""
        return self._texts

    def __len__(self) -> int:
        """Return the number of documents in the manifests."""
        return len(self._known)

    def document(self, request: Mapping[str, Any]) -> Any:
        """Return the document that a request names by ``documentId`` or Apollo's hash, or its text.

        Raises ``DocumentError`` if the id is unknown, the text isn't trusted and others aren't
        allowed, or the request is larger than any that can be run. All entry points call this
        before they read the rest.
        """
        _check_size(request)
        extensions = request.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        name = request.get("documentId")
        if name is None and isinstance(persisted, dict):
            name = persisted.get("sha256Hash")
        query = request.get("query")
        if name is None:
            if self._others or not isinstance(query, str) or query in self._texts:
                return query
            raise DocumentError("Only trusted documents may be run here: name one by documentId.")
        found = ID.fullmatch(name) if isinstance(name, str) else None
        if found is None or found[1] not in self._known:
            raise DocumentError("documentId names an unknown document.")
        return self._known[found[1]]


def has_too_many_values(body: bytes) -> bool:
    """Return whether an unparsed JSON body has more values than an operation takes.

    Parsing turns each bracket into a hundred bytes, and adds some for each comma.
    """
    return (len(body) > MAX_VALUES and body.count(b"[") + body.count(b"{") > MAX_VALUES) or (
        len(body) > MAX_COMMAS and body.count(b",") > MAX_COMMAS
    )


def _check_size(request: Mapping[str, Any]) -> None:
    """Raise ``DocumentError`` if part of the request is larger than any that can be run."""
    query, name = request.get("query"), request.get("operationName")
    variables = request.get("variables")
    if isinstance(query, str) and len(query) > MAX_DOCUMENT_CHARACTERS:
        raise DocumentError(f"query is longer than {MAX_DOCUMENT_CHARACTERS} characters.")
    if isinstance(name, str) and len(name) > MAX_NAME_CHARACTERS:
        raise DocumentError(f"operationName is longer than {MAX_NAME_CHARACTERS} characters.")
    if not isinstance(variables, dict):
        return
    left = MAX_VALUES - len(variables)
    waiting: list[tuple[str, Any]] = []
    if left >= 0:
        waiting += [item for item in variables.items() if isinstance(item[1], NESTING)]
    for field, value in waiting:  # grows in the loop
        if isinstance(value, list):
            if len(value) > MAX_LIST_ITEMS:
                shown = field[:MAX_NAME_CHARACTERS]
                raise DocumentError(
                    f"{shown} has {len(value)} items; a list may have {MAX_LIST_ITEMS}."
                )
            inner = [(field, item) for item in value if isinstance(item, NESTING)]
        else:
            inner = [item for item in value.items() if isinstance(item[1], NESTING)]
        left -= len(value)
        if left < 0:
            break
        waiting += inner
    if left < 0:
        raise DocumentError(f"variables hold more than {MAX_VALUES} values.")


def sha256(text: str) -> str:
    """Return a document's id."""
    return hashlib.sha256(text.encode()).hexdigest()
