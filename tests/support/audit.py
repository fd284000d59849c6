"""The audit trail as an admin reads it, and a practice with something of every kind to act on."""

from typing import Any

import pytest

from tests.support.operations import OPERATIONS
from tests.support.practice import a_mobile
from tests.support.served import Served

EVENTS = OPERATIONS["auditEvents"]


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
    """Ids of what mutations change: a recall without SMS consent, a call, a run, and so on."""
    patient = await served.practice.patient(sms_consent=False)
    recall = f"Recall:{await served.practice.recall(patient)}"
    other = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
    run = await served.call(
        OPERATIONS["sendRecalls"], recallIds=[f"Recall:{other}"], idempotencyKey="other"
    )
    called, closed = [f"Recall:{await served.practice.recall()}" for _ in range(2)]
    call = await served.call(OPERATIONS["recordContactAttempt"], recallId=called, kind="PHONE")
    await served.call(OPERATIONS["markNoFurtherAction"], recallIds=[closed])
    await served.call(OPERATIONS["blockMobile"], mobile="0491 570 156")
    await served.practice.patient("synced", mobile=None)
    made = await served.call(OPERATIONS["createToken"], name="Old", role="ADMIN")
    started = await served.query(OPERATIONS["startSession"])
    one, two = await people(served)
    await served.call(OPERATIONS["revokePerson"], id=two)
    rows = await served.practice.pool.fetch("select id from patients order by id limit 2")
    patients = [f"Patient:{row['id']}" for row in rows]
    await served.call(OPERATIONS["recordConsentChecks"], patientIds=patients[1:])
    return {
        "recall": recall,
        "run": run["id"],
        "call": call["id"],
        "patient": patients[0],
        "checked": patients[1],
        "closed": closed,
        "listed": "+61491570156",
        "token": made["accessToken"]["id"],
        "session": started["session"]["id"],
        "person": one,
        "kept out": two,
    }


async def events(served: Served, **given: Any) -> list[dict[str, Any]]:
    page = await served.query(EVENTS, {"filter": given or None, "first": 100})
    return list(page["nodes"])
