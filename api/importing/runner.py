"""Imports the rows of open files into the database, one batch and transaction at a time."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic

from api.importing.entries import Entry, Problem, Row
from api.importing.reading import Source
from api.importing.report import Report
from core.mobile import MobileRefusal, normalise
from db.practices import get_practice
from db.sync import (
    PatientRow,
    RecallRow,
    RowProblem,
    SyncCounts,
    check_patients,
    check_recalls,
    sync_patients,
    sync_recalls,
    unknown_patients,
)
from db.tenancy import enter
from db.types import Connection, Executor

BATCH_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """The database functions for rows of one kind, called in a batch's transaction."""

    problems: Callable[[Executor, int, Sequence[Row]], Awaitable[list[RowProblem]]]
    sync: Callable[..., Awaitable[SyncCounts]]


async def _patient_problems(_: Executor, __: int, rows: Sequence[PatientRow]) -> list[RowProblem]:
    return check_patients(rows)


async def _recall_problems(
    connection: Executor, practice_id: int, rows: Sequence[RecallRow]
) -> list[RowProblem]:
    return check_recalls(rows) + await unknown_patients(connection, practice_id, rows)


PATIENTS = Kind(_patient_problems, sync_patients)
RECALLS = Kind(_recall_problems, sync_recalls)


class Importer:
    """Imports into one practice over one connection, and counts in a report."""

    def __init__(
        self,
        connection: Connection,
        practice_id: int,
        report: Report,
        after_batch: Callable[[Source[Any]], None],
    ) -> None:
        """Take where to import to, and ``after_batch`` to call after each ``BATCH_ROWS`` rows."""
        self._connection = connection
        self._practice_id = practice_id
        self._report = report
        self._after_batch = after_batch
        self._region = ""
        self._dry_run = False
        self._patients: set[str] = set()

    async def run(
        self,
        patients: Source[PatientRow] | None,
        recalls: Source[RecallRow] | None,
        *,
        dry_run: bool,
    ) -> None:
        """Import patients, then recalls.

        A dry run does the same and undoes each batch, so that its report equals a real run's and
        nobody waits for it longer than for a batch. Raises ``LookupError`` if there is no such
        practice, and ``FileError`` if a file can't be read to its end; the batches before that have
        been imported.
        """
        async with self._connection.transaction():
            await enter(self._connection, self._practice_id)
            practice = await get_practice(self._connection, self._practice_id)
        self._region = practice["phone_region"]
        self._dry_run = dry_run
        if patients:
            await self._import(patients, PATIENTS)
        if recalls:
            await self._import(recalls, RECALLS)

    async def _import(self, source: Source[Row], kind: Kind[Row]) -> None:
        counted = self._report.begin(source.name, source.notices)
        first_rows: dict[str, int] = {}
        while batch := list(islice(source.entries, BATCH_ROWS)):
            refused = _refused(batch, first_rows)
            rows = {
                entry.number: entry.row
                for entry in batch
                if entry.row is not None and entry.number not in refused
            }
            numbers = list(rows)
            with suppress(_UndoneError):
                async with self._connection.transaction():
                    await enter(self._connection, self._practice_id)
                    if self._dry_run:
                        await self._stand_in_for_patients(list(rows.values()))
                    for problem in await kind.problems(
                        self._connection, self._practice_id, list(rows.values())
                    ):
                        found = Problem(problem.field, problem.message)
                        refused[numbers[problem.index]].append(found)
                    good = [row for number, row in rows.items() if number not in refused]
                    taken = await kind.sync(
                        self._connection, self._practice_id, good, absent=source.absent
                    )
                    if self._dry_run:
                        raise _UndoneError
            if self._dry_run:
                self._patients.update(
                    row.pms_id.strip() for row in good if isinstance(row, PatientRow)
                )
            counted.taken += taken
            counted.not_textable += _not_textable(good, self._region)
            for entry in batch:
                if entry.number in refused:
                    problems = refused[entry.number]
                    self._report.refuse(counted, entry.number, entry.pms_id, *problems)
                elif entry.row is None:
                    counted.skipped += 1
            self._after_batch(source)

    async def _stand_in_for_patients(self, rows: Sequence[PatientRow | RecallRow]) -> None:
        """Create the recalls' patients that a real run would have imported before this batch."""
        recalls = [row for row in rows if isinstance(row, RecallRow)]
        unknown = await unknown_patients(self._connection, self._practice_id, recalls)
        pms_ids = {recalls[problem.index].patient_pms_id.strip() for problem in unknown}
        await sync_patients(
            self._connection,
            self._practice_id,
            [PatientRow(pms_id, "", "?") for pms_id in pms_ids & self._patients],
        )


class _UndoneError(Exception):
    """Ends a batch's transaction without keeping its changes."""


def _refused(
    batch: Sequence[Entry[Row]], first_rows: dict[str, int]
) -> defaultdict[int, list[Problem]]:
    """Return the problems of rows that can't be read or repeat an id; record the ids seen."""
    refused: defaultdict[int, list[Problem]] = defaultdict(list)
    for entry in batch:
        if entry.problems:
            refused[entry.number] += entry.problems
        if not entry.pms_id:
            continue
        first = first_rows.setdefault(entry.pms_id, entry.number)
        if first != entry.number:
            refused[entry.number].append(
                Problem("pmsId", "This repeats the id of an earlier row.", f"See row {first}.")
            )
    return refused


def _not_textable(rows: Sequence[PatientRow | RecallRow], region: str) -> Counter[MobileRefusal]:
    patients = (row for row in rows if isinstance(row, PatientRow))
    refusals = (normalise(patient.mobile, region).refusal for patient in patients)
    return Counter(refusal for refusal in refusals if refusal)
