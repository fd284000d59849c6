"""Tests of the audit trail: what leaves an event, what doesn't, and that none can be changed."""

import json
from typing import Any

import asyncpg
import pytest
from graphql import build_schema

from core.identity import Role
from db.tokens import create_token
from schema.snapshot import SNAPSHOT
from tests.api.test_error_codes import everything
from tests.support.operations import NODE, OPERATIONS
from tests.support.practice import MOBILE, a_mobile, a_practice
from tests.support.served import Served

EVENTS = OPERATIONS["auditEvents"]
PATIENT = {"pmsId": "new", "firstName": "Ann", "lastName": "Smith", "mobile": MOBILE}
RECALL = {"pmsId": "new", "patientPmsId": "synced", "reason": "Mole", "dueDate": "2026-11-23"}
LEAVES: dict[str, tuple[Any, list[tuple[str, str | None, bool]]]] = {
    "blockMobile": ({"mobile": MOBILE}, [("BLOCK_CHANGED", MOBILE, False)]),
    "setBlockedRecalls": (
        {"mobile": "{listed}", "blocked": True},
        [("BLOCK_CHANGED", "+61491570156", False)],
    ),
    "removeBlockedMobile": ({"mobile": "{listed}"}, [("BLOCK_CHANGED", "+61491570156", False)]),
    "sendRecalls": (
        {"recallIds": ["{recall}"], "idempotencyKey": "k", "proceedWithoutConsent": True},
        [("CONSENT_OVERRIDDEN", "Run:", True), ("RECALLS_SENT", "Run:", True)],
    ),
    "startAutomatedRun": ({"idempotencyKey": "k"}, [("RECALLS_SENT", "Run:", False)]),
    "stopRun": ({"runId": "{run}"}, [("RUN_STOPPED", "{run}", False)]),
    "recordContactAttempt": (
        {"recallId": "{recall}", "kind": "PHONE"},
        [("CONTACT_RECORDED", "ContactAttempt:", True)],
    ),
    "markNoFurtherAction": (
        {"recallIds": ["{recall}"]},
        [("RECALLS_CLOSED", "{recall}", True)],
    ),
    "saveCategory": (
        {
            "name": "Bloods", "reasons": [], "urgencies": [], "smsTemplate": "Hi",
            "automated": False, "steps": [],
        },
        [("SETUP_CHANGED", "Category:", False)],
    ),
    "savePreferences": ({"smsRepeatDays": 9}, [("SETUP_CHANGED", "Practice:", False)]),
    "createToken": (
        {"name": "Lee", "role": "ADMIN"},
        [("TOKEN_CREATED", "AccessToken:", False)],
    ),
    "revokeToken": ({"id": "{token}"}, [("TOKEN_REVOKED", "{token}", False)]),
    "syncPatients": ([PATIENT], [("PMS_SYNCED", None, False)]),
    "syncRecalls": ([RECALL], [("PMS_SYNCED", None, False)]),
    "revokePerson": ({"id": "{person}"}, [("PERSON_REVOKED", "{person}", False)]),
    "restorePerson": ({"id": "{kept out}"}, [("PERSON_RESTORED", "{kept out}", False)]),
    "startSession": ({}, [("SESSION_STARTED", "Session:", False)]),
    "endSession": ({"id": "{session}"}, [("SESSION_ENDED", "{session}", False)]),
}  # fmt: skip
"""Each mutation's input and the events it leaves: action, subject, whether it names a patient."""


async def people(served: Served) -> list[str]:
    """Let two people sign in; return their ids."""
    rows = await served.practice.pool.fetch(
        """
        insert into people (practice_id, issuer, subject, name, role)
        select $1, 'https://id.example', name, name, 'ADMIN' from unnest('{Ada,Bea}'::text[]) name
        returning id
        """,
        served.practice.id,
    )
    return [f"Person:{row['id']}" for row in rows]


