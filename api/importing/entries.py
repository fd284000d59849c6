"""Entries of a file, one for each row, whatever its format."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from db.sync import PatientRow, RecallRow

Row = TypeVar("Row", PatientRow, RecallRow)

WHOLE_ROW = "row"
"""Stands in for the field if the row as a whole is wrong."""
EMPTY = "This must not be empty."
NOT_UTF8 = "This row is not UTF-8 text."


class FileError(Exception):
    """The file can't be read, or not to its end; the message names it but doesn't quote it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: the field as clients spell it, and a reason that can be counted."""

    field: str
    reason: str
    detail: str = ""
    """What applies to this row alone, such as the row that it repeats."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[Row]):
    """A row of a file; with neither ``row`` nor ``problems`` it isn't for us, and is skipped."""

    number: int
    """Counted from 1: the spreadsheet row, the line, or the position in the JSON array."""
    row: Row | None = None
    pms_id: str = ""
    """The row's own id, even if the row is refused; empty if it isn't known."""
    problems: tuple[Problem, ...] = ()
