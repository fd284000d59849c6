"""Tests of reading FHIR for the import: what a Patient becomes, and what isn't a Patient."""

import json
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.importing import fhir_files
from api.importing.entries import Entry, FileError
from api.importing.fhir import patient_entry
from api.importing.reading import open_patients, open_recalls
from db.sync import PatientRow

TODAY = date(2026, 11, 23)
ANN: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ann",
    "name": [{"use": "official", "family": "SMITH", "given": ["Ann", "Mary"]}],
    "telecom": [{"system": "phone", "use": "mobile", "value": "0491 570 006"}],
    "birthDate": "1980-07-03",
}
ANN_ROW = PatientRow("ann", "Ann", "SMITH", date(1980, 7, 3), "0491 570 006")
BOB_ROW = PatientRow("bob", "Ann", "SMITH", date(1980, 7, 3), "0491 570 006")
SOMEONE = {"resourceType": "RelatedPerson", "id": "someone"}
BOB = ANN | {"id": "bob"}
AU_CORE = Path(__file__).parents[3] / "shared/data/au-core"


def patient(**facts: Any) -> PatientRow:
    """Return Ann's row with these facts changed."""
    row = patient_entry(1, ANN | facts, TODAY).row
    assert row is not None
    return row


def mobile(*telecom: dict[str, Any]) -> str | None:
    return patient(telecom=list(telecom)).mobile


def phone(value: str, **facts: Any) -> dict[str, Any]:
    return {"system": "phone", "value": value} | facts


def read(content: bytes | str, name: str = "patients.json") -> list[Entry[PatientRow]]:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        path = Path(directory) / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(open_patients(path, stack).entries)


def bundle(*resources: object) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": item} for item in resources]}


def lines(*resources: object) -> str:
    return "".join(f"{json.dumps(resource)}\n" for resource in resources)


def test_a_patient_is_read() -> None:
    # when
    entry = patient_entry(7, ANN, TODAY)
    # then
    assert entry == Entry(7, ANN_ROW, "ann")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([{"family": "B", "given": ["A"]}, {"use": "official", "family": "D"}], ("", "D")),
        ([{"use": "maiden", "family": "Old"}, {"family": "New"}], ("", "New")),
        ([{"use": "old", "family": "Old"}], ("", "")),
        ([{"family": "Old", "period": {"end": "2026-11-22"}}, {"family": "New"}], ("", "New")),
        ([{"family": "Still", "period": {"end": "2026"}}, {"family": "New"}], ("", "Still")),
        ([{"use": "official", "extension": []}, {"use": "usual", "text": "Jo Ng"}], ("", "Jo Ng")),
        ([{"given": [None, "Ann"]}], ("Ann", "")),
        ([], ("", "")),
        (None, ("", "")),
    ],
)
def test_the_name_is_the_official_or_the_first_current_one(
    names: object, expected: tuple[str, str]
) -> None:
    # when
    row = patient(name=names)
    # then
    assert (row.first_name, row.last_name) == expected


def test_the_mobile_is_the_current_one_with_the_lowest_rank() -> None:
    # when
    taken = mobile(
        phone("1", use="home", rank=1),
        phone("2", use="mobile", period={"end": "2020-01"}),
        phone("3", use="mobile", rank=2),
        phone("4", use="mobile", rank=1),
        phone("5", use="mobile"),
    )
    # then
    assert taken == "4"


@pytest.mark.parametrize("use", ["home", "work", "temp", "old"])
def test_a_number_for_another_use_is_not_taken_as_the_mobile(use: str) -> None:
    # when
    taken = mobile(phone("0491570006", use=use), {"system": "email", "value": "a@example.com"})
    # then
    assert taken is None


def test_a_number_for_sms_is_a_mobile_unless_it_is_old() -> None:
    # when
    taken = mobile({"system": "sms", "value": "1", "use": "old"}, {"system": "sms", "value": "2"})
    # then
    assert taken == "2"


def test_a_number_without_a_stated_use_stands_in_for_a_mobile() -> None:
    # when
    alone = mobile(phone("1", rank=1))
    beside_a_mobile = mobile(phone("1", rank=1), phone("2", use="mobile"))
    # then
    assert (alone, beside_a_mobile) == ("1", "2")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "ACTIVE"),
        ({"active": True, "deceasedBoolean": False}, "ACTIVE"),
        ({"active": False}, "INACTIVE"),
        ({"deceasedBoolean": True, "active": True}, "DECEASED"),
        ({"deceasedDateTime": "2026-01", "active": False}, "DECEASED"),
        ({"_deceasedDateTime": {"extension": []}}, "DECEASED"),
    ],
)
def test_the_status_is_read(facts: dict[str, Any], expected: str) -> None:
    # when
    row = patient(**facts)
    # then
    assert row.status == expected


@pytest.mark.parametrize("partial", ["1980", "1980-07", None])
def test_a_partial_birth_date_becomes_none(partial: str | None) -> None:
    # when
    row = patient(birthDate=partial)
    # then
    assert row.birth_date is None


