"""Opens files, recognises their format by content, and reads their rows one by one."""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Generic

from api.importing.csv_rows import PATIENTS, RECALLS, CsvRows, Table
from api.importing.entries import Entry, FileError, Row
from api.importing.fhir_files import (
    BOM,
    NDJSON_ENDINGS,
    entries_of_lines,
    entries_of_whole,
    is_one_a_line,
)
from db.sync import PatientRow, RecallRow

HEAD_BYTES = 4096
MAX_CSV_LINE = 1024 * 1024
"""Characters of a line of CSV, because it is held in memory."""
CONTROL_CHARACTER = re.compile(rb"[\0-\x08\x0e-\x1f]")
OTHER_FORMATS = {
    b"PK\x03\x04": "is an Excel workbook or an archive; save it as 'CSV UTF-8'",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook; save it as 'CSV UTF-8'",
    b"\xff\xfe": "is UTF-16 text; save it as 'CSV UTF-8'",
    b"\xfe\xff": "is UTF-16 text; save it as 'CSV UTF-8'",
}
NO_CONSENT = "FHIR has no field for SMS consent, so consent on record is kept."


@dataclass(frozen=True, slots=True)
class Source(Generic[Row]):
    """An open file whose format is known."""

    name: str
    size: int
    """In bytes."""
    file: BinaryIO
    entries: Iterator[Entry[Row]]
    absent: frozenset[str] = frozenset()
    """Fields of the rows that the file doesn't have at all."""
    notices: list[str] = field(default_factory=list)
    """What people should know before they rely on the import."""

    def position(self) -> int:
        """Return how many bytes have been read."""
        return self.file.tell()


def open_patients(path: Path, stack: ExitStack) -> Source[PatientRow]:
    """Open CSV, FHIR NDJSON or FHIR JSON; the file is closed with ``stack``.

    Raises ``FileError`` if it is none of these, or its header isn't right.
    """
    with _file_errors(path.name):
        file, size, is_json = _open(path, stack)
        if not is_json:
            return _csv(file, size, PATIENTS, path.name, stack)
        # For names and numbers that end today, an hour more or less doesn't matter.
        today = datetime.now(UTC).date()
        if is_one_a_line(file, path.name):
            entries = entries_of_lines(file, today)
        else:
            entries = entries_of_whole(file, path.name, size, today)
        absent = frozenset({"sms_consent"})
        guarded = _guarded(entries, path.name)
        return Source(path.name, size, file, guarded, absent, [NO_CONSENT])


def open_recalls(path: Path, stack: ExitStack) -> Source[RecallRow]:
    """Open a CSV; the file is closed with ``stack``.

    Raises ``FileError`` if it isn't one, or its header isn't right.
    """
    with _file_errors(path.name):
        file, size, is_json = _open(path, stack)
        if is_json:
            raise FileError(f"{path.name} is JSON; recalls are read from CSV only.")
        return _csv(file, size, RECALLS, path.name, stack)


def _open(path: Path, stack: ExitStack) -> tuple[BinaryIO, int, bool]:
    """Return the file, its size and whether it is JSON. Raises ``FileError`` if it isn't text."""
    if not path.is_file():
        raise FileError(f"{path.name} doesn't exist, or isn't a file.")
    file = stack.enter_context(path.open("rb"))
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise FileError(f"{path.name} is empty.")
    for beginning, what in OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise FileError(f"{path.name} {what}.")
    if CONTROL_CHARACTER.search(head.split(b"\n", 1)[0]):
        raise FileError(f"{path.name} is not a text file.")
    begins_as_json = head.removeprefix(BOM).lstrip().startswith((b"{", b"["))
    is_json = begins_as_json or path.name.lower().endswith(NDJSON_ENDINGS)
    return file, path.stat().st_size, is_json


def _csv(file: BinaryIO, size: int, table: Table[Row], name: str, stack: ExitStack) -> Source[Row]:
    # Bytes that are not UTF-8 are let through here, so that they spoil only their own row.
    text = stack.enter_context(
        io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    )
    rows = CsvRows(_lines(text, name), table, name)
    notices = []
    if rows.ignored:
        notices.append(f"Columns ignored: {', '.join(rows.ignored)}.")
    if rows.missing:
        notices.append(
            f"Columns missing: {', '.join(rows.missing)}. What's on record for them is kept."
        )
    absent = frozenset(rows.missing)
    return Source(name, size, file, _guarded(rows.entries(), name), absent, notices)


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_CSV_LINE):
        number += 1
        if len(line) == MAX_CSV_LINE:
            raise FileError(f"{name}: line {number} is too long for a CSV.")
        yield line


def _guarded(entries: Iterator[Entry[Row]], name: str) -> Iterator[Entry[Row]]:
    with _file_errors(name):
        yield from entries


@contextmanager
def _file_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"{name} can't be read: {error.strerror}.") from None
