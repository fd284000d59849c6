"""Tests of the commands that manage tokens, and of what keeps the API from being served."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.__main__ import main
from core.identity import Role
from db.tokens import create_token, demo_tokens_left, viewer_of
from dev.servers.running import as_application
from tests.support.practice import Practice
from tests.support.settings import PRODUCTION


@pytest.fixture(autouse=True)
def _environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECALLS_DATABASE_URL", as_application(database_url))


async def run(*words: str) -> Result:
    # A command has an event loop of its own, and needs a thread without one.
    return await asyncio.to_thread(CliRunner().invoke, main, words)


async def listed(practice: Practice) -> list[dict[str, Any]]:
    result = await run("token", "list", "--practice", str(practice.id))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


async def created(practice: Practice, *more: str) -> Result:
    words = ("--practice", str(practice.id), "--name", "Priya", "--role", "RECEPTIONIST")
    return await run("token", "create", *words, *more)


async def test_a_created_token_opens_the_practice(practice: Practice) -> None:
    # when
    result = await created(practice)
    # then
    viewer = await viewer_of(practice.reader, result.stdout.strip())
    assert viewer is not None
    assert (viewer.name, viewer.role) == ("Priya", Role.RECEPTIONIST)
    [row] = await listed(practice)
    assert (row["state"], row["created_by"]) == ("good", "Host")
    left = datetime.fromisoformat(row["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < left <= timedelta(days=90)


async def test_a_token_that_never_expires_must_be_asked_for_explicitly(practice: Practice) -> None:
    # when
    await created(practice, "--expires-in-days", "never")
    # then
    [row] = await listed(practice)
    assert (row["state"], row["expires_at"]) == ("good", None)


async def test_a_token_is_created_for_the_number_of_days_given(practice: Practice) -> None:
    # when
    await created(practice, "--expires-in-days", "30")
    # then
    [row] = await listed(practice)
    left = datetime.fromisoformat(row["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)


@pytest.mark.parametrize("name", ["Host", " patient", "\uff28ost"])
async def test_a_token_may_not_be_named_like_an_actor_without_a_token(
    practice: Practice, name: str
) -> None:
    # when
    result = await run(
        "token", "create", "--practice", str(practice.id), "--name", name, "--role", "ADMIN"
    )
    # then
    assert result.exit_code == 1
    assert "--name: Choose another name. Recalls uses this one itself." in result.output
    assert await listed(practice) == []


@pytest.mark.parametrize("days", ["0", "-1", "3651", "soon"])
async def test_a_token_is_not_created_for_days_that_make_no_sense(
    practice: Practice, days: str
) -> None:
    # when
    result = await created(practice, "--expires-in-days", days)
    # then
    assert result.exit_code == 2
    assert "--expires-in-days" in result.output
    assert await listed(practice) == []


async def test_the_list_shows_each_tokens_state(practice: Practice) -> None:
    # given
    pool, past = practice.pool, datetime.now(UTC) - timedelta(seconds=1)
    await create_token(pool, practice.id, "Good", Role.ADMIN)
    await create_token(pool, practice.id, "Late", Role.ADMIN, expires_at=past)
    await create_token(pool, practice.id, "Gone", Role.ADMIN, for_demo=True)
    gone = (await listed(practice))[2]
    # when
    result = await run("token", "revoke", "--practice", str(practice.id), str(gone["id"]))
    # then
    assert result.stdout == "Revoked.\n"
    rows = await listed(practice)
    assert [row["state"] for row in rows] == ["good", "expired", "revoked"]
    assert [row["for_demo"] for row in rows] == [False, False, True]
    assert rows[2]["revoked_by"] == "Host"


@pytest.fixture
def in_production(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RECALLS_DATABASE_URL", as_application(database_url))


@pytest.mark.usefixtures("in_production")
async def test_production_is_not_served_while_a_demo_token_is_good(practice: Practice) -> None:
    # given
    await create_token(practice.pool, practice.id, "Demo", Role.RECEPTIONIST, for_demo=True)
    # when
    result = await run("serve")
    # then
    assert result.exit_code == 1
    assert "demo tokens" in result.output


async def test_production_may_be_served_once_demo_tokens_are_revoked(practice: Practice) -> None:
    # given
    await create_token(practice.pool, practice.id, "Demo", Role.RECEPTIONIST, for_demo=True)
    [demo] = await listed(practice)
    # when
    await run("token", "revoke", "--practice", str(practice.id), str(demo["id"]))
    # then
    assert not await demo_tokens_left(practice.pool)


async def test_sign_in_settings_that_let_anybody_in_are_reported_before_serving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setenv("RECALLS_OIDC_ISSUER", "http://id.example")
    monkeypatch.setenv("RECALLS_OIDC_AUDIENCE", "x")
    # when
    result = await run("serve")
    # then
    assert result.exit_code == 1
    assert "RECALLS_OIDC_ISSUER must be an https URL" in result.output


@pytest.fixture
def through_the_provider_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECALLS_STAFF_TOKENS", "refuse")
    monkeypatch.setenv("RECALLS_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("RECALLS_OIDC_AUDIENCE", "https://recalls.example")


@pytest.mark.usefixtures("through_the_provider_alone")
async def test_only_connectors_get_tokens_if_people_sign_in_only_through_the_provider(
    practice: Practice,
) -> None:
    # when
    refused = await created(practice)
    made = await created(practice, "--role", "CONNECTOR")
    # then
    assert refused.exit_code == 2
    assert "--role: it must be CONNECTOR" in refused.output
    assert made.exit_code == 0
    assert [row["role"] for row in await listed(practice)] == ["CONNECTOR"]


async def test_signing_in_only_through_a_provider_needs_a_provider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    monkeypatch.setenv("RECALLS_STAFF_TOKENS", "refuse")
    # when
    result = await run("serve")
    # then
    assert result.exit_code == 1
    assert "RECALLS_STAFF_TOKENS=refuse needs RECALLS_OIDC_ISSUER" in result.output