@pytest.mark.parametrize(
    ("facts", "field", "reason"),
    [
        ({"birthDate": "1980-02-30"}, "birthDate", "This is not a date."),
        ({"birthDate": 1980}, "birthDate", "This is not a date."),
        ({"deceasedBoolean": "true"}, "status", "Use true or false."),
        ({"resourceType": None}, "row", "This is not a FHIR resource."),
    ],
)
def test_a_value_that_fhir_does_not_allow_refuses_the_patient(
    facts: dict[str, Any], field: str, reason: str
) -> None:
    # when
    entry = patient_entry(1, ANN | facts, TODAY)
    # then
    assert [(problem.field, problem.reason) for problem in entry.problems] == [(field, reason)]


@pytest.mark.parametrize(
    "content",
    [
        lines(ANN, SOMEONE, BOB),
        json.dumps([ANN, SOMEONE, BOB]),
        json.dumps([ANN, SOMEONE, BOB], indent=1),
        json.dumps(bundle(ANN, SOMEONE, BOB)),
        json.dumps(bundle(ANN, SOMEONE, BOB), indent=1),
        "\ufeff" + lines(ANN, SOMEONE, BOB).replace("\n", "\r\n"),
        "\ufeff" + json.dumps(bundle(ANN, SOMEONE, BOB)),
    ],
)
def test_every_format_yields_the_patients_and_skips_the_others(content: str) -> None:
    # when
    entries = read(content)
    # then
    assert entries == [Entry(1, ANN_ROW, "ann"), Entry(2), Entry(3, BOB_ROW, "bob")]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_patient_is_read(indent: int | None) -> None:
    # when
    entries = read(json.dumps(ANN, indent=indent))
    # then
    assert entries == [Entry(1, ANN_ROW, "ann")]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (b'{"resourceType": ', "This line is not JSON."),
        (b'{"id": "\xf3"}', "This row is not UTF-8 text."),
        (b"[1]", "This is not a FHIR resource."),
        (b"x" * 300, "This line is too long to be read."),
    ],
)
def test_a_spoilt_line_is_refused_and_the_next_is_read(
    spoilt: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(fhir_files, "MAX_LINE", 250)
    content = b"\n" + spoilt + b"\n" + lines(ANN).encode()
    # when
    refused, ann = read(content, "patients.ndjson")
    # then
    assert [(refused.number, problem.reason) for problem in refused.problems] == [(2, reason)]
    assert ann == Entry(3, ANN_ROW, "ann")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[1, ", "patients.json is not JSON: line 1, column "),
        ('{"resourceType": "Bundle", "entry": 1}', "is a Bundle whose entry is not a list"),
    ],
)
def test_json_that_cannot_be_read_is_reported(content: str, told: str) -> None:
    # when
    with pytest.raises(FileError) as caught:
        read(content)
    # then
    assert told in str(caught.value)


def test_json_too_large_to_hold_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(fhir_files, "MAX_WHOLE", 100)
    # when
    with pytest.raises(FileError) as caught:
        read(json.dumps([ANN], indent=1))
    # then
    assert "make it NDJSON instead" in str(caught.value)


def test_recalls_are_not_read_from_json(tmp_path: Path) -> None:
    # given
    path = tmp_path / "recalls.json"
    path.write_text(lines(ANN))
    # when
    with ExitStack() as stack, pytest.raises(FileError) as caught:
        open_recalls(path, stack)
    # then
    assert str(caught.value) == "recalls.json is JSON; recalls are read from CSV only."


KEYS = [*ANN, "active", "deceasedBoolean", "deceasedDateTime", "period", "use", "value", "given"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "family", "end", "rank"]), inner, max_size=5)
    ),
    max_leaves=12,
)


# In a fresh clone the first text takes seconds, while Hypothesis makes its character tables.
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING))
def test_no_json_ends_in_a_traceback(facts: dict[str, Any]) -> None:
    # when
    entry = patient_entry(1, facts | {"resourceType": "Patient"}, TODAY)
    # then
    assert (entry.row is None) == bool(entry.problems)


@given(st.binary())
def test_no_bytes_end_in_a_traceback(content: bytes) -> None:
    # when
    entries = read(b'{"resourceType": "Patient"}\n' + content, "patients.ndjson")
    # then
    numbers = [entry.number for entry in entries]
    assert numbers == sorted(set(numbers))


@pytest.mark.skipif(not AU_CORE.is_dir(), reason="the AU Core test data is not there")
def test_the_au_core_patients_are_read() -> None:
    # given
    path = AU_CORE / "Patient.ndjson"
    # when
    with ExitStack() as stack:
        entries = list(open_patients(path, stack).entries)
    # then
    rows = [entry.row for entry in entries if entry.row]
    assert len(rows) == 68
    assert sum(row.mobile is not None for row in rows) == 54
