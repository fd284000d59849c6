"""Tests of reading CSV for the import: what every kind of row and file becomes."""

import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.importing.entries import Entry, FileError
from api.importing.reading import open_patients, open_recalls
from db.sync import PatientRow, RecallRow

HEADER = "pms_id,first_name,last_name,birth_date,mobile,sms_consent,status"
ANN = "p1,Ann,Smith,1980-07-03,0491 570 006,yes,active"
ANN_ROW = PatientRow("p1", "Ann", "Smith", date(1980, 7, 3), "0491 570 006", True, "ACTIVE")
RECALL_HEADER = "pms_id,patient_pms_id,reason,urgency,due_date,completed"


def read(content: bytes | str, name: str = "patients.csv") -> list[Entry[PatientRow]]:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        path = Path(directory) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(open_patients(path, stack).entries)


def read_recalls(content: str) -> list[Entry[RecallRow]]:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        path = Path(directory) / "recalls.csv"
        path.write_text(content)
        return list(open_recalls(path, stack).entries)


def patient(**cells: str) -> Entry[PatientRow]:
    """Return the entry of a row with these cells, otherwise Ann's."""
    values = dict(zip(HEADER.split(","), ANN.split(","), strict=True)) | cells
    [entry] = read(f"{HEADER}\n{','.join(values.values())}\n")
    return entry


def problems(entries: list[Entry[Any]]) -> list[tuple[int, str, str]]:
    return [(entry.number, p.field, p.reason) for entry in entries for p in entry.problems]


def test_a_row_becomes_a_patient() -> None:
    # given
    content = f"{HEADER}\n{ANN}\n"
    # when
    entries = read(content)
    # then
    assert entries == [Entry(2, ANN_ROW, "p1")]


@pytest.mark.parametrize(
    "header",
    [
        "pmsId,firstName,lastName,birthDate,mobile,smsConsent,status",
        "PMS ID,First Name,LAST_NAME,Birth date,Mobile,SMS-Consent, Status ",
    ],
)
def test_headers_match_however_they_are_spelt(header: str) -> None:
    # given
    content = f"{header}\n{ANN}\n"
    # when
    [entry] = read(content)
    # then
    assert entry.row == ANN_ROW


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_marks_and_line_ends_are_not_part_of_the_cells(
    line_end: str, mark: bytes
) -> None:
    # given
    content = mark + line_end.join([HEADER, ANN, ""]).encode()
    # when
    [entry] = read(content)
    # then
    assert entry.row == ANN_ROW


def test_quoted_commas_and_newlines_keep_the_spreadsheets_row_numbers() -> None:
    # given
    content = f'{HEADER}\np0,"Bob","Jones,\nthe ""Elder""",,,,\n{ANN}\n'
    # when
    bob, ann = read(content)
    # then
    assert bob.row is not None
    assert bob.row.last_name == 'Jones,\nthe "Elder"'
    assert (bob.number, ann.number) == (2, 3)


def test_blank_rows_are_left_out_but_counted_in_the_row_numbers() -> None:
    # given
    content = f"\n{HEADER}\n\n,,,,,,\n{ANN}"
    # when
    entries = read(content)
    # then
    assert [entry.number for entry in entries] == [5]


def test_a_header_alone_holds_no_rows() -> None:
    # given
    content = f"{HEADER}\n"
    # when
    entries = read(content)
    # then
    assert entries == []


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (b"p2,Bob", "This row has fewer cells than the header."),
        (b"p2,Bob,Jones,,,,,,", "This row has more cells than the header."),
        (b"p2,Bob,J\xf3nes,,,,", "This row is not UTF-8 text."),
        (b"p2,Bob,Jo\0nes,,,,", "This row contains a NUL character."),
    ],
)
def test_a_spoilt_row_is_refused_and_the_next_is_read(spoilt: bytes, reason: str) -> None:
    # given
    content = b"\n".join([HEADER.encode(), spoilt, ANN.encode()])
    # when
    entries = read(content)
    # then
    assert problems(entries) == [(2, "row", reason)]
    assert entries[1] == Entry(3, ANN_ROW, "p1")


