"""A busy run of the shipped processes, with nobody in any log, job, address or error."""

import asyncio
import contextlib
import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from db.types import Pool
from dev.servers.running import ServerUrls
from tests.api.test_discretion import forbidden, missing
from tests.support.busy import Busy, at_work
from tests.support.operations import (
    AUTOMATE,
    BLOCK,
    CHANGES,
    NODE,
    OPERATIONS,
    PREVIEW,
    PROGRESS,
    RECALLS,
    SEND,
    STOP,
    TICK,
)
from tests.support.simulated import until
from tests.support.traces import Secrets

FIRST, LAST = "Zebedee", "Quillfeather"
MOBILE, OTHER, SHARED, WRONG = "+61491570156", "+61491570157", "+61491570158", "+61491570159"
TYPED = ["0491 570 156", "(0491) 570156", "+61 491-570-156", "61491570156", "+61491570156"]
BORN = date(1931, 2, 27)
REASON, NOTE, STAFF = "Zoonosis swab", "Xanthippe rang", "Orsolya"
TEMPLATE = "Kvetchily, {firstName}: {reason} at {practiceName}, {practicePhone}"
SECRETS = Secrets(
    frozenset({FIRST, LAST, "Zoonosis", "Xanthippe", STAFF, "Kvetchily", "Ottoline", "Brackwater"}),
    frozenset({MOBILE, OTHER, SHARED, WRONG}),
    frozenset({BORN}),
)
THEIRS = Secrets(
    frozenset({"Ottoline", "Brackwater", "Zoonosis", "Kvetchily"}), frozenset({OTHER}), frozenset()
)
"""Data about others, whatever a client has sent."""
PATIENTS = f"""pms_id,first_name,last_name,birth_date,mobile,sms_consent,status
p1,{FIRST},{LAST},{BORN},{TYPED[0]},,active
p2,Ottoline,Brackwater,,{OTHER},,active
p3,{FIRST},Brackwater,,{SHARED},,active
p4,Ottoline,{LAST},,{SHARED},,active
p5,{FIRST},{LAST},,0491 570 159 99,,active
p6,{FIRST},,{BORN:%d/%m/%y},{WRONG},perhaps,{LAST}
p7,"{FIRST}"{LAST},,,,,
"""
RECALLS_FILE = "pms_id,patient_pms_id,reason,urgency,due_date,completed\n" + "".join(
    f"r{n}{suffix},p{n},{REASON},,{datetime.now(UTC):%Y-%m-%d},\n"
    for n in (1, 2, 3, 4, 5, 9)
    for suffix in "ab"
)


@pytest.mark.parametrize(
    "line",
    [
        *TYPED,
        "To=%2B61491570156&From=x",
        '"mobile": "+61491570156"',
        "ZEBEDEE",
        "name=Zebedee+Quillfeather",
        "born 1931-02-27",
        "born 27/02/1931",
        "born 27 Feb 1931",
        "args=[datetime.date(1931, 2, 27)]",
        "DETAIL: Failing row contains (1, Quillfeather, 0491570156).",
    ],
)
def test_a_trace_is_found_however_it_is_written(line: str) -> None:
    assert SECRETS.found_in(f"2026-11-26 10:00:00,123 ERROR api {line}")


def test_a_line_that_names_nobody_is_no_trace() -> None:
    line = "2026-11-26 10:00:00,123 ERROR db.types CheckViolationError, SQLSTATE 23514, line 156"
    assert SECRETS.found_in(line) == []


async def seed(busy: Busy) -> None:
    """Import the patients and their recalls, as a host does, and save a category for them."""
    files = {"patients": PATIENTS, "recalls": RECALLS_FILE}
    options: list[str] = ["--errors", str(busy.directory / "errors.log")]
    for name, content in files.items():
        path = busy.directory / f"{name}.csv"
        path.write_text(content)
        options += [f"--{name}", str(path)]
    practice = str(busy.served.practice.id)
    async with busy.run("import", "api", "import", "--practice", practice, *options) as importing:
        assert await importing.wait() == 2
    category = {"name": "Swabs", "reasons": [REASON], "urgencies": [], "smsTemplate": TEMPLATE}
    more = {"automated": True, "steps": ["SMS", "SMS", "LETTER"]}
    await busy.ask(OPERATIONS["saveCategory"], {"input": category | more})


