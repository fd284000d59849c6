"""Tests of the audit trail as a CSV file: what is in it, who gets it, and the event it leaves."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.identity import Actor, Role
from db.audit import AuditQuery, export_events
from db.tokens import create_token
from tests.support.audit import events, ids
from tests.support.operations import NODE
from tests.support.served import Served

__all__ = ["ids"]


async def exported(served: Served, body: Any, role: Role = Role.ADMIN) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {served.tokens[role]}"}
    async with served.http.post("/exports/audit", json=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_the_trail_is_exported_as_csv_and_that_leaves_an_event(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    before = await events(served)
    # when
    status, content = await exported(served, {})
    # then
    rows = list(csv.DictReader(io.StringIO(content)))
    assert status == 200
    assert [row["action"] for row in rows] == [event["action"] for event in before]
    assert {row["subject"] for row in rows} >= {f"'{ids['listed']}", ids["token"]}
    [event] = await events(served, actions=["AUDIT_EXPORTED"])
    assert event["actor"] == "Admin"


async def test_times_and_the_date_of_the_file_are_on_the_practices_clock(
    served: Served, ids: dict[str, str]
) -> None:
    # given: a place whose day is seldom that of UTC
    del ids
    zone = ZoneInfo("Pacific/Kiritimati")
    practice = served.practice
    await practice.pool.execute(
        "update practices set time_zone = $2 where id = $1", practice.id, zone.key
    )
    headers = {"Authorization": f"Bearer {served.tokens[Role.ADMIN]}"}
    # when
    async with served.http.post("/exports/audit", json={}, headers=headers) as answer:
        name, content = answer.headers["Content-Disposition"], await answer.text()
    # then
    row = next(csv.DictReader(io.StringIO(content)))
    at = datetime.fromisoformat(row["at"])
    assert (row["at"][10], at.utcoffset()) == (" ", timedelta(hours=14))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
    assert f"audit-{at:%Y-%m-%d}.csv" in name


async def test_the_export_applies_the_filter(served: Served, ids: dict[str, str]) -> None:
    # given
    node = await served.query(NODE, {"id": ids["recall"]})
    # when
    _, content = await exported(served, {"patientId": node["patient"]["id"]})
    # then
    [row] = csv.DictReader(io.StringIO(content))
    assert (row["action"], row["patient"]) == ("PATIENT_VIEWED", node["patient"]["id"])


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"patientId": "5"},
        {"since": "yesterday"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"actor": "\x00"},
        {"names": 1},
        {"actions": ["NONE"]},
    ],
)
async def test_an_export_request_that_cant_be_read_leaves_no_event(
    served: Served, body: Any
) -> None:
    # when
    status, content = await exported(served, body)
    # then
    assert status == 400
    assert json.loads(content)["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await events(served, actions=["AUDIT_EXPORTED"]) == []


async def test_an_export_of_many_pages_has_each_event_once(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    del ids
    before = [event["id"] for event in await events(served)]
    practice = served.practice
    # when
    pages = export_events(practice.pool, practice.id, Actor("Admin"), AuditQuery(), page=2)
    found = [f"AuditEvent:{row['id']}" async for row in pages]
    # then
    assert len(before) > 4
    assert found == before


async def test_an_event_added_while_the_file_is_written_is_not_in_it(served: Served) -> None:
    # given
    practice = served.practice
    before = [event["id"] for event in await events(served)]
    pages = export_events(practice.pool, practice.id, Actor("Admin"), AuditQuery(), page=1)
    found = [await anext(pages)]
    # when
    await create_token(practice.pool, practice.id, "Later", Role.ADMIN)
    found += [row async for row in pages]
    # then
    assert [f"AuditEvent:{row['id']}" for row in found] == before


async def test_a_name_that_would_be_a_formula_is_exported_as_text(served: Served) -> None:
    # given
    name = '=HYPERLINK("https://evil.example","Ann, B")\r\nzwei'
    practice = served.practice
    token = await create_token(practice.pool, practice.id, name, Role.ADMIN)
    await served.query("{ viewer { name } }", token=token)
    # when
    _, content = await exported(served, {"actor": name})
    # then
    [row] = csv.DictReader(io.StringIO(content, newline=""))
    assert (row["action"], row["actor"]) == ("SIGNED_IN", f"'{name}")


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.CONNECTOR])
async def test_only_admins_export(served: Served, role: Role) -> None:
    # when
    status, content = await exported(served, {}, role)
    # then
    assert status == 403
    assert json.loads(content)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
