"""Tests of access tokens: which ones open which practice, and which open nothing."""

import pytest

from core.identity import Role
from db.tokens import create_token, list_tokens, revoke_token, viewer_of
from db.types import Pool
from tests.support.practice import Practice, a_practice


@pytest.mark.parametrize("role", list(Role))
async def test_a_token_identifies_its_viewer(practice: Practice, role: Role) -> None:
    # given
    token = await create_token(practice.pool, practice.id, "Reception", role)

    # when / then
    viewer = await viewer_of(practice.pool, token)
    assert viewer is not None
    assert (viewer.practice_id, viewer.name, viewer.role) == (practice.id, "Reception", role)


async def test_the_token_itself_is_not_stored(practice: Practice) -> None:
    # given
    token = await create_token(practice.pool, practice.id, "Reception", Role.ADMIN)

    # when
    [row] = await practice.pool.fetch("select * from access_tokens")

    # then
    assert token.rpartition("_")[2] not in str(dict(row))


async def test_a_revoked_token_opens_nothing(practice: Practice) -> None:
    # given
    token = await create_token(practice.pool, practice.id, "Reception", Role.ADMIN)
    other = await create_token(practice.pool, practice.id, "Dr Lee", Role.ADMIN)
    [row, _] = await list_tokens(practice.pool, practice.id)

    # when
    revoked = await revoke_token(practice.pool, practice.id, row["id"])
    again = await revoke_token(practice.pool, practice.id, row["id"])

    # then
    assert (revoked, again) == (True, False)
    assert await viewer_of(practice.pool, token) is None
    assert await viewer_of(practice.pool, other) is not None


async def test_a_practice_cannot_revoke_anothers_token(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    token = await create_token(practice.pool, practice.id, "Reception", Role.ADMIN)
    [row] = await list_tokens(practice.pool, practice.id)

    # when
    revoked = await revoke_token(neighbour.pool, neighbour.id, row["id"])

    # then
    assert not revoked
    assert await viewer_of(practice.pool, token) is not None


async def test_a_token_opens_its_own_practice_only(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    token = await create_token(practice.pool, practice.id, "Reception", Role.ADMIN)

    # when
    forged = token.replace(f"recalls_{practice.id}_", f"recalls_{neighbour.id}_")

    # then
    assert await viewer_of(practice.pool, forged) is None


async def test_no_two_tokens_are_alike(practice: Practice) -> None:
    # when
    tokens = {
        await create_token(practice.pool, practice.id, "Reception", Role.ADMIN) for _ in range(20)
    }

    # then
    assert len(tokens) == 20


@pytest.mark.parametrize(
    "token",
    [
        "",
        "recalls",
        "recalls_1_",
        "recalls_1_" + "a" * 42,
        "recalls_1_" + "a" * 43,
        "recalls_1_" + "a" * 43 + "\n",
        "recalls_9999999999_" + "a" * 43,
        "recalls_999999999_" + "a" * 43,
        "recalls_-1_" + "a" * 43,
        "recalls_١_" + "a" * 43,
        "recalls_1_" + "ä" * 43,
        "recalls_1_" + "\0" * 43,
        "recalls_1_" + "\ud800" * 43,
        "recalls_1_' or true --" + "a" * 30,
        "x" * 100_000,
    ],
)
async def test_a_text_that_is_not_a_token_opens_nothing(pool: Pool, token: str) -> None:
    # when / then
    assert await viewer_of(pool, token) is None
