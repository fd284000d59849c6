"""Tests of audit events about refusals and about reading the trail, and of their limit."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from api.viewers import MAX_ADDRESSES
from core.identity import Role
from db import audit_buffer as notes
from db.tokens import create_token, new_secret, revoke_token
from tests.api.test_audit_export import exported
from tests.support.audit import events
from tests.support.operations import OPERATIONS
from tests.support.practice import a_practice
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name } }"


async def noted(served: Served, *actions: str, count: int = 1) -> list[dict[str, Any]]:
    """Return the events of these actions, newest first, once there are ``count`` of them."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = await events(served, actions=list(actions))
        return len(found) >= count

    await until(there)
    return found


async def refused(served: Served, token: str, origin: str = "127.0.0.1") -> None:
    with pytest.raises(aiohttp.ClientResponseError, match="401"):
        await asked(served, token, WHO, origin)


async def asked(served: Served, token: str, document: str = WHO, origin: str = "127.0.0.1") -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": origin}
    body = {"query": document}
    async with served.http.post("/graphql", json=body, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.json()


async def a_token(served: Served, name: str, role: Role = Role.RECEPTIONIST) -> tuple[str, str]:
    """Create a token; return its id and the token itself."""
    practice = served.practice
    token = await create_token(practice.pool, practice.id, name, role)
    [row] = [t for t in await served.query(OPERATIONS["accessTokens"]) if t["name"] == name]
    return row["id"], token


async def test_a_revoked_token_that_is_used_again_is_in_the_trail(noting: Served) -> None:
    # given
    id_, token = await a_token(noting, "Left us")
    await revoke_token(noting.practice.pool, noting.practice.id, int(id_.split(":")[1]))
    # when
    await refused(noting, token, "203.0.113.9")
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"], event["actorId"]) == ("Left us", "TOKEN", id_)
    assert (event["role"], event["origin"]) == (None, "203.0.113.9")
    assert event["details"] is None


async def test_an_expired_token_that_is_used_is_in_the_trail(noting: Served) -> None:
    # given
    practice = noting.practice
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = await create_token(practice.pool, practice.id, "Late", Role.ADMIN, expires_at=past)
    # when
    await refused(noting, token)
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"]) == ("Late", "TOKEN")


async def test_made_up_tokens_are_one_event_in_the_practice_they_name(noting: Served) -> None:
    # given
    made_up = [new_secret(noting.practice.id) for _ in range(20)]
    # when
    for token in made_up:
        await refused(noting, token)
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"], event["actorId"]) == ("Stranger", "STRANGER", None)
    rows = await noting.practice.pool.fetch("select e::text from audit_events e")
    assert not any(token[-43:] in str(row) for token in made_up for row in rows)


async def test_the_number_of_refused_tokens_is_recorded_in_the_end(served: Served) -> None:
    # given
    practice = served.practice
    async with served.again() as other:
        # when
        for _ in range(7):
            await refused(other, new_secret(practice.id))
    # then
    [event] = await noted(served, "SIGN_IN_REFUSED")
    assert json.loads(event["details"]) == {"times": 7}


async def test_tokens_of_an_unknown_practice_leave_no_event_anywhere(noting: Served) -> None:
    # when
    await refused(noting, new_secret(999_999_999))
    await refused(noting, new_secret(noting.practice.id))
    # then
    await noted(noting, "SIGN_IN_REFUSED")
    count = "select count(*) from audit_events where action = 'SIGN_IN_REFUSED'"
    assert await noting.practice.pool.fetchval(count) == 1


async def test_a_stranger_with_many_addresses_leaves_only_a_few_events(served: Served) -> None:
    # when
    async with served.again() as other:
        for number in range(notes.MAX_ALIKE + 5):
            token = new_secret(served.practice.id)
            await refused(other, token, f"203.0.113.{number}")
    # then
    found = await noted(served, "SIGN_IN_REFUSED")
    assert len(found) == notes.MAX_ALIKE + 1
    [rest] = [event for event in found if event["origin"] is None]
    assert json.loads(rest["details"]) == {"times": 5}


async def test_another_practice_sees_nothing_of_refused_tokens(noting: Served) -> None:
    # given
    other = await a_practice(noting.practice.pool)
    theirs = await create_token(noting.practice.pool, other.id, "Theirs", Role.ADMIN)
    await refused(noting, new_secret(noting.practice.id))
    await noted(noting, "SIGN_IN_REFUSED")
    # when
    page = await noting.query(
        OPERATIONS["auditEvents"], {"filter": {"actions": ["SIGN_IN_REFUSED"]}}, token=theirs
    )
    # then
    assert page["nodes"] == []


@pytest.mark.parametrize(
    "document",
    [
        "{ accessTokens { name } }",
        "{ AnnSmith: accessTokens { name } }",
        '{ accessTokens { name } __type(name: "Role") { name } }',
    ],
    ids=["plain", "alias", "not compiled"],
)
async def test_a_field_that_is_not_for_the_role_is_in_the_trail_by_its_name(
    noting: Served, document: str
) -> None:
    # given
    id_, token = await a_token(noting, "Curious")
    # when
    await asked(noting, token, document)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actorId"], event["subject"]) == (id_, "accessTokens")
    assert (event["role"], event["origin"]) == ("RECEPTIONIST", "127.0.0.1")


@pytest.mark.parametrize("field", ["createToken", "saveCategory"])
async def test_a_mutation_that_is_not_for_the_role_is_in_the_trail(
    noting: Served, field: str
) -> None:
    # given
    name = 'mutation { createToken(input: {name: "X", role: ADMIN}) { __typename } }'
    category = (
        'mutation { saveCategory(input: {name: "x", reasons: [], urgencies: [], smsTemplate: "x",'
        " automated: false, steps: []}) { __typename } }"
    )
    document = {"createToken": name, "saveCategory": category}[field]
    # when
    await asked(noting, noting.tokens[Role.RECEPTIONIST], document)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actor"], event["subject"]) == ("Receptionist", field)


async def test_forbidden_operations_over_a_websocket_are_in_the_trail(noting: Served) -> None:
    # when
    async with noting.operations(noting.tokens[Role.CONNECTOR]) as operations:
        await anext(operations.run("subscription { changes }"))
        await operations.all("{ viewer { name } }")
    # then
    found = await noted(noting, "FORBIDDEN", count=2)
    assert {event["subject"] for event in found} == {"changes", "viewer"}


async def test_forbidden_operations_over_a_websocket_are_counted_once(served: Served) -> None:
    # when
    async with (
        served.again() as other,
        other.operations(served.tokens[Role.CONNECTOR]) as operations,
    ):
        for document in ("subscription { changes }", "{ viewer { name } }"):
            for _ in range(3):
                await operations.all(document)
    # then
    found = await noted(served, "FORBIDDEN", count=2)
    assert [json.loads(event["details"]) for event in found] == [{"times": 3}] * 2


async def test_a_forbidden_event_stream_is_in_the_trail(noting: Served) -> None:
    # when
    token = noting.tokens[Role.CONNECTOR]
    async with noting.events("subscription { changes }", token=token) as stream:
        await anext(stream.stream)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert event["subject"] == "changes"


async def test_a_forbidden_export_is_in_the_trail(noting: Served) -> None:
    # when
    status, _ = await exported(noting, {}, Role.RECEPTIONIST)
    # then
    assert status == 403
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actor"], event["subject"]) == ("Receptionist", "/exports/audit")


async def test_asking_again_and_again_is_one_event(served: Served) -> None:
    # when
    async with served.again() as other:
        for _ in range(30):
            await asked(other, served.tokens[Role.RECEPTIONIST], "{ accessTokens { name } }")
    # then
    [event] = await noted(served, "FORBIDDEN")
    assert json.loads(event["details"]) == {"times": 30}


async def test_reading_the_trail_is_in_it_once_per_filter(noting: Served) -> None:
    # given
    _, token = await a_token(noting, "Auditor", Role.ADMIN)
    filters = [{"actor": "Kim"}, {"actor": "Kim"}, {"actor": "Lee"}, {"actor": "Kim"}]
    # when
    for given in filters:
        await noting.query(OPERATIONS["auditEvents"], {"filter": given}, token=token)
    # then
    [one, two] = [
        event
        for event in await noted(noting, "AUDIT_VIEWED", count=3)
        if event["actor"] == "Auditor"
    ]
    assert {json.loads(event["details"])["actor"] for event in (one, two)} == {"Kim", "Lee"}


async def test_reading_the_trail_leaves_few_events_however_many_filters_are_used(
    served: Served,
) -> None:
    # when
    async with served.again() as other:
        for number in range(3 * notes.MAX_ALIKE):
            await events(other, actor=f"Somebody {number}")
    # then
    found = [e for e in await noted(served, "AUDIT_VIEWED") if e["actor"] == "Admin"]
    assert len(found) == notes.MAX_ALIKE + 1
    times = [json.loads(event["details"]).get("times", 1) for event in found]
    assert sorted(times) == [1] * notes.MAX_ALIKE + [2 * notes.MAX_ALIKE]


async def test_a_token_used_from_ever_new_addresses_doesnt_fill_the_disk(
    noting: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    _, token = await a_token(noting, "Everywhere")
    monkeypatch.setattr(notes, "MAX_ALIKE", 3)
    # when
    for n in range(60):
        await asked(noting, token, WHO, f"203.0.113.{n}")
    # then addresses beyond a few are one event that says how many
    found = [
        event
        for event in await noted(noting, "SIGNED_IN", count=MAX_ADDRESSES + 3)
        if event["actor"] == "Everywhere"
    ]
    assert len(found) <= MAX_ADDRESSES + 1 + 4
