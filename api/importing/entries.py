"""What reading a file gives, whatever its format: one entry a row."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from db.sync import PatientRow, RecallRow

Row = TypeVar("Row", PatientRow, RecallRow)

WHOLE_ROW = "row"
"""Stands for the field where the row as a whole is wrong."""
EMPTY = "This must not be empty."
NOT_UTF8 = "This row is not UTF-8 text."


class FileError(Exception):
    """The file can't be read, or not to its end; the message names it and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: the field as clients spell it, and a reason that can be counted."""

    field: str
    reason: str
    detail: str = ""
    """What is true of this row alone, such as the row it repeats."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[Row]):
    """A row of a file; with neither ``row`` nor ``problems`` it is none of ours and skipped."""

    number: int
    """Counted from 1: the row of the spreadsheet, the line, or the place in the JSON array."""
    row: Row | None = None
    pms_id: str = ""
    """The row's own id, also where the row is refused; empty where that can't be told."""
    problems: tuple[Problem, ...] = ()
