"""FHIR resources from JSON: one per line (NDJSON), one, an array of them, or a Bundle."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import orjson

from api.importing.entries import NOT_UTF8, WHOLE_ROW, Entry, FileError, Problem
from api.importing.fhir import patient_entry
from db.sync import PatientRow

BOM = b"\xef\xbb\xbf"
MAX_LINE = 16 * 1024 * 1024
"""Bytes of a line, because it is held in memory; a photo in a Patient takes the most."""
MAX_WHOLE = 64 * 1024 * 1024
"""Bytes of a JSON file, because it has to be read whole; NDJSON may have any size."""
NDJSON_ENDINGS = (".ndjson", ".jsonl")


def is_one_a_line(file: BinaryIO, name: str) -> bool:
    """Return whether the file is NDJSON, by its first non-blank line; rewind it."""
    line = b"\n"
    while line and not line.strip():
        line = file.readline(MAX_WHOLE)
    file.seek(0)
    line = line.removeprefix(BOM).strip()
    named = name.lower().endswith(NDJSON_ENDINGS)
    try:
        resource = orjson.loads(line)
    except orjson.JSONDecodeError:
        # Either a broken line of NDJSON, or the first of several that make one object.
        return named or (line.startswith(b"{") and line.endswith(b"}"))
    if isinstance(resource, dict):
        return resource.get("resourceType") != "Bundle"
    return named


def entries_of_lines(file: BinaryIO, today: date) -> Iterator[Entry[PatientRow]]:
    """Yield one resource per non-blank line; a line that isn't one doesn't stop the next."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
            yield _refused(number, "This line is too long to be read.")
            continue
        line = line.removeprefix(BOM).strip()
        if not line:
            continue
        try:
            resource = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield _refused(number, "This line is not JSON." if _is_utf8(line) else NOT_UTF8)
        else:
            yield patient_entry(number, resource, today)


def entries_of_whole(
    file: BinaryIO, name: str, size: int, today: date
) -> Iterator[Entry[PatientRow]]:
    """Return the entries of a resource, an array or a Bundle, numbered by position.

    Raises ``FileError`` if the file isn't JSON or is larger than ``MAX_WHOLE``.
    """
    if size > MAX_WHOLE:
        limit = MAX_WHOLE // 2**20
        raise FileError(f"{name} is JSON of more than {limit} MiB; make it NDJSON instead.")
    try:
        whole = orjson.loads(file.read().removeprefix(BOM))
    except orjson.JSONDecodeError as error:
        raise FileError(f"{name} is not JSON: line {error.lineno}, column {error.colno}.") from None
    resources = whole if isinstance(whole, list) else [whole]
    if isinstance(whole, dict) and whole.get("resourceType") == "Bundle":
        bundled = whole.get("entry", [])
        if not isinstance(bundled, list):
            raise FileError(f"{name} is a Bundle whose entry is not a list.")
        resources = [item.get("resource") if isinstance(item, dict) else None for item in bundled]
    return (patient_entry(number, resource, today) for number, resource in enumerate(resources, 1))


def _refused(number: int, reason: str) -> Entry[PatientRow]:
    return Entry(number, problems=(Problem(WHOLE_ROW, reason),))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
