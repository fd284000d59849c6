"""Tests of reading the audit trail: filters, pages, tenancy, and that no event can be changed."""

import json
from typing import Any

import asyncpg
import pytest

from core.identity import Role
from db.tokens import create_token
from tests.support.audit import EVENTS, events, ids
from tests.support.operations import NODE, OPERATIONS
from tests.support.practice import a_practice
from tests.support.served import Served

__all__ = ["ids"]


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
