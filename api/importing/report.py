"""The report on the rows: counts, shown at the end, and a CSV of the refused ones."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.csv_lines import line
from api.importing.entries import Problem
from core.mobile import MobileRefusal
from db.sync import MAX_TEXT, SyncCounts

SHOWN_REFUSALS = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """One problem of one row, without names and numbers."""

    file: str
    row: int
    pms_id: str
    problem: Problem

    @property
    def reason(self) -> str:
        """The reason, with what applies to this row alone."""
        return f"{self.problem.reason} {self.problem.detail}".strip()


@dataclass(slots=True)
class FileReport:
    """What became of one file's rows."""

    name: str
    notices: list[str]
    taken: SyncCounts = field(default_factory=SyncCounts)
    refused: int = 0
    skipped: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each field was refused for each reason."""
    not_textable: Counter[MobileRefusal] = field(default_factory=Counter)
    """Patients imported with a number that can't receive an SMS."""


class Report:
    """Counts the outcome of every row, in memory that doesn't grow with the files."""

    def __init__(self, errors: TextIO | None = None) -> None:
        """Take the file for all refusals, opened with ``newline=''``."""
        self.files: list[FileReport] = []
        self.first_refusals: list[Refusal] = []
        self._errors = errors
        if errors:
            errors.write(line(("file", "row", "field", "reason", "pms_id")))

    @property
    def refused(self) -> int:
        """Rows refused, in all files."""
        return sum(file.refused for file in self.files)

    def begin(self, name: str, notices: list[str]) -> FileReport:
        """Start counting a file."""
        self.files.append(FileReport(name, notices))
        return self.files[-1]

    def refuse(self, file: FileReport, row: int, pms_id: str, *problems: Problem) -> None:
        """Count a row as refused, and list all its problems."""
        file.refused += 1
        # An invalid id might be anything that slipped into its column.
        pms_id = pms_id if pms_id.isprintable() and len(pms_id) <= MAX_TEXT else ""
        for problem in problems:
            file.reasons[problem.field, problem.reason] += 1
            refusal = Refusal(file.name, row, pms_id, problem)
            if len(self.first_refusals) < SHOWN_REFUSALS:
                self.first_refusals.append(refusal)
            if self._errors:
                told = (file.name, row, problem.field, refusal.reason, pms_id)
                self._errors.write(line(told))


def show(report: Report, console: Console, *, title: str, list_refusals: bool) -> None:
    """Print the report, with the first refusals if they aren't in a file."""
    console.print(_counts(report, title))
    for file in report.files:
        for notice in file.notices:
            _say(console, f"{file.name}: {notice}")
    if report.refused:
        console.print(_reasons(report))
    for file in report.files:
        for refusal, count in file.not_textable.most_common():
            _say(console, f"{file.name}: imported, but can't be texted: {count}. {refusal.message}")
    if list_refusals and report.first_refusals:
        _say(console, f"The first refusals, up to {SHOWN_REFUSALS} (--errors FILE lists all):")
        for first in report.first_refusals:
            of = f" ({first.pms_id})" if first.pms_id else ""
            _say(
                console,
                f"  {first.file} row {first.row}{of}: {first.problem.field}: {first.reason}",
            )


def _counts(report: Report, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("File")
    for heading in ("New", "Changed", "Unchanged", "Refused", "Skipped"):
        table.add_column(heading, justify="right")
    for file in report.files:
        taken = file.taken
        counts = (taken.inserted, taken.updated, taken.unchanged, file.refused, file.skipped)
        table.add_row(_plain(file.name), *(f"{count:,}" for count in counts))
    return table


def _reasons(report: Report) -> Table:
    table = Table(title="Refused", title_justify="left")
    for heading in ("File", "Field", "Reason"):
        table.add_column(heading)
    table.add_column("Rows", justify="right")
    for file in report.files:
        for (name, reason), count in file.reasons.most_common():
            table.add_row(_plain(file.name), name, reason, f"{count:,}")
    return table


def _say(console: Console, text: str) -> None:
    console.print(_plain(text), soft_wrap=True)


def _plain(text: str) -> Text:
    # Text from a file must not control the terminal.
    return Text("".join(letter if letter.isprintable() else "?" for letter in text))
