"""The sync: patients and recalls from the PMS, upserted by the PMS's own ids."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import orjson

from core.identity import HOST, Actor
from core.mobile import normalise
from core.text import UNSTORABLE, storable
from db.audit import record
from db.tenancy import in_practice
from db.types import Executor, Pool, one

MAX_TEXT = 500
IN_ORDER = 'order by u.pms_id collate "C"'
"""The order in which rows are written: the same everywhere, so that two syncs of the same rows
can't deadlock, and recalls of one day are listed in it."""
NUMBERS_A_TURN = 20
"""Numbers that are normalised before other tasks get a turn: some two milliseconds."""

PATIENT_COLUMNS: dict[str, Sequence[str]] = {
    "first_name": ["first_name"],
    "last_name": ["last_name"],
    "birth_date": ["birth_date"],
    "mobile": ["mobile", "mobile_typed", "mobile_refusal"],
    "sms_consent": ["sms_consent"],
    "status": ["status"],
}
"""The columns that each field of a ``PatientRow`` fills."""
RECALL_COLUMNS: dict[str, Sequence[str]] = {
    "patient_pms_id": ["patient_id"],
    "reason": ["reason"],
    "urgency": ["urgency"],
    "due_date": ["due_date"],
    "completed": ["completed"],
}
"""The columns that each field of a ``RecallRow`` fills."""

# What the audit trail counts in the rows that a sync changed: what decides who gets a message, and
# where.
PATIENT_CHANGES = {
    "names": "count(*) filter (where names)",
    "mobiles": "count(*) filter (where mobiles)",
    # A thief of a connector's token would point many patients at one phone.
    "toNumbers": "count(distinct mobile) filter (where mobiles)",
    "consents": "count(*) filter (where consents)",
    "statuses": "count(*) filter (where statuses)",
}
PATIENT_CHANGED = """
  (old.first_name, old.last_name) is distinct from (new.first_name, new.last_name) as names,
  old.mobile is distinct from new.mobile as mobiles, new.mobile,
  old.sms_consent is distinct from new.sms_consent as consents,
  old.status is distinct from new.status as statuses
"""
RECALL_CHANGES = {
    "patients": "count(*) filter (where patients)",
    "dueDates": "count(*) filter (where due_dates)",
    "completed": "count(*) filter (where completions)",
}
RECALL_CHANGED = """
  old.patient_id is distinct from new.patient_id as patients,
  old.due_date is distinct from new.due_date as due_dates,
  old.completed is distinct from new.completed as completions
"""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as the PMS has them; ``sms_consent`` is None if it recorded nothing."""

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
    """What is wrong with a ``field`` (as clients spell it) in the row at ``index``, from 0."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class SyncCounts:
    """How many rows were new, changed something, or changed nothing.

    ``changes`` counts the updated rows' changes that the audit trail reports.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    changes: Mapping[str, int] = field(default_factory=dict, compare=False)

    def __add__(self, other: "SyncCounts") -> "SyncCounts":
        return SyncCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def check_patients(rows: Sequence[PatientRow]) -> list[RowProblem]:
    """Return what is wrong with the rows; empty if they can be taken.

    A mobile that can't take an SMS is not a problem: the patient is taken and the rule says so, or
    they would vanish from the list.
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
            problems.append(RowProblem(index, "lastName", "The patient has no name."))
    return problems


def check_recalls(rows: Sequence[RecallRow]) -> list[RowProblem]:
    """Return what is wrong with the rows, apart from their patients; empty if nothing is."""
    problems = _repeated([row.pms_id for row in rows])
    for index, row in enumerate(rows):
        problems += _texts(
            index, pmsId=row.pms_id, patientPmsId=row.patient_pms_id, reason=row.reason
        )
        problems += _texts(index, required=False, urgency=row.urgency or "")
    return problems


