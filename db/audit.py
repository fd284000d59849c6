"""The audit trail: who did what, when and from where; it is added to and read, never changed."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from core.identity import Actor, ActorKind
from db.columns import AUDIT_EVENT, Columns
from db.tenancy import in_practice
from db.types import Executor, Pool, Reader, Row


async def record(
    connection: Executor,
    practice_id: int,
    actor: Actor,
    action: str,
    *,
    patients: Sequence[int | None] = (None,),
    subject: str | None = None,
    subjects: Sequence[str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record an event for each of ``patients``, in the transaction of the change that it describes.

    Each has the ``subject``, or its own from ``subjects``.
    """
    await connection.execute(
        "select logic.record_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        practice_id,
        *acting(actor),
        action,
        patients,
        [subject] * len(patients) if subjects is None else subjects,
        as_json(details),
    )


def acting(actor: Actor) -> tuple[object, ...]:
    """Return what SQL functions take of an actor: name, kind, id, role, origin."""
    return actor.name, actor.kind, actor.id, actor.role, actor.origin


def as_json(details: Mapping[str, Any] | None) -> str | None:
    """Return an event's details as they are stored."""
    return None if details is None else json.dumps(details, default=str)


def changes(before: Row | None, after: Row | None) -> dict[str, list[Any]]:
    """Return what differs between two states of a row, for ``details``: old and new by column."""
    old, new = dict(before or {}), dict(after or {})
    return {
        name: [old.get(name), new.get(name)]
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    }


PATIENT_OF = {
    "Patient": "select id from patients where practice_id = $1 and id = $2",
    "Recall": "select patient_id from recalls where practice_id = $1 and id = $2",
    "ContactAttempt": "select patient_id from contact_attempts where practice_id = $1 and id = $2",
}
"""Queries for the patient whose details an object shows when opened, by the object's type."""


async def record_view(pool: Pool, practice_id: int, actor: Actor, type_name: str, key: int) -> None:
    """Record that a patient's details were opened through an object in ``PATIENT_OF``."""
    async with in_practice(pool, practice_id) as connection:
        patient = await connection.fetchval(PATIENT_OF[type_name], practice_id, key)
        if patient is not None:
            await record(
                connection,
                practice_id,
                actor,
                "PATIENT_VIEWED",
                patients=[patient],
                subject=f"{type_name}:{key}",
            )


class AuditQuery(NamedTuple):
    """Restrictions on the events to read; None leaves one out."""

    patient_id: int | None = None
    actor: str | None = None
    actor_id: tuple[ActorKind, int] | None = None
    actions: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def given(self) -> dict[str, Any]:
        """Return the restrictions that are set."""
        return {name: value for name, value in self._asdict().items() if value is not None}


CONDITIONS = {
    "patient_id": "e.patient_id = {}",
    "actor": "e.actor = {}",
    "actor_id": "(e.actor_kind, e.actor_id) = ({}, {})",
    "actions": "e.action = any ({})",
    "since": "e.at >= {}",
    "until": "e.at < {}",
}


def _matching(query: AuditQuery) -> tuple[str, list[Any]]:
    """Return the conditions after the practice's, and their arguments from ``$2`` on."""
    texts = ""
    arguments: list[Any] = []
    for name, value in query.given().items():
        values = value if isinstance(value, tuple) else (value,)
        places = [f"${len(arguments) + 2 + number}" for number in range(len(values))]
        texts += " and " + CONDITIONS[name].format(*places)
        arguments += values
    return texts, arguments


async def list_events(
    reader: Reader,
    practice_id: int,
    query: AuditQuery,
    *,
    first: int,
    after: tuple[datetime, int] | None,
    columns: Columns = None,
) -> list[Row]:
    """Return a page of events, newest first; ``after`` is the last row's time and id.

    If there are more than ``first``, one extra row is returned.
    """
    where, arguments = _matching(query)
    if after is not None:
        arguments += after
        where += f" and (e.at, e.id) < (${len(arguments)}, ${len(arguments) + 1})"
    selected = AUDIT_EVENT.select(columns)
    statement = f"""
        select {selected.list} from audit_events e
        where e.practice_id = $1{where} order by e.at desc, e.id desc limit {first + 1:d}
    """
    return await reader.fetch(statement, practice_id, *arguments)


async def count_events(reader: Reader, practice_id: int, query: AuditQuery) -> int:
    """Return how many events ``list_events`` pages through."""
    where, arguments = _matching(query)
    statement = f"select count(*) from audit_events e where e.practice_id = $1{where}"
    return int(await reader.fetchval(statement, practice_id, *arguments))


async def export_events(
    pool: Pool, practice_id: int, actor: Actor, query: AuditQuery, *, page: int = 1000
) -> AsyncIterator[Row]:
    """Yield every event, newest first, after recording the export itself."""
    async with in_practice(pool, practice_id) as connection:
        # Events that arrive while the file is being written are left out.
        last: tuple[datetime, int] = (await connection.fetchval("select clock_timestamp()"), 0)
        await record(connection, practice_id, actor, "AUDIT_EXPORTED", details=query.given())
    more = True
    while more:
        async with in_practice(pool, practice_id) as connection:
            rows = await list_events(connection, practice_id, query, first=page, after=last)
        more = len(rows) > page
        for row in rows[:page]:
            yield row
            last = row["at"], row["id"]
