"""Tests of a client's address: only the proxies named in the settings can say what it is."""

import aiohttp
import pytest

from core.identity import Role
from db.tokens import create_token
from tests.support.served import Served

PROXY, ELSEWHERE = "127.0.0.9", "127.0.0.17"
NETWORK = "127.0.0.8/29"
CLIENT = "203.0.113.7"


async def origin(served: Served, sender: str, forwarded: str) -> str | None:
    """Ask once with a new token; return the address it is recorded as used from, or None."""
    pool = served.practice.pool
    token = await create_token(pool, served.practice.id, "Lee", Role.ADMIN)
    connector = aiohttp.TCPConnector(local_addr=(sender, 0))
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": forwarded}
    async with aiohttp.ClientSession(served.url, connector=connector) as http:
        body = {"query": "{ viewer { name } }"}
        async with http.post("/graphql", json=body, headers=headers) as answer:
            assert answer.status == 200
    found: str | None = await pool.fetchval(
        "select last_used_from from access_tokens where name = 'Lee' order by id desc limit 1"
    )
    return found


@pytest.mark.parametrize("named", [NETWORK, f"192.0.2.1, {PROXY}"])
@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (CLIENT, CLIENT),
        # What the client itself wrote comes before what the proxy appended.
        (f"8.8.8.8, {CLIENT}", CLIENT),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
async def test_a_proxy_that_is_named_says_where_a_client_is(
    served: Served, named: str, forwarded: str, expected: str
) -> None:
    # given
    async with served.again(TRUSTED_PROXIES=named) as behind:
        # when / then
        assert await origin(behind, PROXY, forwarded) == expected


@pytest.mark.parametrize(
    ("named", "sender"), [(NETWORK, ELSEWHERE), (PROXY, ELSEWHERE), ("none", "127.0.0.1")]
)
async def test_nobody_else_can_say_where_a_client_is(
    served: Served, named: str, sender: str
) -> None:
    # given
    async with served.again(TRUSTED_PROXIES=named) as behind:
        # when / then
        assert await origin(behind, sender, CLIENT) == sender
