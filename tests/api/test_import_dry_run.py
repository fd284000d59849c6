"""Test that a dry run keeps nobody waiting: each batch's transaction ends before the next."""

from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest

from api.importing import runner
from api.importing.reading import open_patients, open_recalls
from api.importing.report import Report
from tests.support.practice import Practice


async def test_a_dry_run_holds_nothing_between_its_batches(
    practice: Practice, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(runner, "BATCH_ROWS", 1)
    patients, recalls = tmp_path / "patients.csv", tmp_path / "recalls.csv"
    patients.write_text(
        "pms_id,first_name,last_name,birth_date,mobile,sms_consent,status\n"
        "p1,Ann,Smith,,,,\np2,Ben,Smith,,,,\n"
    )
    recalls.write_text(
        "pms_id,patient_pms_id,reason,urgency,due_date,completed\n"
        "r1,p1,Pap,,2026-11-23,\nr2,p2,Pap,,2026-11-23,\n"
    )
    connection = await asyncpg.connect(database_url)
    report = Report()
    in_transaction: list[bool] = []

    # when
    with ExitStack() as stack:
        await runner.Importer(
            connection,
            practice.id,
            report,
            lambda _: in_transaction.append(connection.is_in_transaction()),
        ).run(open_patients(patients, stack), open_recalls(recalls, stack), dry_run=True)
    await connection.close()

    # then
    assert in_transaction == [False] * 4
    assert [file.taken.inserted for file in report.files] == [2, 2]
