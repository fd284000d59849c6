"""Two practices with data in every state, their readers, and the values known in them."""

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import orjson
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from core.identity import Actor, Role, Viewer
from db.attempts import record_receipt
from db.audit_buffer import AuditBuffer
from db.blocklist import block_mobile, remove_blocked
from db.contacts import record_contacts
from db.delivery import Settlement, claim_messages, settle_messages
from db.pool import Reads
from db.sending import start_automated_run
from db.types import Pool
from schema.build import Policy, make
from schema.context import Context, Resources
from tests.support.generated.queries import Request
from tests.support.generated.values import Known
from tests.support.practice import Practice, a_practice

FAMILY, SMITHS, LISTED, TICKED = "0491 570 006", "0491570110", "+61491570156", "+61491570157"
PATIENTS: dict[str, dict[str, Any]] = {
    "ann": {"first_name": "Ann", "last_name": "O'Brien", "mobile": FAMILY},
    "ben": {"first_name": 'Ben "Benny"', "last_name": "O'Brien", "mobile": FAMILY},
    "cleo": {"first_name": "Cléo\tMaria", "last_name": "O’Brien", "mobile": FAMILY},
    "dan": {"first_name": "Dan", "last_name": "Ng", "mobile": LISTED},
    "eve": {"first_name": "Ève", "last_name": "Ng", "mobile": TICKED},
    "flo": {"first_name": "", "last_name": "Madonna😀", "mobile": TICKED},
    "gus": {"first_name": "Gus\\", "last_name": "</script>\u2028&", "mobile": None},
    "hal": {"first_name": "Hal", "last_name": "Smith", "mobile": "02 9374 4000"},
    "ida": {"first_name": "Ida\x7f", "last_name": "Smith", "mobile": SMITHS, "status": "DECEASED"},
    "jo": {"first_name": "Jo", "last_name": "Smith", "mobile": SMITHS, "status": "INACTIVE"},
    "kim": {
        "first_name": "Kim",
        "last_name": "Łoś",
        "mobile": "0491 570 159",
        "sms_consent": False,
    },
    "lee": {"first_name": "Lee", "last_name": "Ann", "mobile": "12345"},
    "may": {"first_name": "May", "last_name": "Nowak", "mobile": "0491 570 158"},
}
RECALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "sent": ("ann", {}),
    "sent with it": ("ann", {"due_days": -3}),
    "delivered": ("ben", {"reason": "Blood test"}),
    "undelivered": ("may", {"urgency": "urgent"}),
    "failed": ("ben", {"reason": "Mole", "urgency": "Urgent", "due_days": -90}),
    "unknown": ("cleo", {}),
    "refused": ("eve", {}),
    "cancelled": ("may", {"reason": "Mole"}),
    "moved": ("dan", {}),
    "asked": ("kim", {}),
    "called": ("gus", {"reason": 'Results "now"', "urgency": "Urgent"}),
    "written to": ("hal", {"due_days": -40}),
    "deceased": ("ida", {}),
    "inactive": ("jo", {"reason": "blood TEST"}),
    "invalid": ("lee", {"reason": "Call first", "due_days": 5}),
    "completed": ("flo", {"completed": True}),
    "closed": ("flo", {"reason": "Mole"}),
    "later": ("cleo", {"due_days": 100}),
    "of no category": ("may", {"reason": "Chat", "urgency": "Whenever"}),
    "queued": ("may", {"due_days": 1}),
    "sending": ("dan", {"reason": "Blood test", "due_days": 1}),
    "automated": ("may", {"due_days": -1}),
}
"""Each recall by what becomes of it: its patient, and how it differs."""
NOT_ANSWERED = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""Errors that mean there is no query to execute; the endpoint answers each by itself."""


class Reader:
    """A practice as its staff and its connector read it; ``known`` are values they may ask for."""

    def __init__(self, practice: Practice, reads: Reads, known: Known) -> None:
        self.practice = practice
        self.reads = reads
        self.known = known

    def __repr__(self) -> str:
        return f"a reader of practice {self.practice.id}"

    def context(self, role: Role) -> Context:
        """Return one request's context. Reading wakes nobody and watches nothing."""
        nobody: Any = None
        viewer = Viewer(self.practice.id, 'Zoë "Z"', role, "access_tokens", 1)
        pool = self.practice.pool
        audit_buffer = AuditBuffer(pool)
        resources = Resources(
            pool, pool, self.reads, nobody, nobody, audit_buffer, lambda _: nullcontext()
        )
        return Context(resources, viewer=viewer)


async def readers(pool: Pool, reads: Reads) -> tuple[Reader, Reader]:
    """Create two practices with much the same data, and return a reader of each."""
    practices = [
        await a_practice(pool),
        await a_practice(pool, name="Hügel & Söhne", pms_product="BEST_PRACTICE"),
    ]
    recalls = [await _recalls(practice) for practice in practices]
    for practice, ids in zip(practices, recalls, strict=True):
        await _what_is_over(practice, ids)
    for practice, ids in zip(practices, recalls, strict=True):
        await _what_goes_on(practice, ids)
    first, second = [await _right(Reader(practice, reads, Known())) for practice in practices]
    return (
        Reader(practices[0], reads, Known(_some_unknown(first, second), _wrong(first))),
        Reader(practices[1], reads, Known(_some_unknown(second, first), _wrong(second))),
    )


