"""Tests of what the trail says about syncs: who sent them, and what they changed."""

import json
from typing import Any

import pytest

from core.identity import Role
from tests.support.audit import events
from tests.support.operations import OPERATIONS
from tests.support.practice import MOBILE, a_mobile
from tests.support.served import Served


@pytest.fixture
async def synced(served: Served) -> list[dict[str, Any]]:
    """Three patients as the connector sent them."""
    rows = [
        {
            "pmsId": f"s{number}", "firstName": "Ann", "lastName": "Smith",
            "mobile": a_mobile(), "smsConsent": True,
        }
        for number in range(3)
    ]  # fmt: skip
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    return rows


async def test_a_syncs_event_says_who_sent_it_and_what_it_changed(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # given
    ann, ben, cleo = synced
    rows = [
        ann | {"mobile": a_mobile(), "smsConsent": False},
        ben | {"status": "DECEASED", "lastName": "Jones"},
        cleo,
        {"pmsId": "new", "firstName": "Dan", "lastName": "Lee", "mobile": MOBILE},
    ]
    # when
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    # then
    [event, first] = await events(served, actions=["PMS_SYNCED"])
    assert (event["actor"], event["role"], event["origin"]) == (
        "Connector", "CONNECTOR", "127.0.0.1",
    )  # fmt: skip
    assert event["actorId"].startswith("AccessToken:")
    assert json.loads(event["details"]) == {
        "rows": "patients", "inserted": 1, "updated": 2, "names": 1, "mobiles": 1, "toNumbers": 1,
        "consents": 1, "statuses": 1,
    }  # fmt: skip
    assert json.loads(first["details"]) == {"rows": "patients", "inserted": 3}


async def test_a_sync_that_changes_nothing_leaves_no_event(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # when
    for _ in range(2):
        await served.query(
            OPERATIONS["syncPatients"], {"input": synced}, token=served.tokens[Role.CONNECTOR]
        )
    # then
    assert len(await events(served, actions=["PMS_SYNCED"])) == 1


async def test_pointing_everybodys_mobile_at_one_phone_shows(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # when
    rows = [row | {"mobile": MOBILE} for row in synced]
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    # then
    [event, _] = await events(served, actions=["PMS_SYNCED"])
    told = json.loads(event["details"])
    assert (told["mobiles"], told["toNumbers"]) == (3, 1)


async def test_the_event_of_a_sync_of_recalls_says_what_it_changed(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # given
    del synced
    recall = {"pmsId": "r", "patientPmsId": "s0", "reason": "Mole", "dueDate": "2026-11-23"}
    other = recall | {"pmsId": "r2"}
    for rows in (
        [recall, other],
        # when
        [recall | {"completed": True, "dueDate": "2027-01-01"}, other | {"patientPmsId": "s1"}],
    ):
        await served.query(
            OPERATIONS["syncRecalls"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
        )
    # then
    [event, *_] = await events(served, actions=["PMS_SYNCED"])
    assert json.loads(event["details"]) == {
        "rows": "recalls", "updated": 2, "patients": 1, "dueDates": 1, "completed": 1,
    }  # fmt: skip
