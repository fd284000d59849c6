"""Reading what clients send: ids, cursors, page sizes and texts, each with a clear refusal."""

import binascii
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import strawberry

from core.text import storable
from schema.errors import BadUserInputError

URL_SAFE, FROM_URL_SAFE = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
DEFAULT_PAGE, LARGEST_PAGE = 20, 100
MAX_RECALLS = 1000
ID = re.compile(r"([A-Z][A-Za-z]{2,30}):([1-9][0-9]{0,17})", re.ASCII)


GLOBAL_ID = "{type}:{value}"
"""The id that clients know a row by. It is opaque to them, readable to us."""


def global_id(type_name: str, key: int) -> strawberry.ID:
    """Give the id that clients know the row of a type by."""
    return strawberry.ID(GLOBAL_ID.format(type=type_name, value=key))


def read_any_id(value: str, field: str) -> tuple[str, int]:
    """Give the type and the key of an id; BAD_USER_INPUT where it is not one."""
    match = ID.fullmatch(value)
    if match is None:
        raise BadUserInputError(f"{field} is not an id.", field)
    return match[1], int(match[2])


def read_id(value: str, type_name: str, field: str) -> int:
    """Give the key of an id of ``type_name``; BAD_USER_INPUT where it is not one."""
    found, key = read_any_id(value, field)
    if found != type_name:
        raise BadUserInputError(f"{field} is not the id of a {type_name}.", field)
    return key


def read_ids(values: Sequence[str], type_name: str, field: str) -> list[int]:
    """Give the keys of 1 to 1000 ids; BAD_USER_INPUT where there are others, or a wrong one."""
    if not 1 <= len(values) <= MAX_RECALLS:
        raise BadUserInputError(f"{field} takes from 1 to {MAX_RECALLS} ids.", field)
    return [read_id(value, type_name, f"{field}[{n}]") for n, value in enumerate(values)]


def page_size(first: int | None) -> int:
    """Give how many rows a page has; BAD_USER_INPUT where that is not from 1 to 100."""
    size = DEFAULT_PAGE if first is None else first
    if not 1 <= size <= LARGEST_PAGE:
        raise BadUserInputError(f"first must be from 1 to {LARGEST_PAGE}.", "first")
    return size


def cursor(place: str) -> str:
    """Make the place of a row opaque: its list's name, and the key that the list goes by."""
    return binascii.b2a_base64(place.encode(), newline=False).translate(URL_SAFE, b"=").decode()


def read_cursor(after: str | None, name: str) -> int | None:
    """Give the key in a cursor of the list ``name``, which goes by id; else BAD_USER_INPUT."""
    if after is None:
        return None
    [key] = _place(after, name, 1)
    return _key(key)


def read_due_cursor(after: str | None) -> tuple[date, int] | None:
    """Give the due date and the key in a cursor of recalls."""
    if after is None:
        return None
    due, key = _place(after, "recalls", 2)
    try:
        return date.fromisoformat(due), _key(key)
    except ValueError:
        raise _bad_cursor() from None


def read_time_cursor(after: str | None, name: str) -> tuple[datetime, int] | None:
    """Give the time and the key in a cursor of the list ``name``, which goes by time."""
    if after is None:
        return None
    at, key = _place(after, name, 2)
    try:
        return moment(datetime.fromisoformat(at), "after"), _key(key)
    except (ValueError, BadUserInputError):
        raise _bad_cursor() from None


def moment(value: datetime, field: str) -> datetime:
    """Give the time in UTC; BAD_USER_INPUT where it has no offset, or lies outside all years."""
    if value.tzinfo is None:
        raise BadUserInputError(f"{field} must say its offset from UTC.", field)
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
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text, re.ASCII):
        raise _bad_cursor()
    return int(text)


def _bad_cursor() -> BadUserInputError:
    return BadUserInputError("after is not a cursor of this list.", "after")


def text(value: str, field: str, *, most: int = 500) -> str:
    """Give the text stripped; BAD_USER_INPUT where it is too long or can't be kept."""
    if len(value) > most:
        raise BadUserInputError(f"{field} is longer than {most} characters.", field)
    if not storable(value):
        raise BadUserInputError(f"{field} holds a character that can't be kept.", field)
    return value.strip()


def optional_text(value: str | None, field: str) -> str | None:
    """As ``text``; None where there is none or it is blank."""
    return (text(value, field) or None) if value is not None else None


def idempotency_key(value: str) -> str:
    """Give the key of a call; BAD_USER_INPUT where it is blank or longer than 200 characters."""
    key = text(value, "idempotencyKey", most=200)
    if not key:
        raise BadUserInputError("idempotencyKey must not be empty.", "idempotencyKey")
    return key