async def found(busy: Busy, search: str) -> list[dict[str, Any]]:
    """Return the recalls that a search finds."""
    data = await busy.ask(RECALLS, {"filter": {"search": search}})
    nodes: list[dict[str, Any]] = data["recalls"]["nodes"]
    return nodes


async def work_the_list(busy: Busy) -> None:
    """Do what people and connectors do all day."""
    for search in (*TYPED, FIRST.lower(), f"{LAST} {FIRST}", f"{BORN:%d/%m/%Y}"):
        await found(busy, search)
    [recall, *_] = await found(busy, TYPED[0])
    patient = recall["patient"]
    assert patient["lastName"] == LAST
    for key in (patient["id"], recall["id"]):
        await busy.ask(NODE, {"id": key})
    await busy.ask(BLOCK, {"input": {"mobile": OTHER, "blockedRecalls": True, "note": NOTE}})
    await busy.ask(TICK, {"input": {"mobile": TYPED[1], "blocked": True}})
    await busy.ask(TICK, {"input": {"mobile": TYPED[1], "blocked": False}})
    await busy.ask(OPERATIONS["removeBlockedMobile"], {"input": {"mobile": WRONG}})
    await busy.ask(OPERATIONS["blockedCommunications"], {"search": OTHER})
    contact = {"recallId": recall["id"], "kind": "PHONE", "note": NOTE}
    await busy.ask(OPERATIONS["recordContactAttempt"], {"input": contact})
    await busy.ask(OPERATIONS["auditEvents"])
    await busy.ask(OPERATIONS["automatedRunPreview"])
    await look_before_sending(busy)
    await busy.ask(OPERATIONS["createToken"], {"input": {"name": STAFF, "role": "CONNECTOR"}})
    row = {"pmsId": "p1", "firstName": FIRST, "lastName": LAST, "birthDate": f"{BORN}"}
    row |= {"mobile": TYPED[3]}
    for rows in ([row], [row | {"pmsId": "p8"}, row | {"pmsId": "p8"}, row | {"pmsId": ""}]):
        await busy.ask(OPERATIONS["syncPatients"], {"input": rows})
    lost = {"pmsId": "r8", "patientPmsId": LAST, "reason": REASON, "dueDate": "2026-11-23"}
    await busy.ask(OPERATIONS["syncRecalls"], {"input": [lost]})
    async with busy.served.operations() as operations:
        for answer in await operations.all(RECALLS, {"filter": {"search": LAST}}):
            busy.note(answer)
        busy.note(await anext(operations.run(CHANGES)))


async def look_before_sending(busy: Busy) -> None:
    """Preview what would be sent, and stop a send that is held."""
    [recall, *_] = await found(busy, SHARED)
    await busy.ask(PREVIEW, {"recallIds": [recall["id"]]})
    await busy.ask(OPERATIONS["templatePreview"], {"template": TEMPLATE, "reason": REASON})
    for typed in (*TYPED, f"{WRONG}99"):
        await busy.ask(OPERATIONS["checkMobile"], {"mobile": typed})
    given = {"recallIds": [recall["id"]], "idempotencyKey": "held", "holdSeconds": 60}
    held = await busy.ask(SEND, {"input": given | {"proceedWithoutConsent": True}})
    await busy.ask(STOP, {"input": {"runId": held["sendRecalls"]["id"]}})


