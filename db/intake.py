"""Taking in what the PMS has: patients and recalls, upserted by the PMS's own ids."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.mobile import normalise
from db.rows import Executor, Pool
from db.text import storable

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as the PMS has them; ``sms_consent`` None where it recorded nothing."""

    pms_id: str
    first_name: str
    last_name: str
    birth_date: date | None = None
    mobile: str | None = None
    sms_consent: bool | None = None
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall as the PMS has it."""

    pms_id: str
    patient_pms_id: str
    reason: str
    due_date: date
    urgency: str | None = None
    completed: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a ``field`` (as clients spell it) of the row at ``index``, from 0."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """How many rows were new, changed something, or changed nothing."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def check_patients(rows: Sequence[PatientRow]) -> list[RowProblem]:
    """Give what is wrong with the rows; empty where they can be taken.

    A mobile that can't take an SMS is no problem of the row: the patient is taken and the rule says
    so, or they would vanish from the list.
    """
    problems = _repeated([row.pms_id for row in rows])
    for index, row in enumerate(rows):
        problems += _texts(index, pmsId=row.pms_id)
        problems += _texts(
            index,
            required=False,
            firstName=row.first_name,
            lastName=row.last_name,
            mobile=row.mobile or "",
        )
        if not row.first_name.strip() and not row.last_name.strip():
            problems.append(RowProblem(index, "lastName", "The patient has no name at all."))
    return problems


def check_recalls(rows: Sequence[RecallRow]) -> list[RowProblem]:
    """Give what is wrong with the rows, their patients apart; empty where they can be taken."""
    problems = _repeated([row.pms_id for row in rows])
    for index, row in enumerate(rows):
        problems += _texts(
            index, pmsId=row.pms_id, patientPmsId=row.patient_pms_id, reason=row.reason
        )
        problems += _texts(index, required=False, urgency=row.urgency or "")
    return problems


async def sync_patients(
    connection: Executor, practice_id: int, rows: Sequence[PatientRow]
) -> Taken:
    """Upsert patients that ``check_patients`` found nothing wrong with, numbers normalised."""
    region = await connection.fetchval(
        "select phone_region from practices where id = $1", practice_id
    )
    mobiles = [normalise(row.mobile, region) for row in rows]
    return await _upserted(
        connection,
        """
        insert into patients (practice_id, pms_id, first_name, last_name, birth_date, mobile,
                              mobile_typed, mobile_refusal, sms_consent, status)
        select $1, u.* from unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::text[],
                                   $7::text[], $8::text[], $9::boolean[], $10::text[]) u
        on conflict (practice_id, pms_id) do update
          set first_name = excluded.first_name, last_name = excluded.last_name,
              birth_date = excluded.birth_date, mobile = excluded.mobile,
              mobile_typed = excluded.mobile_typed, mobile_refusal = excluded.mobile_refusal,
              sms_consent = excluded.sms_consent, status = excluded.status, updated_at = now()
          where (patients.first_name, patients.last_name, patients.birth_date, patients.mobile,
                 patients.mobile_typed, patients.mobile_refusal, patients.sms_consent,
                 patients.status)
                is distinct from
                (excluded.first_name, excluded.last_name, excluded.birth_date, excluded.mobile,
                 excluded.mobile_typed, excluded.mobile_refusal, excluded.sms_consent,
                 excluded.status)
        returning xmax = 0 as inserted
        """,
        practice_id,
        [row.pms_id.strip() for row in rows],
        [row.first_name.strip() for row in rows],
        [row.last_name.strip() for row in rows],
        [row.birth_date for row in rows],
        [mobile.e164 for mobile in mobiles],
        [mobile.typed for mobile in mobiles],
        [mobile.refusal.value if mobile.refusal else None for mobile in mobiles],
        [row.sms_consent for row in rows],
        [row.status for row in rows],
    )