@pytest.fixture
async def ids(served: Served) -> dict[str, str]:
    """Ids of a recall without SMS consent, a run, a number, a token, a session, and two people."""
    patient = await served.practice.patient(sms_consent=False)
    recall = f"Recall:{await served.practice.recall(patient)}"
    other = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
    run = await served.call(
        OPERATIONS["sendRecalls"], recallIds=[f"Recall:{other}"], idempotencyKey="other"
    )
    await served.call(OPERATIONS["blockMobile"], mobile="0491 570 156")
    await served.practice.patient("synced", mobile=None)
    made = await served.call(OPERATIONS["createToken"], name="Old", role="ADMIN")
    started = await served.query(OPERATIONS["startSession"])
    one, two = await people(served)
    await served.call(OPERATIONS["revokePerson"], id=two)
    return {
        "recall": recall,
        "run": run["id"],
        "listed": "+61491570156",
        "token": made["accessToken"]["id"],
        "session": started["session"]["id"],
        "person": one,
        "kept out": two,
    }


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    if isinstance(value, dict):
        return {key: filled(inner, ids) for key, inner in value.items()}
    return ids.get(value.strip("{}"), value) if isinstance(value, str) else value


async def events(served: Served, **given: Any) -> list[dict[str, Any]]:
    page = await served.query(EVENTS, {"filter": given or None, "first": 100})
    return list(page["nodes"])


def test_every_mutation_is_listed_with_the_events_it_leaves() -> None:
    # given
    mutations = build_schema(SNAPSHOT.read_text()).mutation_type
    assert mutations is not None
    # then
    assert set(LEAVES) == set(mutations.fields)


@pytest.mark.parametrize("name", LEAVES)
async def test_a_mutation_leaves_its_events(served: Served, ids: dict[str, str], name: str) -> None:
    # given
    given, expected = LEAVES[name]
    before = {event["id"] for event in await events(served)}
    # when
    await served.query(OPERATIONS[name], {"input": filled(given, ids)})
    # then
    found = [event for event in await events(served) if event["id"] not in before]
    assert len(found) == len(expected)
    for event, (action, subject, of_patient) in zip(
        sorted(found, key=lambda e: e["action"]), expected, strict=True
    ):
        assert event["action"] == action
        assert (event["subject"] or "").startswith(filled(subject, ids) or "")
        assert (event["patient"] is not None) is of_patient
        assert (event["actor"], event["role"], event["origin"]) == ("Admin", "ADMIN", "127.0.0.1")