async def sync_patients(
    connection: Executor,
    practice_id: int,
    rows: Sequence[PatientRow],
    *,
    absent: Collection[str] = (),
    by: Actor = HOST,
) -> SyncCounts:
    """Upsert patients that passed ``check_patients``, normalising their numbers.

    Records an event if that changes something. ``absent`` names the fields of ``PatientRow`` that
    the source doesn't carry at all: known patients keep their values there, lest a list without
    consent wipe out a recorded no.
    """
    region = await connection.fetchval(
        "select phone_region from practices where id = $1", practice_id
    )
    mobiles = []
    for row in rows:
        mobiles.append(normalise(row.mobile, region))
        if not len(mobiles) % NUMBERS_A_TURN:
            await asyncio.sleep(0)
    await connection.execute("select logic.lock_denormalised($1)", practice_id)
    changing = _changing(PATIENT_COLUMNS, absent)
    taken = await _upserted(
        connection,
        PATIENT_CHANGES,
        f"""
        insert into patients (practice_id, pms_id, first_name, last_name, birth_date, mobile,
                              mobile_typed, mobile_refusal, sms_consent, status)
        select $1, u.* from json_to_recordset($2) as u
          (pms_id text, first_name text, last_name text, birth_date date, mobile text,
           mobile_typed text, mobile_refusal text, sms_consent boolean, status text)
        {IN_ORDER}
        {_on_conflict("patients", changing)}
        returning {PATIENT_CHANGED}, old.id is null as inserted
        """,
        practice_id,
        [
            {
                "pms_id": row.pms_id.strip(),
                "first_name": row.first_name.strip(),
                "last_name": row.last_name.strip(),
                "birth_date": row.birth_date,
                "mobile": mobile.e164,
                "mobile_typed": mobile.typed,
                "mobile_refusal": mobile.refusal,
                "sms_consent": row.sms_consent,
                "status": row.status,
            }
            for row, mobile in zip(rows, mobiles, strict=True)
        ],
    )
    await _record(connection, practice_id, by, "patients", taken)
    return taken


async def unknown_patients(
    connection: Executor, practice_id: int, rows: Sequence[RecallRow]
) -> list[RowProblem]:
    """Return a problem for each recall whose patient the practice doesn't have."""
    wanted = [row.patient_pms_id.strip() for row in rows]
    known = {
        row["pms_id"]
        for row in await connection.fetch(
            "select pms_id from patients where practice_id = $1 and pms_id = any($2)",
            practice_id,
            [pms_id for pms_id in wanted if storable(pms_id)],
        )
    }
    return [
        RowProblem(index, "patientPmsId", "No patient has this id; send the patients first.")
        for index, pms_id in enumerate(wanted)
        if pms_id and pms_id not in known
    ]


async def sync_recalls(
    connection: Executor,
    practice_id: int,
    rows: Sequence[RecallRow],
    *,
    absent: Collection[str] = (),
    by: Actor = HOST,
) -> SyncCounts:
    """Upsert recalls that passed ``check_recalls`` and ``unknown_patients``.

    ``absent`` and ``by`` as for ``sync_patients``.
    """
    await connection.execute("select logic.lock_denormalised($1)", practice_id)
    changing = _changing(RECALL_COLUMNS, absent)
    before = ", ".join(f"r.{column}" for column in changing)
    after = ", ".join("p.id" if column == "patient_id" else f"u.{column}" for column in changing)
    # Most rows of a sync change nothing. They are left out before the table's trigger computes the
    # denormalised columns of each row to insert.
    taken = await _upserted(
        connection,
        RECALL_CHANGES,
        f"""
        insert into recalls (practice_id, pms_id, patient_id, reason, urgency, due_date, completed)
        select $1, u.pms_id, p.id, u.reason, u.urgency, u.due_date, u.completed
        from json_to_recordset($2) as u
          (pms_id text, patient_pms_id text, reason text, urgency text, due_date date,
           completed boolean)
        join patients p on p.practice_id = $1 and p.pms_id = u.patient_pms_id
        left join recalls r on r.practice_id = $1 and r.pms_id = u.pms_id
        where r.id is null or row({before}) is distinct from row({after})
        {IN_ORDER}
        {_on_conflict("recalls", changing)}
        returning {RECALL_CHANGED}, old.id is null as inserted
        """,
        practice_id,
        [
            {
                "pms_id": row.pms_id.strip(),
                "patient_pms_id": row.patient_pms_id.strip(),
                "reason": row.reason.strip(),
                "urgency": (row.urgency or "").strip() or None,
                "due_date": row.due_date,
                "completed": row.completed,
            }
            for row in rows
        ],
    )
    await _record(connection, practice_id, by, "recalls", taken)
    return taken