async def unknown_patients(
    connection: Executor, practice_id: int, rows: Sequence[RecallRow]
) -> list[RowProblem]:
    """Give the recalls whose patient the practice doesn't have."""
    wanted = [row.patient_pms_id.strip() for row in rows]
    known = {
        row["pms_id"]
        for row in await connection.fetch(
            "select pms_id from patients where practice_id = $1 and pms_id = any($2)",
            practice_id,
            wanted,
        )
    }
    return [
        RowProblem(index, "patientPmsId", "No patient has this id; send the patients first.")
        for index, pms_id in enumerate(wanted)
        if pms_id and pms_id not in known
    ]


async def sync_recalls(connection: Executor, practice_id: int, rows: Sequence[RecallRow]) -> Taken:
    """Upsert recalls that neither ``check_recalls`` nor ``unknown_patients`` found wrong."""
    return await _upserted(
        connection,
        """
        insert into recalls (practice_id, pms_id, patient_id, reason, urgency, due_date, completed)
        select $1, u.pms_id, p.id, u.reason, u.urgency, u.due_date, u.completed
        from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::boolean[])
          as u (pms_id, patient_pms_id, reason, urgency, due_date, completed)
        join patients p on p.practice_id = $1 and p.pms_id = u.patient_pms_id
        on conflict (practice_id, pms_id) do update
          set patient_id = excluded.patient_id, reason = excluded.reason,
              urgency = excluded.urgency, due_date = excluded.due_date,
              completed = excluded.completed, updated_at = now()
          where (recalls.patient_id, recalls.reason, recalls.urgency, recalls.due_date,
                 recalls.completed)
                is distinct from
                (excluded.patient_id, excluded.reason, excluded.urgency, excluded.due_date,
                 excluded.completed)
        returning xmax = 0 as inserted
        """,
        practice_id,
        [row.pms_id.strip() for row in rows],
        [row.patient_pms_id.strip() for row in rows],
        [row.reason.strip() for row in rows],
        [(row.urgency or "").strip() or None for row in rows],
        [row.due_date for row in rows],
        [row.completed for row in rows],
    )


async def take_patients(
    pool: Pool, practice_id: int, rows: Sequence[PatientRow]
) -> Taken | list[RowProblem]:
    """Upsert the patients, all or nothing; gives what is wrong where something is."""
    problems = check_patients(rows)
    if problems:
        return problems
    async with pool.acquire() as connection, connection.transaction():
        return await sync_patients(connection, practice_id, rows)


async def take_recalls(
    pool: Pool, practice_id: int, rows: Sequence[RecallRow]
) -> Taken | list[RowProblem]:
    """Upsert the recalls, all or nothing; gives what is wrong where something is."""
    async with pool.acquire() as connection, connection.transaction():
        problems = check_recalls(rows) + await unknown_patients(connection, practice_id, rows)
        if problems:
            return sorted(problems, key=lambda problem: problem.index)
        return await sync_recalls(connection, practice_id, rows)


async def _upserted(
    connection: Executor, statement: str, practice_id: int, pms_ids: list[str], *columns: object
) -> Taken:
    # In one order everywhere, so that two syncs of the same rows can't deadlock.
    order = sorted(range(len(pms_ids)), key=pms_ids.__getitem__)
    ordered = [[column[i] for i in order] for column in (pms_ids, *columns)]  # type: ignore[index]
    touched = await connection.fetch(statement, practice_id, *ordered)
    inserted = sum(row["inserted"] for row in touched)
    return Taken(inserted, len(touched) - inserted, len(pms_ids) - len(touched))


def _repeated(pms_ids: Sequence[str]) -> list[RowProblem]:
    count = Counter(pms_id.strip() for pms_id in pms_ids)
    return [
        RowProblem(index, "pmsId", "Another row of this call has the same id.")
        for index, pms_id in enumerate(pms_ids)
        if pms_id.strip() and count[pms_id.strip()] > 1
    ]


def _texts(index: int, *, required: bool = True, **fields: str) -> list[RowProblem]:
    problems = []
    for field, text in fields.items():
        if required and not text.strip():
            problems.append(RowProblem(index, field, "This must not be empty."))
        if len(text) > MAX_TEXT:
            problems.append(RowProblem(index, field, f"This is longer than {MAX_TEXT} characters."))
        if not storable(text):
            problems.append(RowProblem(index, field, "This holds a character that can't be kept."))
    return problems
