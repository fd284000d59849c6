"""Tests of floods of tokens that are no good."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from starlette.exceptions import HTTPException

from api import known_tokens, token_throttle, viewers
from api.rate import MAX_KEYS
from api.token_throttle import TokenThrottle
from core.identity import Role
from db.tokens import create_token, new_secret, revoke_token, viewer_of
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name } }"
LOOKUPS = int(token_throttle.RATE * token_throttle.BURST_SECONDS)


async def asked(served: Served, token: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with served.http.post("/graphql", json={"query": WHO}, headers=headers) as answer:
        return answer.status, await answer.json()


async def flood(served: Served, times: int) -> list[int]:
    """Ask with made-up tokens; return the answers' statuses."""
    made_up = [new_secret(served.practice.id) for _ in range(times)]
    return [(await asked(served, token))[0] for token in made_up]


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that are looked up in the database from now on."""
    found: list[str] = []

    async def noted(reader: Any, token: str) -> Any:
        found.append(token)
        return await viewer_of(reader, token)

    monkeypatch.setattr(viewers, "viewer_of", noted)
    return found


@pytest.fixture
async def strict(served: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A second API, which looks up five tokens from an address, and then no more."""
    monkeypatch.setattr(token_throttle, "RATE", 0.001)
    monkeypatch.setattr(token_throttle, "BURST_SECONDS", 5_000.0)
    async with served.again() as target:
        yield target


async def test_a_flood_of_tokens_is_answered_without_asking_the_database(
    strict: Served, lookups: list[str]
) -> None:
    # when
    statuses = await flood(strict, 20)
    # then
    assert statuses == [401] * 5 + [429] * 15
    assert len(lookups) == 5