async def send_through_trouble(busy: Busy) -> None:
    """Send over a gateway that fails in every way, and kill a worker meanwhile."""
    served = busy.served

    def message(recall: dict[str, Any], key: str) -> dict[str, Any]:
        given = {"recallIds": [recall["id"]], "idempotencyKey": key}
        return {"input": given | {"proceedWithoutConsent": key != "asks"}}

    first, second = await found(busy, TYPED[0])
    blocked, _ = await found(busy, OTHER)
    shared = await found(busy, SHARED)
    # Without its receipt, the killed worker's message has to be looked up.
    await served.misbehave(latency_ms=60_000, drop_receipts=1)
    async with busy.run("killed worker", "workers") as killed:
        assert await busy.ask(SEND, message(first, "asks"))
        sent = await busy.ask(SEND, message(first, "sends"))
        await busy.ask(SEND, message(blocked, "refused"))

        async def handed_over() -> bool:
            return bool(await served.got(MOBILE))

        await until(handed_over, seconds=40)
        killed.kill()
    await served.misbehave(latency_ms=0, drop_receipts=0, seed=1, **NOT_TAKEN)
    async with busy.run("worker", "workers"), served.operations() as operations:
        for recall in (second, *shared):
            await busy.ask(SEND, message(recall, recall["id"]))
        await busy.ask(AUTOMATE, {"input": {"idempotencyKey": "automated"}})

        async def looked_up() -> bool:
            return any("?To=" in address for address in busy.to_gateway.addresses)

        await until(looked_up, seconds=40)
        await served.misbehave(**dict.fromkeys(NOT_TAKEN, 0))
        run = sent["sendRecalls"]["id"]
        for answer in await operations.all(PROGRESS, {"id": run}, seconds=40):
            busy.note(answer)
        assert await served.reply(MOBILE, f"Stop! {FIRST} {LAST}") == 200
        assert await served.reply(MOBILE, "STOP") == 200
        assert await served.reply(WRONG, "STOP") == 200
        assert await served.reply(MOBILE, "STOP", token="another") == 403
        lost = {"MessageSid": "SM1", "MessageStatus": "sent", "To": MOBILE, "Body": NOTE}
        assert await served.receipt(f"1.{'0' * 8}-0000-4000-8000-{'0' * 12}", **lost) == 204
        assert await served.receipt("nothing", **lost) == 400


PATHS = ("/graphql", "/exports/audit", "/receipts/twilio", "/replies/twilio")
WRONG_DOCUMENTS = [
    f'{{ recalls(filter: {{ search: "{LAST} {MOBILE}" }}',
    f'{{ recalls(filter: {{ search: "{LAST}" }}) {{ nodes {{ {FIRST} }} }} }}',
    f"{{ recalls(tab: {FIRST}) {{ totalCount }} }}",
    f'{{ recalls(first: "{MOBILE}") {{ totalCount }} }}',
    f'query {FIRST} {{ {LAST}(mobile: "{MOBILE}") }}',
    f'{{ node(id: "{LAST}") {{ id }} }}',
    f'{{ node(id: "Patient:{MOBILE}") {{ id }} }}',
    f'{{ recalls(after: "{LAST}") {{ totalCount }} }}',
    f'mutation {{ blockMobile(input: {{ mobil: "{MOBILE}" }}) {{ __typename }} }}',
    f'mutation {{ blockMobile(input: {{ mobile: "{MOBILE}123" }}) {{ __typename }} }}',
    f'{{ checkMobile(mobil: "{MOBILE}") {{ __typename }} }}',
    f'{{ checkMobile(mobile: "{MOBILE}123") {{ __typename ... on Problem {{ message }} }} }}',
    f"{{ viewer {{ name @{FIRST} }} }}",
    f"{LAST}",
    f'"""{LAST}""" {{ viewer {{ name }} }}',
]
WRONG_VARIABLES = [
    (RECALLS, {"first": MOBILE}),
    (RECALLS, {"tab": LAST}),
    (RECALLS, {"filter": LAST}),
    (RECALLS, {"filter": {"search": [LAST], FIRST: 1}}),
    (RECALLS, {"filter": {"search": f"{LAST}\x00"}}),
    (RECALLS, {"filter": {"search": f"{LAST}\ud800"}}),
    (RECALLS, {"filter": {"dueFrom": f"{BORN:%d/%m/%Y} {LAST}"}}),
    (NODE, {"id": f"{LAST}\ud800"}),
    (BLOCK, {"input": {"mobile": {"typed": MOBILE}, "note": LAST}}),
    (BLOCK, {"input": {"mobile": MOBILE, "note": f"{LAST}\x00"}}),
    (BLOCK, {"input": {"mobile": MOBILE, "note": LAST * 100}}),
    (PREVIEW, {"recallIds": [LAST]}),
    (OPERATIONS["templatePreview"], {"template": f"{{{LAST}}}", "reason": f"{LAST}\x00"}),
    (OPERATIONS["checkMobile"], {"mobile": [MOBILE, LAST]}),
    (OPERATIONS["syncPatients"], {"input": [{"pmsId": LAST, "birthDate": LAST}]}),
    (OPERATIONS["syncPatients"], {"input": {"firstName": LAST, "mobile": 491570156}}),
]