def test_every_row_that_an_open_quote_swallows_is_refused() -> None:
    # given
    content = f'{HEADER}\np2,"Bob,Jones,,,,\np3,Cy,Young,,,,\np4,"Di",Day,,,,\n{ANN}\n'
    # when
    entries = read(content)
    # then
    assert [number for number, field, _ in problems(entries) if field == "row"] == [2, 3, 4]
    assert entries[-1] == Entry(5, ANN_ROW, "p1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("2026-11-23", date(2026, 11, 23)),
        ("23/11/2026", date(2026, 11, 23)),
        ("23-11-2026", date(2026, 11, 23)),
        ("3/7/1980", date(1980, 7, 3)),
    ],
)
def test_dates_are_iso_or_day_first(text: str, expected: date | None) -> None:
    # when
    entry = patient(birth_date=text)
    # then
    assert entry.row is not None
    assert entry.row.birth_date == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("23/11/26", "The year needs four digits."),
        ("11/23/2026", "This date doesn't exist."),
        ("2026-02-30", "This date doesn't exist."),
        ("23/11-2026", "Write the date like 2026-11-23 or 23/11/2026."),
        ("٢٣/١١/٢٠٢٦", "Write the date like 2026-11-23 or 23/11/2026."),
        ("yesterday", "Write the date like 2026-11-23 or 23/11/2026."),
    ],
)
def test_an_invalid_date_refuses_the_row(text: str, reason: str) -> None:
    # when
    entry = patient(birth_date=text)
    # then
    assert problems([entry]) == [(2, "birthDate", reason)]
    assert entry.row is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes", True),
        ("y", True),
        ("TRUE", True),
        ("1", True),
        ("no", False),
        ("N", False),
        ("false", False),
        ("0", False),
        ("", None),
    ],
)
def test_consent_is_yes_no_or_nothing_recorded(text: str, expected: bool | None) -> None:
    # when
    entry = patient(sms_consent=text)
    # then
    assert entry.row is not None
    assert entry.row.sms_consent is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "ACTIVE"), ("Active", "ACTIVE"), ("inactive", "INACTIVE"), ("DECEASED", "DECEASED")],
)
def test_status_is_active_unless_it_says_otherwise(text: str, expected: str) -> None:
    # when
    entry = patient(status=text)
    # then
    assert entry.row is not None
    assert entry.row.status == expected


def test_all_problems_of_a_row_are_reported_with_its_id() -> None:
    # when
    entry = patient(sms_consent="maybe", status="gone")
    # then
    assert problems([entry]) == [
        (2, "smsConsent", "Use yes or no."),
        (2, "status", "Use active, inactive or deceased."),
    ]
    assert entry.pms_id == "p1"


def test_a_row_becomes_a_recall() -> None:
    # given
    content = f"{RECALL_HEADER}\nr1,p1,Skin check,Soon,23/11/2026,\nr2,p1,Pap,,2026-11-24,yes\n"
    # when
    entries = read_recalls(content)
    # then
    assert [entry.row for entry in entries] == [
        RecallRow("r1", "p1", "Skin check", date(2026, 11, 23), "Soon", completed=False),
        RecallRow("r2", "p1", "Pap", date(2026, 11, 24), None, completed=True),
    ]


def test_a_recall_without_a_due_date_is_refused() -> None:
    # given
    content = f"{RECALL_HEADER}\nr1,p1,Skin check,,,\n"
    # when
    entries = read_recalls(content)
    # then
    assert problems(entries) == [(2, "dueDate", "This must not be empty.")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "patients.csv is empty."),
        (b"\n , \n", "patients.csv is empty."),
        (b"PK\x03\x04rest", "is an Excel workbook or an archive"),
        (b"\xd0\xcf\x11\xe0rest", "is an Excel workbook"),
        (HEADER.encode("utf-16"), "is UTF-16 text"),
        (b"\x1f\x8b\x08rest", "is not a text file"),
        (b'"pms_id', "the header can't be read"),
        (b"pms_id,mobile\n", "it lacks first_name or last_name."),
        (b"first_name\n", "it lacks pms_id."),
        (b"pms_id,PMS ID,first_name\n", "has the column pms_id twice"),
    ],
)
def test_a_file_that_is_not_such_a_csv_is_named_with_the_problem(content: bytes, told: str) -> None:
    # when
    with pytest.raises(FileError) as caught:
        read(content)
    # then
    assert str(caught.value).startswith("patients.csv")
    assert told in str(caught.value)


def test_a_missing_header_is_reported_without_the_patient_in_its_place() -> None:
    # when
    with pytest.raises(FileError) as caught:
        read(f"{ANN}\n")
    # then
    assert "Ann" not in str(caught.value)


def test_unused_and_missing_columns_are_reported(tmp_path: Path) -> None:
    # given
    path = tmp_path / "patients.csv"
    path.write_text("pms_id,last_name,Gender,mobile,birth_date,status,\np1,Smith,F,,,,\n")
    # when
    with ExitStack() as stack:
        notices = open_patients(path, stack).notices
    # then
    assert notices[0] == "Columns ignored: Gender."
    assert notices[1].startswith("Columns missing: first_name, sms_consent.")


def test_a_line_too_long_to_hold_ends_the_reading() -> None:
    # given
    content = f"{HEADER}\n{ANN}\n{'x' * 2**21}\n"
    # when
    with pytest.raises(FileError) as caught:
        read(content)
    # then
    assert str(caught.value) == "patients.csv: line 3 is too long for a CSV."


@given(st.binary() | st.text('p1,"\n\r\0é', max_size=200).map(str.encode))
def test_no_bytes_after_the_header_end_in_a_traceback(content: bytes) -> None:
    # when
    entries = read(HEADER.encode() + b"\n" + content)
    # then
    numbers = [entry.number for entry in entries]
    assert numbers == sorted(set(numbers))
    assert all((entry.row is None) == bool(entry.problems) for entry in entries)