async def _recalls(practice: Practice) -> dict[str, int]:
    await practice.category(
        name="Bloods",
        reasons=["Blood test", "Mole"],
        urgencies=["Urgent", "Soon"],
        sms_template='{firstName}: "{reason}"\n{practiceName} ☎ {practicePhone}',
        automated=False,
        steps=["SMS", "PHONE", "LETTER"],
    )
    steps = ["PHONE", "LETTER"]
    await practice.category(name="Calls", reasons=["Call first"], automated=False, steps=steps)
    for name, facts in PATIENTS.items():
        given = {"birth_date": practice.due(-9000)} if "mobile" in facts else {}
        await practice.patient(f"{name} {practice.id}", **given, **facts)
    ids = {}
    for name, (patient, facts) in RECALLS.items():
        due = practice.due(facts.get("due_days", 0))
        others = {key: value for key, value in facts.items() if key != "due_days"}
        pms_id = f"{name} {practice.id}"
        ids[name] = await practice.recall(
            f"{patient} {practice.id}", pms_id=pms_id, due_date=due, **others
        )
    return ids


async def _what_is_over(practice: Practice, ids: dict[str, int]) -> None:
    """Reach every lasting state."""
    await practice.send(ids["failed"], proceed=True)
    claim = await claim_messages(practice.pool, lease=10)
    assert claim is not None
    refused = [Settlement(m.attempt_id, "FAILED", failure="21211") for m in claim.messages]
    await settle_messages(practice.pool, claim, refused, retry_after=0)
    await practice.send(ids["delivered"], ids["undelivered"], proceed=True)
    await practice.deliver("UNKNOWN")
    await _receipt(practice, ids["delivered"], "DELIVERED", None)
    await _receipt(practice, ids["undelivered"], "UNDELIVERED", "30003")
    await practice.days_pass(40)
    await practice.send(ids["unknown"], proceed=True)
    await practice.deliver("UNKNOWN")
    await practice.send(ids["sent"], ids["sent with it"], ids["asked"], proceed=True)
    await practice.deliver()
    await practice.contact(ids["called"], "PHONE")
    await practice.contact(ids["written to"], "LETTER")
    note = 'Left a "message"\nwith Zoë'
    await record_contacts(
        practice.pool, practice.id, [ids["called"]], kind="PHONE", note=note, actor=Actor("Dr Lee")
    )
    await practice.days_pass(3)
    await practice.send(ids["cancelled"], ids["moved"], proceed=True)
    await practice.close(ids["cancelled"])
    await practice.recall(
        f"may {practice.id}", pms_id=f"moved {practice.id}", due_date=practice.due(-5)
    )
    await _block(practice)
    await practice.send(ids["refused"], ids["deceased"], ids["inactive"], proceed=True)
    await practice.deliver()
    await practice.close(ids["closed"])


async def _block(practice: Practice) -> None:
    """List numbers, ticked and unticked, one with a history, and remove one again."""
    pool, of = practice.pool, practice.id
    await practice.block(TICKED)
    await practice.unblock(TICKED)
    note = 'Rang: "never" again ☹'
    await block_mobile(pool, of, TICKED, blocked=True, note=note, actor=Actor("Reception"))
    await block_mobile(pool, of, LISTED, blocked=False, note=None, actor=Actor("Reception"))
    gone, stopped = "+61491570159", "+61491570110"
    await block_mobile(pool, of, gone, blocked=True, note="Wrong number", actor=Actor("Reception"))
    await remove_blocked(pool, of, gone, actor=Actor("Dr Lee"))
    await block_mobile(
        pool, of, stopped, blocked=True, note=None, actor=Actor("STOP"), source="PATIENT_REPLY"
    )


async def _what_goes_on(practice: Practice, ids: dict[str, int]) -> None:
    """Leave messages that are being sent or waiting, and a run that isn't planned yet.

    Nothing may be delivered after this: a claim takes what waits in any practice.
    """
    await practice.send(ids["sending"], proceed=True)
    while await claim_messages(practice.pool, lease=3600):
        continue
    await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="goes on", actor=Actor("Dr Lee")
    )
    await practice.send(ids["queued"], proceed=True)


async def _receipt(practice: Practice, recall: int, state: str, failure: str | None) -> None:
    pool = practice.pool
    references = await pool.fetch(
        "select a.reference from contact_attempts a join attempt_recalls r"
        " on r.practice_id = a.practice_id and r.attempt_id = a.id"
        " where a.practice_id = $1 and r.recall_id = $2",
        practice.id,
        recall,
    )
    for row in references:
        await record_receipt(
            pool, practice.id, row["reference"], state=state, gateway_id="SM1", failure=failure
        )


