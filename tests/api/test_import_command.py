"""Tests of the import command on a real database: what it imports and reports, its exit code."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest

from api.importing import runner
from tests.support.importing import Importing, counts

PATIENTS = "pms_id,first_name,last_name,birth_date,mobile,sms_consent,status\n"
RECALLS = "pms_id,patient_pms_id,reason,urgency,due_date,completed\n"
ANN = "p1,Ann,Smith,1980-07-03,0491 570 006,no,active\n"
RELATED = Path(__file__).parents[3] / "shared/data/au-core/RelatedPerson.ndjson"


async def test_patients_and_their_recalls_are_imported(importing: Importing) -> None:
    # given
    patients = importing.file("patients.csv", PATIENTS + ANN)
    recalls = importing.file("recalls.csv", RECALLS + "r1,p1,Skin check,,23/11/2026,\n")
    # when
    result = await importing.run("--patients", patients, "--recalls", recalls)
    # then
    assert result.exit_code == 0, result.output
    [row] = await importing.practice.pool.fetch(
        """
        select p.mobile, p.sms_consent, r.due_date
        from patients p join recalls r on r.patient_id = p.id
        """
    )
    assert tuple(row) == ("+61491570006", False, date(2026, 11, 23))


async def test_a_second_run_changes_only_what_differs(importing: Importing) -> None:
    # given
    await importing.patients(PATIENTS + ANN + "p2,Bob,Jones,,,,\n")
    # when
    result = await importing.patients(PATIENTS + ANN + "p2,Rob,Jones,,,,\np3,Cy,Young,,,,\n")
    # then
    assert counts(result, "patients.csv") == [1, 1, 1, 0, 0]


async def test_an_import_is_in_the_trail_with_the_host_as_its_actor(importing: Importing) -> None:
    # given
    await importing.patients(PATIENTS + ANN + "p2,Bob,Jones,,,,\n")
    again = PATIENTS + ANN.replace("no", "yes") + "p2,Bob,Jones,,0491 570 156,,\n"
    # when
    await importing.run("--patients", importing.file("again.csv", again), "--dry-run")
    await importing.patients(again)
    await importing.patients(again)
    # then
    events = await importing.practice.pool.fetch(
        "select actor, actor_kind, details from audit_events"
        " where action = 'PMS_SYNCED' order by id"
    )
    assert [(e["actor"], e["actor_kind"], json.loads(e["details"])) for e in events] == [
        ("Host", "HOST", {"rows": "patients", "inserted": 2}),
        (
            *("Host", "HOST"),
            {"rows": "patients", "updated": 2, "mobiles": 1, "toNumbers": 1, "consents": 1},
        ),
    ]


async def test_refused_rows_are_reported_and_do_not_stop_the_others(importing: Importing) -> None:
    # given
    content = PATIENTS + ANN + "p2,,,,,,\n,Bob,Jones,,,,\np3,Cy,Young,1/2/80,,,\np4,Di,Day,,,,\n"
    # when
    result = await importing.patients(content)
    # then
    assert result.exit_code == 2
    assert counts(result, "patients.csv") == [2, 0, 0, 3, 0]
    assert "patients.csv row 3 (p2): lastName: The patient has no name." in result.stdout
    assert "patients.csv row 4: pmsId: This must not be empty." in result.stdout
    assert "patients.csv row 5 (p3): birthDate: The year needs four digits." in result.stdout


async def test_recalls_of_unknown_patients_are_refused(importing: Importing) -> None:
    # given
    await importing.patients(PATIENTS + ANN)
    content = RECALLS + "r1,p9,Skin check,,2026-11-23,\nr2,p1,Skin check,,2026-11-23,\n"
    # when
    result = await importing.run("--recalls", importing.file("recalls.csv", content))
    # then
    assert result.exit_code == 2
    assert counts(result, "recalls.csv") == [1, 0, 0, 1, 0]
    assert "recalls.csv row 2 (r1): patientPmsId: No patient has this id" in result.stdout


async def test_a_dry_run_reports_the_same_and_keeps_nothing(importing: Importing) -> None:
    # given
    patients = importing.file("patients.csv", PATIENTS + ANN + "p2,,,,,,\n")
    recalls = importing.file(
        "recalls.csv", RECALLS + "r1,p1,Pap,,2026-11-23,\nr2,p2,Pap,,2026-11-23,\n"
    )
    files = ("--patients", patients, "--recalls", recalls)
    # when
    dry = await importing.run(*files, "--dry-run")
    kept = await importing.count("patients") + await importing.count("recalls")
    real = await importing.run(*files)
    # then
    assert kept == 0
    assert "Dry run" in dry.stdout
    assert dry.stdout.splitlines()[1:] == real.stdout.splitlines()[1:]
    assert (dry.exit_code, counts(dry, "recalls.csv")) == (2, [1, 0, 0, 1, 0])


async def test_a_repeated_id_is_refused_in_a_later_batch_too(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(runner, "BATCH_ROWS", 2)
    content = PATIENTS + ANN + "p2,Bob,Jones,,,,\n p2 ,Rob,Jones,,,,\np1,Eve,Smith,,,,\n"
    # when
    result = await importing.patients(content)
    # then
    assert counts(result, "patients.csv") == [2, 0, 0, 2, 0]
    assert "row 4 (p2): pmsId: This repeats the id of an earlier row. See row 3." in result.stdout
    assert "row 5 (p1): pmsId: This repeats the id of an earlier row. See row 2." in result.stdout
    names = await importing.practice.pool.fetch("select first_name from patients order by pms_id")
    assert [row["first_name"] for row in names] == ["Ann", "Bob"]


async def test_more_rows_than_a_batch_are_imported(importing: Importing) -> None:
    # given
    count = 2 * runner.BATCH_ROWS + 1
    content = PATIENTS + "".join(f"p{number},Ann,Smith,,,,\n" for number in range(count))
    # when
    result = await importing.patients(content)
    # then
    assert counts(result, "patients.csv") == [count, 0, 0, 0, 0]
    assert await importing.count("patients") == count


async def test_patients_who_cant_be_texted_are_imported_and_reported(importing: Importing) -> None:
    # given
    numbers = ["02 5550 1234", "02 5550 4321", "12", "", "0491570006"]
    rows = (f"p{i},Ann,Smith,,{number},,\n" for i, number in enumerate(numbers))
    # when
    result = await importing.patients(PATIENTS + "".join(rows))
    # then
    assert (result.exit_code, counts(result, "patients.csv")) == (0, [5, 0, 0, 0, 0])
    assert "can't be texted: 2. Not a mobile: landlines" in result.stdout
    assert "can't be texted: 1. Too short: check for a missing digit." in result.stdout


async def test_the_errors_file_lists_every_refusal(importing: Importing) -> None:
    # given
    errors = importing.directory / "errors.csv"
    rows = "".join(f"p{number},,,1/2/80,,perhaps,\n" for number in range(20))
    # when
    result = await importing.patients(PATIENTS + rows, "--errors", errors)
    # then
    with errors.open(encoding="utf-8-sig", newline="") as file:
        header, first, *others = csv.reader(file)
    assert header == ["file", "row", "field", "reason", "pms_id"]
    assert first == ["patients.csv", "2", "birthDate", "The year needs four digits.", "p0"]
    assert len(others) == 39
    assert "first refusals" not in result.stdout


async def test_the_errors_file_never_overwrites_an_imported_file(importing: Importing) -> None:
    # when
    result = await importing.patients(
        PATIENTS + ANN, "--errors", importing.directory / "patients.csv"
    )
    # then
    assert result.exit_code == 1
    assert (importing.directory / "patients.csv").read_text() == PATIENTS + ANN


async def test_neither_screen_nor_errors_file_holds_names_or_numbers(importing: Importing) -> None:
    # given
    errors = importing.directory / "errors.csv"
    rows = [
        "p1,Quentin,Zimmer,1/2/80,0491570006,perhaps,\n",
        "p2,Quentin,Zimmer,0491570006\n",
        'p3,"Quentin"Zimmer,,,0491570006,,\n',
        "p4,Quentin,Zimmer,,0255501234,,\n",
        f"Quentin{'x' * 500},Zimmer,,,0491570006,,\n",
    ]
    content = PATIENTS + "".join(rows)
    # when
    listed = await importing.patients(content)
    filed = await importing.patients(content, "--errors", errors)
    # then
    assert counts(filed, "patients.csv") == [0, 0, 1, 4, 0]
    told = listed.output + filed.output + errors.read_text()
    assert not re.search("Quentin|Zimmer|0491570006|0255501234", told)


async def test_a_broken_recalls_file_is_found_before_patients_are_imported(
    importing: Importing,
) -> None:
    # given
    patients = importing.file("patients.csv", PATIENTS + ANN)
    recalls = importing.file("recalls.csv", "pms_id\n")
    # when
    result = await importing.run("--patients", patients, "--recalls", recalls)
    # then
    assert result.exit_code == 1
    assert "recalls.csv: the first row must name the columns" in result.stderr
    assert await importing.count("patients") == 0


async def test_rows_imported_before_a_file_broke_off_are_reported(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(runner, "BATCH_ROWS", 1)
    # when
    result = await importing.patients(PATIENTS + ANN + "x" * 2**20)
    # then
    assert result.exit_code == 1
    assert counts(result, "patients.csv") == [1, 0, 0, 0, 0]
    assert "Error: patients.csv: line 3 is too long for a CSV." in result.stderr
    assert await importing.count("patients") == 1


async def test_an_unknown_practice_is_reported(importing: Importing) -> None:
    # given
    patients = importing.file("patients.csv", PATIENTS + ANN)
    # when
    result = await importing.run("--patients", patients, practice_id=77)
    # then
    assert (result.exit_code, result.output) == (1, "Error: There is no practice 77.\n")


async def test_a_missing_database_is_reported(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    missing = f"postgresql://nobody@/nothing?host={importing.directory}"
    monkeypatch.setenv("RECALLS_DATABASE_URL", missing)
    # when
    result = await importing.patients(PATIENTS + ANN)
    # then
    assert result.exit_code == 1
    assert "Is RECALLS_DATABASE_URL right" in result.stderr


@pytest.mark.parametrize("name", ["missing.csv", "."])
async def test_a_missing_file_is_reported(importing: Importing, name: str) -> None:
    # when
    result = await importing.run("--patients", importing.directory / name)
    # then
    assert result.exit_code == 1
    assert "doesn't exist, or isn't a file." in result.stderr


async def test_a_call_without_any_file_is_refused(importing: Importing) -> None:
    # when
    result = await importing.run()
    # then
    assert result.exit_code == 1
    assert result.stderr == "Error: Give --patients, --recalls or both.\n"


async def test_no_progress_is_drawn_without_a_terminal(importing: Importing) -> None:
    # when
    result = await importing.patients(PATIENTS + ANN)
    # then
    assert result.stderr == ""


async def test_a_files_content_cant_control_the_terminal(importing: Importing) -> None:
    # given
    content = "pms_id,last_name,\x1b]0;title\np1,Smith,\n[red]p\x1b2,,\n"
    # when
    result = await importing.patients("\n" + content)
    # then
    assert "\x1b" not in result.output
    assert "([red]p?2)" not in result.output


@pytest.mark.skipif(not RELATED.is_file(), reason="the AU Core test data is not there")
async def test_related_persons_are_skipped_and_counted(importing: Importing) -> None:
    # when
    result = await importing.run("--patients", RELATED)
    # then
    assert (result.exit_code, counts(result, "RelatedPerson.ndjson")) == (0, [0, 0, 0, 0, 40])


@pytest.mark.skipif(not RELATED.is_file(), reason="the AU Core test data is not there")
async def test_the_au_core_patients_without_a_name_are_refused(importing: Importing) -> None:
    # when
    result = await importing.run("--patients", RELATED.with_name("Patient.ndjson"))
    # then
    assert (result.exit_code, counts(result, "Patient.ndjson")) == (2, [66, 0, 0, 2, 0])
