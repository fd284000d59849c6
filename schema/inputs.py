"""Reads client input: ids, cursors, page sizes and texts, each with a clear error."""

import binascii
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import strawberry

from core.text import UNSTORABLE, storable
from schema.errors import BadUserInputError

URL_SAFE, FROM_URL_SAFE = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
DEFAULT_PAGE, MAX_PAGE = 20, 100
MAX_RECALLS = 1000
ID = re.compile(r"([A-Z][A-Za-z]{2,30}):([1-9][0-9]{0,17})", re.ASCII)
KEY = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


GLOBAL_ID = "{type}:{value}"
"""The id by which clients know a row: opaque to them, readable to us."""


def global_id(type_name: str, key: int) -> strawberry.ID:
    """Return the id by which clients know the row of a type."""
    return strawberry.ID(GLOBAL_ID.format(type=type_name, value=key))


def read_any_id(value: str, field: str) -> tuple[str, int]:
    """Return the type and the key in an id. Raises ``BadUserInputError`` if it isn't one."""
    match = ID.fullmatch(value)
    if match is None:
        raise BadUserInputError(f"{field} is not an id.", field)
    return match[1], int(match[2])


def read_id(value: str, type_name: str, field: str) -> int:
    """Return the key in an id of ``type_name``. Raises ``BadUserInputError`` if it isn't one."""
    found, key = read_any_id(value, field)
    if found != type_name:
        raise BadUserInputError(f"{field} is not the id of a {type_name}.", field)
    return key


def read_ids(values: Sequence[str], type_name: str, field: str) -> list[int]:
    """Return the keys in 1 to 1000 ids. Raises ``BadUserInputError`` if number or ids are wrong."""
    if not 1 <= len(values) <= MAX_RECALLS:
        raise BadUserInputError(f"{field} takes from 1 to {MAX_RECALLS} ids.", field)
    return [read_id(value, type_name, f"{field}[{n}]") for n, value in enumerate(values)]


def page_size(first: int | None) -> int:
    """Return the rows a page has, by default 20. Raises ``BadUserInputError`` unless 1 to 100."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= MAX_PAGE:
        raise BadUserInputError(f"first must be from 1 to {MAX_PAGE}.", "first")
    return size


def cursors(places: list[str]) -> list[str]:
    """Return the opaque forms of rows' places, which are ASCII: their list's name and sort keys.

    Each is its place in base64, for URLs and without padding. They are encoded all at once: each
    place is filled up to the same number of whole triplets, and what that adds is cut off.
    """
    triplets = (max(map(len, places), default=0) + 2) // 3 or 1
    filled = "".join([place.ljust(3 * triplets, "\0") for place in places]).encode("ascii")
    encoded = binascii.b2a_base64(filled, newline=False).translate(URL_SAFE).decode()
    begins = range(0, len(encoded), 4 * triplets)
    return [
        encoded[begin : begin + (4 * len(place) + 2) // 3]
        for begin, place in zip(begins, places, strict=True)
    ]


def read_cursor(after: str | None, name: str) -> int | None:
    """Return the key in a cursor of the list ``name``, sorted by id; None without a cursor."""
    if after is None:
        return None
    [key] = _place(after, name, 1)
    return _key(key)


def read_due_cursor(after: str | None) -> tuple[date, int] | None:
    """Return the due date and the key in a cursor of recalls; None without a cursor."""
    if after is None:
        return None
    due, key = _place(after, "recalls", 2)
    try:
        return date.fromisoformat(due), _key(key)
    except ValueError:
        raise _bad_cursor() from None


def read_time_cursor(after: str | None, name: str) -> tuple[datetime, int] | None:
    """Return the time and the key in a cursor of the list ``name``; None without a cursor."""
    if after is None:
        return None
    at, key = _place(after, name, 2)
    try:
        return moment(datetime.fromisoformat(at), "after"), _key(key)
    except (ValueError, BadUserInputError):
        raise _bad_cursor() from None


def moment(value: datetime, field: str) -> datetime:
    """Return the time in UTC. Raises ``BadUserInputError`` without an offset or out of range."""
    if value.tzinfo is None:
        raise BadUserInputError(f"{field} must have an offset from UTC.", field)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadUserInputError(f"{field} must lie in the years 1 to 9999.", field) from None


def _place(after: str, name: str, length: int) -> list[str]:
    try:
        padded = after.encode("ascii").translate(FROM_URL_SAFE) + b"=" * (-len(after) % 4)
        found, *key = binascii.a2b_base64(padded, strict_mode=True).decode().split("|")
    except ValueError:
        raise _bad_cursor() from None
    if found != name or len(key) != length:
        raise _bad_cursor()
    return key


def _key(text: str) -> int:
    if not KEY.fullmatch(text):
        raise _bad_cursor()
    return int(text)


def _bad_cursor() -> BadUserInputError:
    return BadUserInputError("after is not a cursor of this list.", "after")


def text(value: str, field: str, *, most: int = 500) -> str:
    """Return the text stripped. Raises ``BadUserInputError`` if it is too long or unstorable."""
    if len(value) > most:
        raise BadUserInputError(f"{field} is longer than {most} characters.", field)
    if not storable(value):
        raise BadUserInputError(f"{field} {UNSTORABLE}", field)
    return value.strip()


def optional_text(value: str | None, field: str) -> str | None:
    """Return what ``text`` does, but None if the value is None or blank."""
    return (text(value, field) or None) if value is not None else None


def idempotency_key(value: str) -> str:
    """Return a call's key. Raises ``BadUserInputError`` if it is blank or over 200 characters."""
    key = text(value, "idempotencyKey", most=200)
    if not key:
        raise BadUserInputError("idempotencyKey must not be empty.", "idempotencyKey")
    return key