async def send_what_is_wrong(busy: Busy) -> None:
    """Send personal data where it doesn't belong in an operation."""
    wrong: list[tuple[str, Any]] = [*((each, None) for each in WRONG_DOCUMENTS), *WRONG_VARIABLES]
    for document, variables in wrong:
        await busy.ask(document, variables, as_sent=True)
    async with busy.served.operations() as operations:
        for document, variables in wrong:
            for answer in await operations.all(document, variables):
                busy.note(answer, as_sent=True)


async def send_what_is_no_operation(busy: Busy) -> None:
    """Send personal data where it doesn't belong in a request.

    Not by way of the address recorder, because a client may put anything into its own addresses.
    """
    as_admin = {"Authorization": f"Bearer {busy.served.admin}"}
    stranger = {"Authorization": f"Bearer {LAST}"}
    body = {"Content-Type": "application/json"}
    texts = [
        f"{LAST}",
        json.dumps([{"query": LAST}]),
        json.dumps({"query": LAST, "variables": LAST}),
    ]
    filters = [{"patientId": LAST}, {"actor": {LAST: 1}}, {"since": LAST}, {LAST: MOBILE}]
    posts = [
        *((path, text, as_admin | body) for path in PATHS for text in texts),
        *(("/exports/audit", json.dumps(wanted), as_admin) for wanted in filters),
        *((path, LAST, stranger | body) for path in PATHS),
    ]
    places = f"/graphql?query={{{LAST}}}&name={FIRST}", f"/{LAST}", f"/portal/{LAST}?{MOBILE}"
    async with aiohttp.ClientSession(busy.url) as http:
        for path, text, headers in posts:
            async with http.post(path, data=text, headers=headers) as answer:
                busy.evidence.add("problems with what was sent", [await answer.text()])
                assert answer.status < 500
        for place in places:
            for headers in (as_admin, stranger):
                async with http.get(place, headers=headers) as answer:
                    busy.evidence.add("problems with what was sent", [await answer.text()])
        for protocol in ("graphql-transport-ws", LAST):
            with contextlib.suppress(aiohttp.WSServerHandshakeError):
                async with http.ws_connect(places[0], protocols=[protocol]) as socket:
                    await socket.send_json({"type": LAST})
                    await socket.receive(timeout=5)


async def anything(busy: Busy) -> None:
    """Search, whatever the answer; if not even the token can be looked up, it isn't JSON."""
    body = {"query": RECALLS, "variables": {"filter": {"search": LAST}}}
    headers = {"Authorization": f"Bearer {busy.served.admin}"}
    async with busy.served.http.post("/graphql", json=body, headers=headers) as answer:
        if answer.status != 200:
            busy.evidence.add("problems", [await answer.text()])