async def on_graphql_core(request: Request, context: Context) -> bytes | None:
    """Return graphql-core's answer, or None if the request holds no query to answer."""
    try:
        result = await make(Policy()).schema.execute(
            request.document,
            variable_values=request.variables,
            operation_name=request.operation_name,
            context_value=context,
            allowed_operation_types={OperationType.QUERY},  # nothing may be written here
        )
    except NOT_ANSWERED:
        return None
    errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return orjson.dumps({"data": result.data, **errors})


EVERYTHING = """{
  recalls(first: 100) { edges { cursor node {
    id patient { id } category { id } attempts { id } } } }
  categories { id }
  blockedCommunications { edges { cursor node { id } } }
  runs { edges { cursor node { id attempts { edges { cursor node { id } } } } } }
  practice { id }
}"""


async def _right(reader: Reader) -> dict[str, list[Any]]:
    """Return values that the practice's arguments accept, many of them from a real answer."""
    practice = reader.practice
    answer = await make(Policy()).schema.execute(
        EVERYTHING, context_value=reader.context(Role.ADMIN)
    )
    assert answer.data is not None
    assert not answer.errors
    ids = sorted(set(_found(answer.data, "id")))
    cursors = {name: list(_found(answer.data[name], "cursor")) for name in answer.data}
    attempts = list(_found([e["node"]["attempts"] for e in answer.data["runs"]["edges"]], "cursor"))
    days = [practice.due(days).isoformat() for days in (0, -30, 3, 90, 365)]
    searches = [
        *("ann", "o'b", "O’BRIEN", "0491", "0491 570 006", "+61 491 570 15", "ng", "smi"),
        *("madonna", "łoś", "è", "", "  ", "nobody", "a%", "ann o", "\\", '"', "😀"),
    ]
    return {
        "Query.node(id:)": _of_each_type(ids),
        "RecallFilter.categoryIds": [i for i in ids if i.startswith("Category")],
        "RecallFilter.search": searches,
        "Query.blockedCommunications(search:)": searches,
        "RecallFilter.dueFrom": days,
        "RecallFilter.dueTo": days[::-1],
        "Query.recalls(after:)": cursors["recalls"],
        "Query.blockedCommunications(after:)": cursors["blockedCommunications"],
        "Query.runs(after:)": [c for c in cursors["runs"] if c not in attempts],
        "Run.attempts(after:)": attempts,
        "Query.sendPreview(recallIds:)": [i for i in ids if i.startswith("Recall")],
        "Query.checkMobile(mobile:)": [FAMILY, LISTED, TICKED, "0491 570 160", "02 9374 4000"],
        "Query.templatePreview(template:)": ["Hi {firstName}", "{reason} ☎", "{nope}", "€" * 99],
    }


def _found(answer: Any, key: str) -> Iterator[str]:
    if isinstance(answer, list):
        for item in answer:
            yield from _found(item, key)
    elif isinstance(answer, dict):
        for name, value in answer.items():
            if name == key:
                yield value
            yield from _found(value, key)


def _of_each_type(ids: list[str]) -> list[str]:
    """Return the ids, repeated so that each type has the same share of them."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        by_type[one.split(":")[0]].append(one)
    most = max(map(len, by_type.values()))
    return [of[number % len(of)] for number in range(most) for of in by_type.values()]


def _some_unknown(ours: dict[str, list[Any]], theirs: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return values to ask for, some of which are the neighbour's and won't be found."""
    ids = ("Query.node(id:)", "RecallFilter.categoryIds", "Query.sendPreview(recallIds:)")
    return ours | {key: ours[key] * 3 + theirs[key] for key in ids}


def _wrong(ours: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return values that the arguments refuse when read: another list's, or nearly right."""
    cursors = [
        *(
            "",
            "zzz",
            "é",
            "====",
            a_cursor("recalls"),
            a_cursor("runs", 0),
            a_cursor("runs", "1", "2"),
        ),
        *(a_cursor("recalls", "2026-02-30", 1), a_cursor("recalls", "2026-01-31", "x")),
        *(a_cursor("blocked", -1), a_cursor("attempts", "9" * 19), a_cursor("runs", 1) + "=" * 9),
    ]
    right = {key: values for key, values in ours.items() if key.endswith("(after:)")}
    return {
        key: [*cursors, *(one for other in right.values() if other != values for one in other[:2])]
        for key, values in right.items()
    } | {
        "RecallFilter.categoryIds": [*ours["Query.node(id:)"][:9], "Category", "Category:0"],
        "Query.node(id:)": ["Recall:0", "Viewer:1", "recall:1", "x" * 40, "", "Run:9" + "9" * 18],
    }


def a_cursor(*place: object) -> str:
    """Return a plausible cursor for the list and the keys."""
    return urlsafe_b64encode("|".join(map(str, place)).encode()).decode().rstrip("=")
