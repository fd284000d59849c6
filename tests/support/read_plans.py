"""Query plans of the hot reads, on tables that were empty at first and on analyzed ones."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import asyncpg

from core.identity import ActorKind
from db.attempts import attempts_of_recalls, attempts_of_runs
from db.audit import AuditQuery, count_events, list_events
from db.blocklist import count_blocked, list_blocked
from db.people_shown import list_people_shown
from db.pool import READ_SETTINGS
from db.recall_filter import RecallQuery
from db.recalls import (
    count_recalls,
    count_recalls_by_tab,
    get_recalls,
    list_recalls,
    patients_reached,
    patients_sharing,
    recalls_of_attempts,
)
from db.runs import list_runs
from db.tenancy import entering
from db.types import Pool
from dev.servers.running import as_application

PRACTICE = 1
RECALLS = 4000
"""In each of two practices; a page that reads this many has lost its index."""
TODAY = date.today()  # noqa: DTZ011 - the rows' dates are the server's, of the same machine
CATEGORY, OTHER_CATEGORY = 1, 2
SHOWN = [
    *("due_date", "id", "reason", "urgency", "state", "category_id", "category_name"),
    *("patient_id", "patient_first_name", "patient_last_name", "patient_mobile"),
    *("sms_blocked", "sms_reason", "sms_overridable", "sms_message"),
]
"""The columns that a page of the recall list asks for."""

Plan = dict[str, Any]
Read = Callable[[Pool], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Hot:
    """A frequent read, and how it has to be planned."""

    read: Read
    indexes: tuple[str, ...]
    most_rows: int
    sorts: bool = False
    """Whether it has to sort, because no index has the order."""


def _page(
    *indexes: str, most_rows: int = 250, sorts: bool = False, deep: bool = False, **query: Any
) -> Hot:
    after = (TODAY, 1) if deep else None

    async def read(pool: Pool) -> None:
        asked = RecallQuery(**query)
        await list_recalls(pool, PRACTICE, asked, first=20, after=after, columns=SHOWN)

    return Hot(read, indexes, most_rows, sorts)


def _count(*indexes: str, most_rows: int, **query: Any) -> Hot:
    return Hot(lambda pool: count_recalls(pool, PRACTICE, RecallQuery(**query)), indexes, most_rows)


def _blocked(index: str, *, most_rows: int, search: str | None = None) -> Hot:
    return Hot(
        lambda pool: list_blocked(pool, PRACTICE, search=search, first=20, after=None),
        ("blocked_communications_pkey", index),
        most_rows,
    )


def _count_blocked(*indexes: str, most_rows: int, search: str | None = None) -> Hot:
    return Hot(lambda pool: count_blocked(pool, PRACTICE, search=search), indexes, most_rows)


NOW = datetime.now(UTC)


def _ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def _events(index: str, *, deep: int | None = None, **query: Any) -> Hot:
    after = None if deep is None else (_ago(deep), 1)
    return Hot(
        lambda pool: list_events(pool, PRACTICE, AuditQuery(**query), first=20, after=after),
        (index,),
        most_rows=21,
    )


def _count_events(index: str, *, most_rows: int, **query: Any) -> Hot:
    return Hot(lambda pool: count_events(pool, PRACTICE, AuditQuery(**query)), (index,), most_rows)


def _people_shown(after: tuple[datetime, int] | None = None) -> Hot:
    return Hot(
        lambda pool: list_people_shown(pool, PRACTICE, first=20, after=after, columns=["hour"]),
        ("people_shown_hour",),
        most_rows=21,
    )


LONG_AGO: Any = {"since": _ago(3960), "until": _ago(3900)}
PERSON: Any = {"actor": "Person 7"}
HOLDER: Any = {"actor_id": (ActorKind.TOKEN, 7)}
IDS = list(range(1, 21))
RARE: Any = {"reasons": ["PATIENT_DECEASED"]}
BY_NUMBER = "blocked_communications_practice_id_mobile_key"
HOT: dict[str, Hot] = {
    "page": _page("recalls_due"),
    "a deep page": _page("recalls_due", deep=True),
    "blocked": _page("recalls_blocked", blocked=True),
    "not blocked": _page("recalls_not_blocked", blocked=False),
    "a rare reason": _page("recalls_sms_reason", **RARE),
    "two reasons": _page("recalls_sms_reason", reasons=["PATIENT_DECEASED", "MOBILE_MISSING"]),
    "a category": _page("recalls_category", category_ids=[CATEGORY]),
    "two categories": _page("recalls_category", category_ids=[CATEGORY, OTHER_CATEGORY]),
    "a category, deep": _page("recalls_category", category_ids=[CATEGORY], deep=True),
    "due": _page("recalls_due", due_from=TODAY, due_to=TODAY),
    "To Action": _page("recalls_open", most_rows=400, tab="TO_ACTION"),
    "Calls": _page("recalls_open", most_rows=2500, tab="CALLS"),
    "Letters": _page("recalls_open", most_rows=2500, tab="LETTERS"),
    "Letters, a category": _page(
        "recalls_open", most_rows=2500, tab="LETTERS", category_ids=[CATEGORY]
    ),
    "Waiting": _page("recalls_open", most_rows=2500, sorts=True, tab="WAITING"),
    "Needs attention": _page("recalls_pkey", sorts=True, tab="NEEDS_ATTENTION"),
    "a name": _page("patients_pkey", "recalls_patient", sorts=True, search="ann 1o"),
    "a number": _page("patients_mobile", "recalls_patient", sorts=True, search="0400 00101"),
    "a date of birth": _page(
        "patients_birth_date", "recalls_patient", sorts=True, search="5/3/1958"
    ),
    "To Action, a name": _page(
        "patients_pkey", "recalls_patient", sorts=True, tab="TO_ACTION", search="zz"
    ),
    "count": _count(most_rows=RECALLS),
    "count of blocked": _count(most_rows=1500, blocked=True),
    "count of a rare reason": _count("recalls_sms_reason", most_rows=20, **RARE),
    "count of a category": _count("recalls_category", most_rows=1400, category_ids=[CATEGORY]),
    "count of Letters": _count("recalls_open_groups", most_rows=8000, tab="LETTERS"),
    "count of To Action, a name": _count(
        "patients_pkey", "recalls_patient", most_rows=100, tab="TO_ACTION", search="zz"
    ),
    "counts of all tabs": Hot(
        lambda pool: count_recalls_by_tab(pool, PRACTICE, RecallQuery()),
        ("recalls_open_groups",),
        most_rows=4 * RECALLS,
    ),
    "count of a name": _count("patients_pkey", most_rows=100, search="zz"),
    "count of a number": _count("patients_mobile", most_rows=100, search="0400 00101"),
    "blocked numbers": _blocked("blocked_communications_pkey", most_rows=21),
    "blocked numbers by name": _blocked("patients_pkey", most_rows=150, search="zz"),
    "blocked numbers by number": _blocked(BY_NUMBER, most_rows=150, search="0400 00101"),
    "count of blocked numbers": _count_blocked(most_rows=601),
    "count of blocked numbers by name": _count_blocked(
        "patients_pkey", BY_NUMBER, most_rows=150, search="zz"
    ),
    "count of blocked numbers by number": _count_blocked(
        BY_NUMBER, most_rows=150, search="0400 00101"
    ),
    "recalls by id": Hot(
        lambda pool: get_recalls(pool, PRACTICE, IDS), ("recalls_pkey",), 250, sorts=True
    ),
    "attempts of recalls": Hot(
        lambda pool: attempts_of_recalls(pool, PRACTICE, IDS),
        ("attempt_recalls_practice_id_recall_id_round_step_key",),
        60,
        sorts=True,
    ),
    "patients on numbers": Hot(
        lambda pool: patients_reached(pool, PRACTICE, ["+61400001010", "+61400001011"]),
        ("patients_mobile",),
        2,
        sorts=True,
    ),
    "patients who share a number": Hot(
        lambda pool: patients_sharing(pool, PRACTICE, IDS),
        ("patients_pkey", "patients_mobile"),
        60,
        sorts=True,
    ),
    "recalls of attempts": Hot(
        lambda pool: recalls_of_attempts(pool, PRACTICE, IDS),
        ("attempt_recalls_pkey", "recalls_pkey"),
        250,
        sorts=True,
    ),
    "attempts of runs": Hot(
        lambda pool: attempts_of_runs(pool, PRACTICE, [1, 2], first=20, after=None),
        ("contact_attempts_of_run",),
        60,
        sorts=True,
    ),
    "runs": Hot(
        lambda pool: list_runs(pool, PRACTICE, first=20, after=None),
        ("runs_pkey", "contact_attempts_of_run"),
        3000,
    ),
    "audit": _events("audit_events_at"),
    "audit, deep": _events("audit_events_at", deep=3000),
    "audit since, its end": _events("audit_events_at", since=_ago(60), deep=55),
    "audit until": _events("audit_events_at", until=_ago(3900)),
    "audit of an hour": _events("audit_events_at", **LONG_AGO),
    "audit of a patient": _events("audit_events_patient", patient_id=1, deep=3000),
    "audit of a patient in an hour": _events("audit_events_patient", patient_id=1, **LONG_AGO),
    "audit of an actor": _events("audit_events_actor", **PERSON, deep=3000),
    "audit of an actor in an hour": _events("audit_events_actor", **PERSON, **LONG_AGO),
    "audit of an id": _events("audit_events_actor_id", **HOLDER, deep=3000),
    "audit of an id in an hour": _events("audit_events_actor_id", **HOLDER, **LONG_AGO),
    "people shown": _people_shown(),
    "people shown, deep": _people_shown(after=(_ago(60 * 300), 1)),
    "count of an audit's hour": _count_events("audit_events_at", most_rows=61, **LONG_AGO),
    "count of a patient's audit": _count_events("audit_events_patient", most_rows=20, patient_id=1),
    "count of an actor's audit": _count_events("audit_events_actor", most_rows=100, **PERSON),
    "count of an id's audit": _count_events("audit_events_actor_id", most_rows=100, **HOLDER),
}


class Explaining:
    """A connection that explains each statement instead of running it, and keeps its plan."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}
        self._plan: Plan = {}

    async def plan_of(self, read: Read) -> Plan:
        """Return the plan of the read's statement, which is prepared once and reused."""
        await read(cast("Pool", self))
        return self._plan

    async def fetch(self, query: str, *arguments: object) -> list[object]:
        statement = entering(query)
        name = self._names.get(statement)
        if name is None:
            name = self._names[statement] = f"hot_{len(self._names)}"
            await self._connection.execute(f"prepare {name} as {statement}")
        values = f"({', '.join(map(_literal, arguments))})" if arguments else ""
        explained = await self._connection.fetchval(
            f"explain (analyze, format json) execute {name}{values}"
        )
        self._plan = json.loads(explained)[0]["Plan"]
        return []

    async def fetchval(self, statement: str, *arguments: object) -> object:
        if "phone_region" in statement:
            return await self._connection.fetchval(entering(statement), *arguments)
        await self.fetch(statement, *arguments)
        return 0


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"array[{', '.join(map(_literal, value))}]"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