async def are_gone(pool: Pool, pids: list[int]) -> bool:
    """Return whether the connections have ended: PostgreSQL ends them a little after it is told."""
    gone: bool = await pool.fetchval(
        "select not exists (select from pg_stat_activity where pid = any($1))", pids
    )
    return gone


async def run_into_bugs(busy: Busy) -> None:
    """Have the database refuse rows, lack a table and cut connections."""
    pool, served = busy.served.practice.pool, busy.served
    recall = (await found(busy, SHARED))[0]
    contact = {"recallId": recall["id"], "kind": "LETTER", "note": NOTE}
    async with forbidden(pool, "DONE"):
        await busy.ask(OPERATIONS["recordContactAttempt"], {"input": contact})
    await busy.said("api", "constraint broken")
    async with missing(pool, "blocked_communications"):
        await busy.ask(RECALLS, {"filter": {"search": LAST}})
        await busy.ask(BLOCK, {"input": {"mobile": MOBILE, "note": NOTE}})
        async with served.operations() as operations:
            for answer in await operations.all(RECALLS, {"filter": {"search": LAST}}):
                busy.note(answer)
        assert await served.reply(MOBILE, "STOP") == 200  # kept
    async with missing(pool, "opt_outs"):
        assert await served.reply(MOBILE, "STOP") == 500
    async with missing(pool, "patients"):
        await busy.ask(RECALLS, {"filter": {"search": LAST}})
        rows = [{"pmsId": "p9", "firstName": FIRST, "lastName": LAST, "mobile": MOBILE}]
        await busy.ask(OPERATIONS["syncPatients"], {"input": rows})
    cut = (
        "select pid, pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name like $1"
    )
    for _ in range(3):
        ending = [row["pid"] for row in await pool.fetch(cut, "recalls api%")]
        await asyncio.gather(*(anything(busy) for _ in range(5)))
        await until(partial(are_gone, pool, ending), 10)
    async with forbidden(pool, "SENDING"), busy.run("failing worker", "workers"):
        other = (await found(busy, SHARED))[1]
        given = {"recallIds": [other["id"]], "idempotencyKey": "fails"}
        await busy.ask(SEND, {"input": given | {"proceedWithoutConsent": True}})
        await busy.said("failing worker", "is put off: SQLSTATE 23514")


WATCHED = {
    *("api.log", "worker.log", "killed worker.log", "failing worker.log", "simulator.log"),
    *("import.log", "errors.log", "problems", "Valkey", "PostgreSQL's activity"),
    "addresses at the API",
}
"""Places where a trace could be; PostgreSQL's own log is empty, as the demo starts it."""
NOT_TAKEN = {"reject": 0.2, "unavailable": 0.2, "drop": 0.2, "accept_then_close": 0.4}


async def test_nobody_leaves_a_trace_in_a_busy_run(
    servers: ServerUrls,
    database_url: str,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # given
    async with at_work(servers, database_url, pool, monkeypatch, tmp_path, staff=STAFF) as busy:
        await seed(busy)
        # when
        await work_the_list(busy)
        await send_through_trouble(busy)
        await send_what_is_wrong(busy)
        await send_what_is_no_operation(busy)
        await run_into_bugs(busy)
        evidence = await busy.end()
    # then
    tokens = frozenset(busy.served.tokens.values())
    everything = Secrets(SECRETS.words | tokens, SECRETS.numbers, SECRETS.days)
    sent_wrongly = evidence.lines.pop("problems with what was sent")
    to_gateway = evidence.lines.pop("addresses at the gateway")
    assert {place for place, lines in evidence.lines.items() if lines} >= WATCHED
    assert evidence.traces(everything) == []
    # A client may read what it sent itself, but nothing about anybody else.
    assert [line for line in sent_wrongly if THEIRS.found_in(line)] == []
    # Twilio's list of messages can only be requested by number.
    lists = [address for address in to_gateway if "Messages.json?To=" in address]
    assert lists
    assert [a for a in to_gateway if a not in lists and everything.found_in(a)] == []