async def test_a_known_token_gets_in_all_the_same(
    strict: Served, lookups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(viewers, "CACHE_SECONDS", 0.0)
    assert (await asked(strict, strict.admin))[0] == 200
    assert 429 in await flood(strict, 10)
    lookups.clear()
    # when
    answer = await asked(strict, strict.admin)
    # then the database was asked
    assert answer == (200, {"data": {"viewer": {"name": "Admin"}}})
    assert set(lookups) == {strict.admin}


async def test_a_client_with_too_many_tokens_is_told_when_to_come_back(strict: Served) -> None:
    # given
    await flood(strict, 5)
    # when
    headers = {"Authorization": f"Bearer {new_secret(strict.practice.id)}"}
    async with strict.http.get("/graphql", params={"query": WHO}, headers=headers) as answer:
        [error] = (await answer.json())["errors"]
    # then: one token every thousand seconds
    assert answer.status == 429
    assert 900 < int(answer.headers["Retry-After"]) <= 1000
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryAfter"] == int(answer.headers["Retry-After"])


async def test_a_websocket_counts_as_well(strict: Served) -> None:
    # given
    await flood(strict, 5)
    # when
    token = new_secret(strict.practice.id)
    async with strict.socket({"authorization": f"Bearer {token}"}) as opened:
        await opened.wait_closed()
    # then
    assert opened.close_code == 4429


async def test_a_token_that_was_no_good_isnt_looked_up_again_at_once(
    served: Served, lookups: list[str]
) -> None:
    # given
    token = new_secret(served.practice.id)
    # when
    statuses = [(await asked(served, token))[0] for _ in range(10)]
    # then
    assert statuses == [401] * 10
    assert lookups == [token]


async def test_a_revoked_token_is_refused_at_once_if_something_changes(
    served: Served,
) -> None:
    # given a token that is known
    pool, practice = served.practice.pool, served.practice.id
    token = await create_token(pool, practice, "Leaving", Role.ADMIN)
    assert (await asked(served, token))[0] == 200
    row = await pool.fetchval("select id from access_tokens where name = 'Leaving'")
    # when
    await revoke_token(pool, practice, row)
    # then
    headers = {"Authorization": f"Bearer {token}"}
    body = {"query": "mutation { __typename }"}
    async with served.http.post("/exports/audit", json=body, headers=headers) as answer:
        assert answer.status == 401


def refused(known: TokenThrottle, address: str) -> bool:
    """Return whether the address is soon refused: how much it has left depends on the time."""
    try:
        for _ in range(LOOKUPS):
            known.admit("token", address)
    except HTTPException:
        return True
    return False


def test_addresses_of_one_network_are_counted_together() -> None:
    # given
    known = TokenThrottle()
    # when one client uses each of its addresses
    for n in range(LOOKUPS):
        known.admit(f"token {n}", f"2001:db8::{n:x}")
    # then
    assert refused(known, "2001:db8::ffff")
    assert known.admit("token", "2001:db8:0:1::1")
    assert known.admit("token", "192.0.2.1")
    assert known.admit("token", None)


def test_an_address_is_the_same_however_it_is_written() -> None:
    # given
    known = TokenThrottle()
    for n in range(LOOKUPS):
        known.admit(f"token {n}", "192.0.2.1")
    # then
    assert refused(known, "::ffff:192.0.2.1")
    assert known.admit("token", "::ffff:192.0.2.2")


def test_bad_tokens_dont_make_a_good_one_unknown() -> None:
    # given
    known = TokenThrottle()
    known.remember("good", good=True)
    # when
    for n in range(MAX_KEYS + 1):
        known.remember(f"bad {n}", good=False)
    # then
    for n in range(LOOKUPS):
        known.admit(f"another {n}", "192.0.2.1")
    assert known.admit("good", "192.0.2.1")


def test_no_token_is_kept() -> None:
    # given
    known, token = TokenThrottle(), f"recalls_1_{secrets.token_urlsafe(32)}"
    # when
    known.remember(token, good=False)
    # then
    assert not known.admit(token, None)
    assert token not in str(vars(known))


def test_a_site_of_many_networks_is_counted_as_well() -> None:
    # given
    known = TokenThrottle()
    # when one client uses many of its networks
    for n in range(LOOKUPS * token_throttle.SITE):
        known.admit(f"token {n}", f"2001:db8:0:{n:x}::1")
    # then
    assert refused(known, "2001:db8:0:ffff::1")
    assert known.admit("token", "2001:db8:1::1")


async def test_a_token_known_to_another_process_gets_in_although_its_address_is_flooded(
    served: Served, strict: Served
) -> None:
    # given
    assert (await asked(served, served.admin))[0] == 200

    async def told() -> bool:
        async with Redis.from_url(served._valkey_url) as valkey:
            return bool(await valkey.zcard(known_tokens.KEY))

    await until(told)
    assert 429 in await flood(strict, 10)
    # when
    status, _ = await asked(strict, served.admin)
    # then
    assert status == 200


async def test_valkey_holds_nothing_that_lets_anybody_in(served: Served) -> None:
    # given
    assert (await asked(served, served.admin))[0] == 200
    async with Redis.from_url(served._valkey_url) as valkey:

        async def told() -> bool:
            return bool(await valkey.zcard(known_tokens.KEY))

        await until(told)
        # when
        [kept] = await valkey.zrange(known_tokens.KEY, 0, -1)
        life = await valkey.ttl(known_tokens.KEY)
    # then
    digest = hashlib.sha256(served.admin.encode()).digest()
    assert kept not in (digest, digest[:16], served.admin.encode())
    assert 0 < life <= known_tokens.DAYS * 86_400


async def test_without_valkey_each_process_knows_what_it_has_seen(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(token_throttle, "RATE", 0.001)
    monkeypatch.setattr(token_throttle, "BURST_SECONDS", 5_000.0)
    async with served.again(VALKEY_URL="redis://127.0.0.1:1") as alone:
        assert (await asked(alone, alone.admin))[0] == 200
        # when
        statuses = await flood(alone, 6)
        # then
        assert statuses == [401] * 4 + [429] * 2
        assert (await asked(alone, alone.admin))[0] == 200


@pytest.mark.parametrize("blanks", [1, 1_000, 8_000])
async def test_a_token_is_kept_once_however_many_blanks_are_before_it(
    served: Served, lookups: list[str], blanks: int
) -> None:
    # given
    assert (await asked(served, served.admin))[0] == 200
    # when
    status, _ = await asked(served, " " * blanks + served.admin)
    # then
    assert status == 200
    assert lookups == [served.admin]