def _changing(columns: dict[str, Sequence[str]], absent: Collection[str]) -> list[str]:
    return [column for field, of in columns.items() if field not in absent for column in of]


def _on_conflict(table: str, changing: Sequence[str]) -> str:
    """Return what an upsert does on conflict: update these columns if one of them differs."""
    before = ", ".join(f"{table}.{column}" for column in changing)
    after = ", ".join(f"excluded.{column}" for column in changing)
    changes = ", ".join(f"{column} = excluded.{column}" for column in changing)
    return f"""
        on conflict (practice_id, pms_id) do update set {changes}, updated_at = now()
          where row({before}) is distinct from row({after})
    """


async def upsert_patients(
    pool: Pool, practice_id: int, rows: Sequence[PatientRow], *, by: Actor = HOST
) -> SyncCounts | list[RowProblem]:
    """Upsert the patients, all or nothing; return what is wrong if anything is."""
    problems = check_patients(rows)
    if problems:
        return problems
    async with in_practice(pool, practice_id) as connection:
        return await sync_patients(connection, practice_id, rows, by=by)


async def upsert_recalls(
    pool: Pool, practice_id: int, rows: Sequence[RecallRow], *, by: Actor = HOST
) -> SyncCounts | list[RowProblem]:
    """Upsert the recalls, all or nothing; return what is wrong if anything is."""
    async with in_practice(pool, practice_id) as connection:
        problems = check_recalls(rows) + await unknown_patients(connection, practice_id, rows)
        if problems:
            return sorted(problems, key=lambda problem: problem.index)
        return await sync_recalls(connection, practice_id, rows, by=by)


async def _upserted(
    connection: Executor,
    changes: Mapping[str, str],
    statement: str,
    practice_id: int,
    rows: list[dict[str, object]],
) -> SyncCounts:
    """Run a statement that upserts the rows, ``$2`` as JSON: arrays take eight times as long."""
    counts = ", ".join(f'{count} as "{name}"' for name, count in changes.items())
    found = await connection.fetchrow(
        f"""
        with touched as ({statement}),
             updated as (select {counts}, count(*) as updated from touched where not inserted)
        select *, (select count(*) from touched where inserted) as inserted from updated
        """,
        practice_id,
        orjson.dumps(rows).decode(),
    )
    counted = dict(one(found))
    inserted, updated = counted.pop("inserted"), counted.pop("updated")
    return SyncCounts(inserted, updated, len(rows) - inserted - updated, counted)


async def _record(
    connection: Executor, practice_id: int, by: Actor, rows: str, taken: SyncCounts
) -> None:
    if taken.inserted or taken.updated:
        counts = {"inserted": taken.inserted, "updated": taken.updated, **taken.changes}
        details = {"rows": rows, **{name: count for name, count in counts.items() if count}}
        await record(connection, practice_id, by, "PMS_SYNCED", details=details)


def _repeated(pms_ids: Sequence[str]) -> list[RowProblem]:
    count = Counter(pms_id.strip() for pms_id in pms_ids)
    return [
        RowProblem(index, "pmsId", "Another row in this call has the same id.")
        for index, pms_id in enumerate(pms_ids)
        if pms_id.strip() and count[pms_id.strip()] > 1
    ]


def _texts(index: int, *, required: bool = True, **fields: str) -> list[RowProblem]:
    problems = []
    for name, text in fields.items():
        if required and not text.strip():
            problems.append(RowProblem(index, name, "This must not be empty."))
        if len(text) > MAX_TEXT:
            problems.append(RowProblem(index, name, f"This is longer than {MAX_TEXT} characters."))
        if not storable(text):
            problems.append(RowProblem(index, name, f"This {UNSTORABLE}"))
    return problems
