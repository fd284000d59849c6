"""Tests of how many operations a viewer may run, over all processes."""

from typing import Any

from redis.asyncio import Redis

from api.demo.servers import ServerUrls
from api.rate import WINDOW, Rates
from db.tokens import Role
from tests.served import Served

WHO = "{ viewer { name } }"


async def refusals(served: Served, times: int, role: Role = Role.ADMIN) -> list[dict[str, Any]]:
    answers = [await served.ask(WHO, token=served.tokens[role]) for _ in range(times)]
    return [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]


async def test_a_viewer_has_a_budget_of_operations(served: Served) -> None:
    # given one of ten operations
    async with served.again(RATE="1") as limited:
        # when: a window may end in their midst, and another begin
        refused = await refusals(limited, 21)
        # then
        assert refused
        assert {refusal["code"] for refusal in refused} == {"RATE_LIMITED"}
        assert all(1 <= refusal["retryAfter"] <= WINDOW for refusal in refused)
        assert await refusals(limited, 1, Role.RECEPTIONIST) == []
        async with limited.http.post(
            "/graphql", json={"query": WHO}, headers={"Authorization": f"Bearer {limited.admin}"}
        ) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= WINDOW


async def test_the_budget_holds_over_websockets_too(served: Served) -> None:
    # given
    async with served.again(RATE="1") as limited:
        await refusals(limited, 21)
        # when
        async with limited.operations() as operations:
            [answer] = await operations.all(WHO)
    # then
    assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_two_processes_share_a_budget(served: Served, servers: ServerUrls) -> None:
    # given
    del served
    one, other = [Rates(servers.valkey_url, 10.0) for _ in range(2)]
    # when each asks for as much as there is in all
    taken = [rates for _ in range(100) for rates in (one, other) if not await rates.wait("x")]
    # then: a window may have ended in their midst
    assert len(taken) in (100, 200)
    assert {one, other} == set(taken)
    await one.close()
    await other.close()


async def test_nobody_is_refused_because_valkey_is_away() -> None:
    # given
    rates = Rates("redis://127.0.0.1:1/0", 1.0)
    # when
    waits = [await rates.wait("x") for _ in range(10)]
    # then
    assert waits == [0.0] * 10
    assert await rates.wait("x") > 0 or await rates.wait("x") == 0
    await rates.close()


async def test_the_budget_is_kept_under_no_name_or_token(
    served: Served, servers: ServerUrls
) -> None:
    # when
    await served.ask(WHO)
    async with Redis.from_url(servers.valkey_url, decode_responses=True) as valkey:
        keys = [key async for key in valkey.scan_iter("recalls:operations:*")]
    # then
    assert len(keys) == 1
    assert keys[0].startswith(f"recalls:operations:access_tokens:{served.practice.id}:")
