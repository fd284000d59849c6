"""Writes an answer's JSON, in pieces if it is long, and stops when it gets too long."""

import sys
from typing import Any

import orjson

MAX_OBJECTS_AT_ONCE = 600
"""Most objects of an answer written in one go: it takes at most some 30 MB, for a moment."""
LEVELS_IN_PIECES = 4
"""Levels of an answer that are written in pieces, down to a page's rows."""


class TooLongError(Exception):
    """The answer would be longer than allowed."""


def write(
    answer: Any,
    objects: int | None = None,
    *,
    max_bytes: int | None = None,
    envelope_levels: int = 0,
) -> bytes:
    """Return the JSON of an answer, or of a message with ``envelope_levels`` levels around it.

    ``objects`` is how many it has, if known. Raises ``TooLongError`` beyond ``max_bytes``, and
    whatever orjson raises.
    """
    left = sys.maxsize if max_bytes is None else max_bytes
    if objects is not None and objects <= MAX_OBJECTS_AT_ONCE:
        written = orjson.dumps(answer)
        if len(written) > left:
            raise TooLongError
        return written
    pieces: list[bytes] = []
    _write(answer, LEVELS_IN_PIECES + envelope_levels, pieces, left)
    return b"".join(pieces)


def _write(value: Any, levels: int, pieces: list[bytes], left: int) -> int:
    """Add the value's pieces, and return how many bytes are left."""
    if levels and isinstance(value, dict) and value:
        opening = b"{"
        for name, each in value.items():
            pieces.append(opening + orjson.dumps(name) + b":")
            left = _write(each, levels - 1, pieces, left - len(pieces[-1]))
            opening = b","
        pieces.append(b"}")
        return left
    if levels and isinstance(value, list) and value:
        opening = b"["
        for each in value:
            pieces.append(opening)
            left = _write(each, levels - 1, pieces, left)
            opening = b","
        pieces.append(b"]")
        return left
    pieces.append(orjson.dumps(value))
    left -= len(pieces[-1])
    if left < 0:
        raise TooLongError
    return left