async def test_an_operation_that_changes_nothing_leaves_no_event(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    recall = [ids["recall"]]
    send: dict[str, Any] = {
        "recallIds": recall,
        "idempotencyKey": "k",
        "proceedWithoutConsent": True,
    }
    await served.call(OPERATIONS["sendRecalls"], **send)
    await served.call(OPERATIONS["markNoFurtherAction"], recallIds=recall)
    await served.call(OPERATIONS["stopRun"], runId=ids["run"])
    before = await events(served)
    # when each is done again, or refused
    await served.call(OPERATIONS["sendRecalls"], **send)
    await served.call(OPERATIONS["markNoFurtherAction"], recallIds=recall)
    await served.call(OPERATIONS["stopRun"], runId=ids["run"])
    await served.call(OPERATIONS["stopRun"], runId="Run:99999")
    await served.call(OPERATIONS["setBlockedRecalls"], mobile=ids["listed"], blocked=False)
    await served.call(OPERATIONS["removeBlockedMobile"], mobile=MOBILE)
    await served.call(OPERATIONS["savePreferences"], smsRepeatDays=3)
    await served.call(OPERATIONS["savePreferences"], smsRepeatDays=0)
    await served.call(OPERATIONS["blockMobile"], mobile="12")
    await served.query(OPERATIONS["recalls"])
    await served.query(OPERATIONS["sendPreview"], {"recallIds": recall})
    await served.query(OPERATIONS["checkMobile"], {"mobile": MOBILE})
    # then
    assert await events(served) == before


@pytest.mark.parametrize("name", LEAVES)
async def test_a_change_and_its_event_fail_together(
    served: Served, ids: dict[str, str], name: str
) -> None:
    # given a commit that fails once both are written
    pool = served.practice.pool
    await pool.execute(
        """
        create function no_commit() returns trigger language plpgsql as
          'begin raise exception ''no''; end';
        create constraint trigger no_commit after insert on audit_events
          deferrable initially deferred for each row when (new.action <> 'SIGNED_IN')
          execute function no_commit();
        """
    )
    before = await everything(pool)
    given = filled(LEAVES[name][0], ids)
    # when
    errors = await served.errors(OPERATIONS[name], {"input": given})
    # then
    assert [code for code, _ in errors] == ["INTERNAL_SERVER_ERROR"]
    assert await everything(pool) == before


@pytest.mark.parametrize("directive", ["", "@include(if: true)"], ids=["plain", "directive"])
async def test_opening_a_patients_record_leaves_an_event(
    served: Served, ids: dict[str, str], directive: str
) -> None:
    # given
    document = f"query ($id: ID!) {{ node(id: $id) {{ id {directive} }} }}"
    made = await served.call(
        OPERATIONS["recordContactAttempt"], recallId=ids["recall"], kind="PHONE"
    )
    opened = [ids["recall"], "Patient:1", made["id"]]
    # when
    for id_ in [*opened, "Recall:99999", "Category:1"]:
        await served.query(document, {"id": id_})
    # then
    found = await events(served, actions=["PATIENT_VIEWED"])
    assert [event["subject"] for event in reversed(found)] == opened
    assert {event["patient"]["id"] for event in found} == {"Patient:1"}


async def test_a_record_is_not_shown_if_its_event_cant_be_written(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    await served.practice.pool.execute(
        "alter table audit_events add check (action <> 'PATIENT_VIEWED')"
    )
    # when
    answer = await served.ask(NODE, {"id": ids["recall"]})
    # then
    assert answer["data"] == {"node": None}


async def test_a_send_with_nothing_but_refusals_leaves_an_event_naming_its_run(
    served: Served,
) -> None:
    # given
    recall = await served.practice.recall(await served.practice.patient(status="DECEASED"))
    # when
    answer = await served.call(
        OPERATIONS["sendRecalls"], recallIds=[f"Recall:{recall}"], idempotencyKey="k"
    )
    # then
    assert answer["__typename"] == "NothingToSend"
    [event] = await events(served, actions=["RECALLS_SENT"])
    assert (event["subject"], event["patient"]) == ("Run:1", None)


async def test_the_event_of_a_block_has_its_note_and_a_repeat_leaves_none(served: Served) -> None:
    # when
    for note in ("Asked us", "Asked us", "Called again", None):
        await served.call(OPERATIONS["blockMobile"], mobile=MOBILE, note=note)
    # then
    found = await events(served, actions=["BLOCK_CHANGED"])
    notes = [json.loads(event["details"])["note"] for event in found]
    assert notes == ["Called again", "Asked us"]


async def test_a_patients_stop_leaves_an_event(served: Served) -> None:
    # given
    await served.practice.recall()
    # when
    await served.reply(MOBILE, "STOP")
    # then
    [event] = await events(served, actions=["BLOCK_CHANGED"])
    assert (event["actor"], event["role"], event["subject"]) == ("Patient", None, MOBILE)
    assert json.loads(event["details"])["source"] == "PATIENT_REPLY"


async def test_a_scheduled_run_leaves_an_event(served: Served) -> None:
    # given
    practice = served.practice
    await practice.recall()
    await practice.pool.execute(
        "update practices set send_from = '00:00', send_until = '23:59:59', next_run_at = now()"
    )
    # when
    await practice.begin_scheduled_runs()
    await practice.plan()
    # then
    [event] = await events(served, actions=["RECALLS_SENT"])
    assert (event["actor"], event["role"], event["origin"]) == ("Schedule", None, None)


async def test_a_sign_in_leaves_one_event(served: Served) -> None:
    # when
    for _ in range(3):
        await served.query("{ viewer { name } }", token=served.tokens[Role.RECEPTIONIST])
    # then
    [event] = await events(served, actions=["SIGNED_IN"], actor="Receptionist")
    assert (event["role"], event["origin"]) == ("RECEPTIONIST", "127.0.0.1")


async def test_a_token_is_noticed_at_another_address_while_its_holder_reads(
    served: Served,
) -> None:
    # given
    async def read(**headers: str) -> None:
        headers |= {"Authorization": f"Bearer {served.tokens[Role.RECEPTIONIST]}"}
        body = {"query": "{ recalls { nodes { id } } }"}
        async with served.http.post("/graphql", json=body, headers=headers) as answer:
            assert (await answer.json())["data"]["recalls"] == {"nodes": []}

    await read()
    # when
    await read(**{"X-Forwarded-For": "203.0.113.9"})
    # then
    found = await events(served, actions=["SIGNED_IN"], actor="Receptionist")
    assert [event["origin"] for event in found] == ["203.0.113.9", "127.0.0.1"]


async def test_events_are_found_by_patient_actor_action_and_time(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    node = await served.query(NODE, {"id": ids["recall"]})
    other = await served.practice.recall(await served.practice.patient(last_name="Other"))
    await served.query(NODE, {"id": f"Recall:{other}"}, token=served.tokens[Role.RECEPTIONIST])
    [mine] = await events(served, patientId=node["patient"]["id"])
    # when / then
    assert mine["action"] == "PATIENT_VIEWED"
    assert {e["action"] for e in await events(served, actor="Receptionist")} == {
        "SIGNED_IN",
        "PATIENT_VIEWED",
    }
    later = await events(served, since=mine["at"])
    assert mine["id"] in {event["id"] for event in later}
    assert mine["id"] not in {event["id"] for event in await events(served, until=mine["at"])}
    assert await events(served, actions=[]) == []


async def test_the_trail_is_read_page_by_page_newest_first(served: Served) -> None:
    # given
    for number in range(5):
        await served.call(OPERATIONS["savePreferences"], smsRepeatDays=10 + number)
    # when
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = await served.query(
            EVENTS, {"filter": {"actor": "Admin"}, "first": 2, "after": after}
        )
        told = [json.loads(event["details"] or "{}") for event in page["nodes"]]
        seen += [days[1] for details in told if (days := details.get("sms_repeat_days"))]
        after = page["pageInfo"]["endCursor"]
    # then
    assert seen == [14, 13, 12, 11, 10]
    assert page["totalCount"] == 6  # including the sign-in


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"patientId": "Recall:1"}, "filter.patientId"),
        ({"since": "2026-11-23T10:00:00"}, "filter.since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "filter.since"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "filter.until"),
        ({"actor": "x" * 501}, "filter.actor"),
        ({"actor": "\x00"}, "filter.actor"),
    ],
)
async def test_a_filter_that_cant_be_read_is_refused_and_its_field_named(
    served: Served, given: dict[str, Any], field: str
) -> None:
    # when
    answer = await served.ask(EVENTS, {"filter": given})
    # then
    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", field)


async def test_another_practices_events_are_not_seen(served: Served, ids: dict[str, str]) -> None:
    # given
    node = await served.query(NODE, {"id": ids["recall"]})
    other = await a_practice(served.practice.pool)
    token = await create_token(served.practice.pool, other.id, "Theirs", Role.ADMIN)
    # when
    page = await served.query(EVENTS, token=token)
    by_patient = await served.query(
        EVENTS, {"filter": {"patientId": node["patient"]["id"]}}, token=token
    )
    # then
    assert {event["action"] for event in page["nodes"]} == {
        "SIGNED_IN", "SETUP_CHANGED", "TOKEN_CREATED",
    }  # fmt: skip
    assert all(event["patient"] is None for event in page["nodes"])
    assert by_patient["nodes"] == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set actor = 'Nobody'",
        "delete from audit_events",
        "truncate audit_events",
    ],
)
async def test_the_trail_cant_be_changed_not_even_by_the_owner(
    served: Served, ids: dict[str, str], statement: str
) -> None:
    # given
    del ids
    # when / then
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await served.practice.pool.execute(statement)
