"""Tests of the events that changes leave in the audit trail: every mutation's, and others'."""

import json
from typing import Any

import pytest
from graphql import build_schema

from schema.snapshot import SNAPSHOT
from tests.api.test_error_codes import everything
from tests.support.audit import events, ids
from tests.support.operations import OPERATIONS
from tests.support.practice import MOBILE
from tests.support.served import Served

__all__ = ["ids"]

PATIENT = {"pmsId": "new", "firstName": "Ann", "lastName": "Smith", "mobile": MOBILE}
RECALL = {"pmsId": "new", "patientPmsId": "synced", "reason": "Mole", "dueDate": "2026-11-23"}
LEAVES: dict[str, tuple[Any, list[tuple[str, str | None, bool]]]] = {
    "blockMobile": ({"mobile": MOBILE}, [("BLOCK_CHANGED", MOBILE, False)]),
    "setBlockedRecalls": (
        {"mobile": "{listed}", "blocked": True},
        [("BLOCK_CHANGED", "+61491570156", False)],
    ),
    "removeBlockedMobile": ({"mobile": "{listed}"}, [("BLOCK_CHANGED", "+61491570156", False)]),
    "recordConsentChecks": (
        {"patientIds": ["{patient}"]},
        [("CONSENT_CHECKED", None, True)],
    ),
    "removeConsentChecks": (
        {"patientIds": ["{checked}"]},
        [("CONSENT_CHECK_REMOVED", None, True)],
    ),
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
    "recordContactAttempts": (
        {"recallIds": ["{recall}"], "kind": "PHONE", "idempotencyKey": "k"},
        [("CONTACT_RECORDED", "ContactAttempt:", True)],
    ),
    "undoContactAttempts": ({"attemptIds": ["{call}"]}, [("CONTACT_UNDONE", "{call}", True)]),
    "reopenRecalls": ({"recallIds": ["{closed}"]}, [("RECALLS_REOPENED", "{closed}", True)]),
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


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    if isinstance(value, dict):
        return {key: filled(inner, ids) for key, inner in value.items()}
    return ids.get(value.strip("{}"), value) if isinstance(value, str) else value


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
