"""Patients and recalls from CSV, row by row."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic

from api.importing.entries import EMPTY, NOT_UTF8, WHOLE_ROW, Entry, FileError, Problem, Row
from db.sync import PatientRow, RecallRow

YES = {"yes", "y", "true", "1"}
NO = {"no", "n", "false", "0"}
STATUSES = {"ACTIVE", "INACTIVE", "DECEASED"}

ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})([/-])(?P<month>\d{1,2})\2(?P<year>\d{4})", re.ASCII)
SHORT_YEAR = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2}", re.ASCII)
NOT_DECODED = re.compile("[\udc80-\udcff]")
"""What the error handler 'surrogateescape' puts in place of bytes that are not UTF-8."""


class Cells:
    """The cells of one row by field, parsed by type; collects the problems."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[Problem] = []

    def text(self, field: str) -> str:
        """Return the cell without surrounding white space; empty if there is no such column."""
        return self._values.get(field, "").strip()

    def flag(self, field: str) -> bool | None:
        """Return whether the cell says yes; None if it is blank."""
        text = self.text(field).lower()
        if text and text not in YES | NO:
            self.problems.append(Problem(field, "Use yes or no."))
        return text in YES if text else None

    def status(self, field: str) -> str:
        """Return the patient's status; a blank cell means an active patient."""
        text = self.text(field).upper() or "ACTIVE"
        if text not in STATUSES:
            self.problems.append(Problem(field, "Use active, inactive or deceased."))
        return text

    def date(self, field: str) -> date | None:
        """Return an ISO or Australian (day first) date; None if the cell is blank or wrong."""
        text = self.text(field)
        if not text:
            return None
        if parts := ISO_DATE.fullmatch(text) or DAY_FIRST.fullmatch(text):
            try:
                return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
            except ValueError:
                reason = "This date doesn't exist."
        elif SHORT_YEAR.fullmatch(text):
            reason = "The year needs four digits."
        else:
            reason = "Write the date like 2026-11-23 or 23/11/2026."
        self.problems.append(Problem(field, reason))
        return None


def _patient(cells: Cells) -> PatientRow:
    return PatientRow(
        pms_id=cells.text("pmsId"),
        first_name=cells.text("firstName"),
        last_name=cells.text("lastName"),
        birth_date=cells.date("birthDate"),
        mobile=cells.text("mobile") or None,
        sms_consent=cells.flag("smsConsent"),
        status=cells.status("status"),
    )


def _recall(cells: Cells) -> RecallRow:
    due_date = cells.date("dueDate")
    if not cells.text("dueDate"):
        cells.problems.append(Problem("dueDate", EMPTY))
    return RecallRow(
        pms_id=cells.text("pmsId"),
        patient_pms_id=cells.text("patientPmsId"),
        reason=cells.text("reason"),
        urgency=cells.text("urgency") or None,
        # A row with a problem is never used, whatever its date.
        due_date=due_date or date.min,
        completed=cells.flag("completed") or False,
    )


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """A kind of CSV: its columns (field by header), and how its rows are read."""

    columns: Mapping[str, str]
    required: tuple[tuple[str, ...], ...]
    """Groups of headers; at least one of each must be there."""
    read: Callable[[Cells], Row]


PATIENTS = Table(
    {
        "pms_id": "pmsId",
        "first_name": "firstName",
        "last_name": "lastName",
        "birth_date": "birthDate",
        "mobile": "mobile",
        "sms_consent": "smsConsent",
        "status": "status",
    },
    (("pms_id",), ("first_name", "last_name")),
    _patient,
)
RECALLS = Table(
    {
        "pms_id": "pmsId",
        "patient_pms_id": "patientPmsId",
        "reason": "reason",
        "urgency": "urgency",
        "due_date": "dueDate",
        "completed": "completed",
    },
    (("pms_id",), ("patient_pms_id",), ("reason",), ("due_date",)),
    _recall,
)


class CsvRows(Generic[Row]):
    """The rows of one CSV; its header is read and checked before any of them."""

    def __init__(self, lines: Iterable[str], table: Table[Row], name: str) -> None:
        """Take the file's lines with their line ends, and its name for messages.

        Raises ``FileError`` if the header lacks a column or has one twice.
        """
        self._reader = csv.reader(lines, strict=True)
        self._table: Table[Row] = table
        self._number = 0
        header = self._first_row(name)
        by_key = {_key(column): column for column in table.columns}
        self._header = [by_key.get(_key(title)) for title in header]
        self._check_header(name)
        self.ignored = [
            title.strip()
            for title, column in zip(header, self._header, strict=True)
            if column is None and title.strip()
        ]
        """Headers that aren't columns of ours."""
        self.missing = [column for column in table.columns if column not in self._header]
        """Columns that the file could have but doesn't."""

    def entries(self) -> Iterator[Entry[Row]]:
        """Yield the rows after the header, except blank ones."""
        while True:
            line = self._reader.line_num
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                yield from self._unreadable(self._reader.line_num - line)
                continue
            self._number += 1
            if any(map(str.strip, cells)):
                yield self._entry(cells)

    def _first_row(self, name: str) -> list[str]:
        try:
            for cells in self._reader:
                self._number += 1
                if any(map(str.strip, cells)):
                    return cells
        except csv.Error:
            raise FileError(f"{name}: the header can't be read as CSV.") from None
        raise FileError(f"{name} is empty.")

    def _unreadable(self, lines: int) -> Iterator[Entry[Row]]:
        # A quote that is never closed swallows the lines that follow: each is reported.
        reason = "A quote is out of place, here or in a row above, or a cell is far too long."
        for _ in range(lines):
            self._number += 1
            yield Entry(self._number, problems=(Problem(WHOLE_ROW, reason),))

    def _entry(self, cells: list[str]) -> Entry[Row]:
        if reason := self._unusable(cells):
            return Entry(self._number, problems=(Problem(WHOLE_ROW, reason),))
        columns = self._table.columns
        named = Cells(
            {columns[title]: cell for title, cell in zip(self._header, cells, strict=True) if title}
        )
        row = self._table.read(named)
        if named.problems:
            return Entry(self._number, pms_id=row.pms_id, problems=tuple(named.problems))
        return Entry(self._number, row, row.pms_id)

    def _unusable(self, cells: list[str]) -> str | None:
        text = "".join(cells)
        if not text.isascii() and NOT_DECODED.search(text):
            return NOT_UTF8
        if "\0" in text:
            return "This row contains a NUL character."
        if len(cells) < len(self._header):
            return "This row has fewer cells than the header."
        if len(cells) > len(self._header):
            return "This row has more cells than the header."
        return None

    def _check_header(self, name: str) -> None:
        missing = [
            " or ".join(group)
            for group in self._table.required
            if not any(column in self._header for column in group)
        ]
        if missing:
            # The header itself is not quoted: if it is missing, the first row is a patient.
            raise FileError(
                f"{name}: the first row must name the columns, separated by commas; "
                f"it lacks {', '.join(missing)}."
            )
        for column in self._table.columns:
            if self._header.count(column) > 1:
                raise FileError(f"{name} has the column {column} twice.")


def _key(title: str) -> str:
    return re.sub(r"[\s_-]", "", title).lower()
