"""Tests that an import leaves alone what its file doesn't carry."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.importing import Importing, counts
from tests.support.practice import Practice


def as_fhir(directory: Path) -> Path:
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Smith", "given": ["Anna"]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": "0491 570 156"}],
    }
    path = directory / "patients.ndjson"
    path.write_text(json.dumps(patient))
    return path


def as_csv(directory: Path) -> Path:
    path = directory / "patients.csv"
    path.write_text("pms_id,first_name,last_name,mobile\np1,Anna,Smith,0491 570 156\n")
    return path


@pytest.mark.parametrize("write", [as_fhir, as_csv])
async def test_a_recorded_no_outlives_a_list_without_consent(
    importing: Importing, practice: Practice, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    # given
    patient = await practice.patient("p1", first_name="Ann", sms_consent=False)
    recall = await practice.recall(patient)
    # when
    result = await importing.run("--patients", write(tmp_path))
    # then
    assert result.exit_code == 0
    seen = await practice.see(recall)
    assert (seen["patient_first_name"], seen["patient_mobile"]) == ("Anna", "+61491570156")
    assert seen["sms_reason"] == "PMS_CONSENT_WITHHELD"


async def test_the_dead_stay_dead_if_a_list_has_no_status(
    importing: Importing, practice: Practice, tmp_path: Path
) -> None:
    # given
    recall = await practice.recall(await practice.patient("p1", status="DECEASED"))
    # when
    await importing.run("--patients", as_csv(tmp_path))
    # then
    assert (await practice.see(recall))["sms_reason"] == "PATIENT_DECEASED"


async def test_a_new_patient_in_a_list_without_consent_has_none_recorded(
    importing: Importing, practice: Practice, tmp_path: Path
) -> None:
    # when
    result = await importing.run("--patients", as_csv(tmp_path))
    # then
    assert counts(result, "patients.csv")[0] == 1
    recall = await practice.recall("p1")
    assert (await practice.see(recall))["sms_reason"] is None


async def test_a_completed_recall_stays_completed_if_a_list_does_not_say(
    importing: Importing, practice: Practice, tmp_path: Path
) -> None:
    # given
    patient = await practice.patient("p1")
    recall = await practice.recall(patient, pms_id="r1", completed=True)
    path = tmp_path / "recalls.csv"
    path.write_text(f"pms_id,patient_pms_id,reason,due_date\nr1,p1,Skin check,{practice.today}\n")
    # when
    await importing.run("--recalls", path)
    # then
    assert (await practice.see(recall))["state"] == "COMPLETED"


async def test_a_blank_value_in_a_column_says_that_nothing_is_recorded(
    importing: Importing, practice: Practice, tmp_path: Path
) -> None:
    # given
    recall = await practice.recall(await practice.patient("p1", sms_consent=False))
    path = tmp_path / "patients.csv"
    path.write_text("pms_id,last_name,mobile,sms_consent\np1,Smith,0491 570 156,\n")
    # when
    await importing.run("--patients", path)
    # then
    assert (await practice.see(recall))["sms_reason"] is None