@asynccontextmanager
async def explaining(url: str) -> AsyncIterator[Explaining]:
    """Connect as readers do."""
    connection = await asyncpg.connect(as_application(url), server_settings=READ_SETTINGS)
    yield Explaining(connection)
    await connection.close()


def nodes(plan: Plan) -> Iterator[Plan]:
    """Yield the plan's nodes, from the top."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def rows_read(plan: Plan) -> int:
    """Return how many rows were read from tables, including those then filtered out.

    Rows that a name search reads in ``logic.patients_named`` aren't visible here.
    """
    return sum(
        round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(plan)
        if "Relation Name" in node
    )


ROWS = """
  insert into practices (name, time_zone, phone_region, pms_product, phone, next_run_at)
    select 'Practice ' || n, 'Australia/Sydney', 'AU', 'GENIE', '02 5550 1234', now()
    from generate_series(1, 2) n;
  insert into categories (practice_id, name, sms_template, automated, steps)
    select p.id, c.name, 'Hi', false, c.steps from practices p,
      (values ('Skin', array['SMS', 'LETTER']), ('Flu', array['SMS', 'SMS']),
              ('Pap', array['PHONE'])) c (name, steps) order by p.id, c.steps desc;
  insert into category_links (practice_id, category_id, kind, value, position)
    select practice_id, id, 'REASON', name, 1 from categories;
  insert into patients (practice_id, pms_id, first_name, last_name, mobile, mobile_typed, status)
    select p.id, 'p' || n, (array['Ann', 'Ben', 'Zoë'])[n % 3 + 1],
           n % 30 || case when n % 150 = 0 then 'o''Zz' else 'o''Brien' end,
           case when n % 5 > 0 then '+' || 61400000000 + n end, case when n % 5 > 0 then 'x' end,
           case when n % 500 = 1 then 'DECEASED' else 'ACTIVE' end
    from practices p, generate_series(1, 1500) n;
  insert into blocked_communications (practice_id, mobile, blocked_recalls)
    select p.id, '+' || 61400000000 + n, n % 2 = 0 from practices p, generate_series(900, 1500) n;
  insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)
    select p.practice_id, 'r' || n, p.id, (array['Skin', 'Flu', 'Other'])[n % 3 + 1],
           current_date + (n * 7) % 400 - 60, n % 3 = 1
    from generate_series(1, 4000) n join patients p on p.pms_id = 'p' || n % 1500 + 1;
  insert into runs (practice_id, trigger, state, idempotency_key, arguments_hash, actor,
                    finished_at)
    select p.id, 'AUTOMATED', 'FINISHED', 'k' || n, '', 'x', now()
    from practices p, generate_series(1, 30) n;
  insert into chunks (practice_id, run_id, position, priority, state)
    select practice_id, id, 0, 1, 'DONE' from runs;
  with sent as (
    insert into contact_attempts (practice_id, patient_id, run_id, position, kind, trigger, state,
                                  mobile, body, handed_over_at, settled_at, note)
      select r.practice_id, r.patient_id, run.id, 0, 'SMS', 'AUTOMATED', 'SENT', '+61400000000',
             'Hi', now(), now(), r.id
      from recalls r
      join runs run
        on run.practice_id = r.practice_id and run.idempotency_key = 'k' || r.id % 30 + 1
      where r.id % 2 = 0
      returning practice_id, id, note::bigint as recall_id
  )
  insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
    select practice_id, id, recall_id, 1 from sent;
  insert into people_shown (practice_id, hour, actor_kind, actor_id, people, lists, searches)
    select p.id, now() - make_interval(hours => n), 'TOKEN', 1, n, 1, 0
    from practices p, generate_series(1, 400) n;
  insert into audit_events (practice_id, at, actor, actor_kind, actor_id, role, action, patient_id)
    select t.practice_id, now() - make_interval(mins => 4000 - n), 'Person ' || n % 40, 'TOKEN',
           n % 40 + 1, 'ADMIN', 'PATIENT_VIEWED', t.id
    from generate_series(1, 4000) n join patients t on t.pms_id = 'p' || n % 200 + 1;
"""
