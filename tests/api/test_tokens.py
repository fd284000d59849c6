"""Tests of the tokens that admins manage: created, listed, expired and revoked."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.identity import Role
from db.tokens import create_token, demo_tokens_left
from tests.support.operations import OPERATIONS
from tests.support.practice import a_practice
from tests.support.raw_client import HOST, raw
from tests.support.served import Served
from tests.support.simulated import until

CREATE, REVOKE, TOKENS = (OPERATIONS[n] for n in ("createToken", "revokeToken", "accessTokens"))

SETUP = "mutation { savePreferences(input: {smsRepeatDays: 1}) { __typename } }"


async def named(served: Served, name: str) -> dict[str, Any]:
    [found] = [token for token in await served.query(TOKENS) if token["name"] == name]
    return dict(found)


async def used(served: Served, name: str) -> bool:
    return (await named(served, name))["lastUsedAt"] is not None


async def test_a_created_token_opens_the_practice_as_its_role_may(served: Served) -> None:
    # when
    made = await served.call(CREATE, name="Priya", role="RECEPTIONIST")
    viewer = await served.query("{ viewer { name role } }", token=made["secret"])
    # then
    assert viewer == {"name": "Priya", "role": "RECEPTIONIST"}
    assert made["accessToken"]["createdBy"] == "Admin"
    until = datetime.fromisoformat(made["accessToken"]["expiresAt"])
    assert timedelta(days=89) < until - datetime.now(UTC) < timedelta(days=91)


async def test_a_token_can_be_created_that_never_expires(served: Served) -> None:
    # when
    await served.call(CREATE, name="Software", role="CONNECTOR", expiresInDays=None)
    # then
    token = await named(served, "Software")
    assert (token["role"], token["expiresAt"]) == ("CONNECTOR", None)


async def test_the_secret_is_shown_once(served: Served) -> None:
    # given
    made = await served.call(CREATE, name="Priya", role="ADMIN")
    # when
    answer = await served.ask(TOKENS)
    events = await served.ask(OPERATIONS["auditEvents"])
    # then
    secret = made["secret"].rsplit("_", 1)[1]
    assert secret not in str(answer)
    assert secret not in str(events)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"name": " "}, "name"),
        ({"expiresInDays": 0}, "expiresInDays"),
        ({"expiresInDays": 99_999}, "expiresInDays"),
    ],
)
async def test_the_problem_with_an_invalid_token_names_the_field(
    served: Served, given: dict[str, Any], named: str
) -> None:
    # when
    answer = await served.call(CREATE, **({"name": "Lee", "role": "ADMIN"} | given))
    # then
    assert answer["__typename"] == "InvalidToken"
    assert answer["message"].startswith(named)
    assert len(await served.query(TOKENS)) == len(Role)


async def test_a_wrong_number_of_days_is_refused_in_words_that_the_portal_knows(
    served: Served,
) -> None:
    # when
    answer = await served.call(CREATE, name="Lee", role="ADMIN", expiresInDays=9999)
    # then: portal/src/features/settings/access/NewTokenDialog.test.tsx begins with this
    assert answer["message"] == "expiresInDays must be from 1 to 3650, or null."


async def test_an_expired_token_opens_nothing(served: Served) -> None:
    # given
    practice = served.practice
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = await create_token(practice.pool, practice.id, "Late", Role.ADMIN, expires_at=past)
    # when
    errors = await served.errors("{ viewer { name } }", token=token)
    # then
    assert [code for code, _ in errors] == ["UNAUTHENTICATED"]


async def test_a_revoked_token_opens_nothing_and_shows_who_revoked_it(served: Served) -> None:
    # given
    made = await served.call(CREATE, name="Priya", role="RECEPTIONIST")
    # when
    revoked = await served.call(REVOKE, id=made["accessToken"]["id"])
    again = await served.call(REVOKE, id=made["accessToken"]["id"])
    errors = await served.errors("mutation { __typename }", token=made["secret"])
    # then
    assert revoked["revokedBy"] == "Admin"
    assert again == revoked
    assert [code for code, _ in errors] == ["UNAUTHENTICATED"]


async def test_a_token_that_is_revoked_while_a_mutation_arrives_changes_nothing(
    served: Served,
) -> None:
    # given a mutation whose token is looked up, and whose body has not yet come whole
    made = await served.call(CREATE, name="Priya", role="ADMIN")
    body = json.dumps({"query": SETUP}).encode()
    head = (
        b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\n%s"
        b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
    ) % (HOST, made["secret"].encode(), len(body))
    async with raw(served.url) as opened:
        await opened.send(head, body[:-5])
        await until(lambda: used(served, "Priya"))
        # when
        await served.call(REVOKE, id=made["accessToken"]["id"])
        await opened.send(body[-5:])
        # then
        assert await opened.status() == 401


async def test_another_practices_token_is_as_unknown_as_one_that_doesnt_exist(
    served: Served,
) -> None:
    # given
    other = await a_practice(served.practice.pool)
    theirs = await create_token(served.practice.pool, other.id, "Theirs", Role.ADMIN)
    listed = await served.query(TOKENS, token=theirs)
    # when
    answers = [await served.call(REVOKE, id=key) for key in (listed[0]["id"], "AccessToken:9999")]
    # then
    assert answers[0] == answers[1]
    assert answers[0]["__typename"] == "UnknownToken"
    assert [token["name"] for token in listed] == ["Theirs"]
    assert await served.errors("mutation { __typename }", token=theirs) == []


async def test_an_admin_finds_a_token_by_its_id_but_not_another_practices(served: Served) -> None:
    # given
    mine = await named(served, "Receptionist")
    other = await a_practice(served.practice.pool)
    theirs = await create_token(served.practice.pool, other.id, "Theirs", Role.ADMIN)
    [listed] = await served.query(TOKENS, token=theirs)
    document = "query ($id: ID!) { node(id: $id) { ... on AccessToken { name role } } }"
    # when
    found = [await served.query(document, {"id": key}) for key in (mine["id"], listed["id"])]
    # then
    assert found == [{"name": "Receptionist", "role": "RECEPTIONIST"}, None]


async def test_a_tokens_use_is_shown_with_its_address(served: Served) -> None:
    # given
    before = await named(served, "Receptionist")
    # when
    await served.query("{ viewer { name } }", token=served.tokens[Role.RECEPTIONIST])
    after = await named(served, "Receptionist")
    # then
    assert (before["lastUsedAt"], before["lastUsedFrom"]) == (None, None)
    used = datetime.fromisoformat(after["lastUsedAt"])
    assert timedelta() <= datetime.now(UTC) - used < timedelta(minutes=1)
    assert after["lastUsedFrom"] == "127.0.0.1"


@pytest.mark.parametrize("good", [True, False])
async def test_demo_tokens_are_found_while_they_are_good(served: Served, good: bool) -> None:
    # given
    practice = served.practice
    until = datetime.now(UTC) + timedelta(hours=1 if good else -1)
    # when
    await create_token(
        practice.pool, practice.id, "Demo", Role.ADMIN, expires_at=until, for_demo=True
    )
    # then
    assert await demo_tokens_left(practice.pool) is good
