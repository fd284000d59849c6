"""Tests of the API's connections to PostgreSQL: who can take them, and how many there are."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core import cost
from core.identity import Role
from db import opt_outs
from db import previews as previews_module
from db import recalls as recalls_module
from db.tokens import create_token
from db.types import Connection, Pool
from tests.support.operations import BLOCK, CHANGES, PREVIEW, RECALLS, SEND
from tests.support.practice import MOBILE, a_mobile, a_practice
from tests.support.served import GATEWAY_TOKEN, Served
from tests.support.simulated import until
from workers.gateway.twilio_signature import sign

SECONDS = 20.0
"""Seconds within which an operation that waits for nobody has answered."""


@asynccontextmanager
async def locked(pool: Pool, statement: str) -> AsyncIterator[None]:
    """Hold what the statement locks."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statement)
        yield


async def waiting(pool: Pool, name: str) -> int:
    """Return how many of the API's connections with that name wait for a lock."""
    return int(
        await pool.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = $1 and wait_event_type = 'Lock'",
            name,
        )
    )


async def healthy(served: Served) -> bool:
    async with served.http.get("/healthz") as answer:
        told = await answer.json()
        return bool(told["database"])


async def said_stop(asked: Served, served: Served) -> None:
    """Post a STOP to a second API, whose settings have the first one's URL."""
    form = {"MessageSid": f"SM{a_mobile()}", "From": a_mobile(), "Body": "STOP"}
    headers = {"X-Twilio-Signature": sign(GATEWAY_TOKEN, f"{served.url}/replies/twilio", form)}
    async with asked.http.post("/replies/twilio", data=form, headers=headers) as answer:
        assert answer.status == 200


async def test_people_who_wait_for_one_practices_lock_hold_nobody_else_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a practice whose steps are locked, and its people, who wait for the lock
    monkeypatch.setattr(cost, "PATIENCE", 60.0)
    pool, neighbour = served.practice.pool, await a_practice(served.practice.pool)
    token = await create_token(pool, neighbour.id, "Neighbour", Role.ADMIN)
    await neighbour.patient()
    recall = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
    async with locked(pool, f"select logic.lock_steps({served.practice.id})"):
        sends = [
            asyncio.create_task(
                served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey=f"{number}")
            )
            for number in range(10)
        ]

        async def all_that_may_wait() -> bool:
            return await waiting(pool, "recalls api") == 2

        await until(all_that_may_wait, SECONDS)
        # when
        async with asyncio.timeout(SECONDS):
            entry = await served.call(BLOCK, mobile=a_mobile(), blockedRecalls=True, token=token)
            status = await served.reply(MOBILE, "STOP")
            health = await healthy(served)
        # then
        assert (entry["blockedRecalls"], status, health) == (True, 200, True)
        assert await waiting(pool, "recalls api") == 2
        assert not any(send.done() for send in sends)
    await asyncio.gather(*sends)


async def test_one_practices_previews_hold_nobody_else_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given previews that each wait
    monkeypatch.setattr(cost, "PATIENCE", 60.0)
    pool, neighbour = served.practice.pool, await a_practice(served.practice.pool)
    token = await create_token(pool, neighbour.id, "Neighbour", Role.ADMIN)
    asked = {"recallIds": [f"Recall:{await served.practice.recall()}"]}
    looking = recalls_module.unknown_recalls

    async def waits(connection: Connection, *asked: Any) -> list[int]:
        await connection.execute("select pg_advisory_xact_lock_shared(1)")
        return await looking(connection, *asked)

    monkeypatch.setattr(previews_module, "unknown_recalls", waits)
    async with locked(pool, "select pg_advisory_xact_lock(1)"):
        previews = [asyncio.create_task(served.query(PREVIEW, asked)) for _ in range(10)]

        async def all_that_may_wait() -> bool:
            return await waiting(pool, "recalls api previews") == 1

        await until(all_that_may_wait, SECONDS)
        # when
        async with asyncio.timeout(SECONDS):
            entry = await served.call(BLOCK, mobile=a_mobile(), blockedRecalls=True, token=token)
            status = await served.reply(a_mobile(), "STOP")
            health = await healthy(served)
        # then
        assert (entry["blockedRecalls"], status, health) == (True, 200, True)
        assert await waiting(pool, "recalls api previews") == 1
        assert not any(preview.done() for preview in previews)
    await asyncio.gather(*previews)


async def test_a_preview_that_gets_no_turn_in_time_is_told_to_come_back(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 0.1)
    pool = served.practice.pool
    asked = {"recallIds": [f"Recall:{await served.practice.recall()}"]}
    async with locked(pool, "lock table recalls in access exclusive mode"):
        first = asyncio.create_task(served.query(PREVIEW, asked))

        async def first_waits() -> bool:
            return await waiting(pool, "recalls api previews") == 1

        await until(first_waits, SECONDS)
        # when
        answer = await served.ask(PREVIEW, asked)
    # then
    assert [error["extensions"] for error in answer["errors"]] == [
        {"code": "RATE_LIMITED", "retryAfter": 1}
    ]
    await first


async def test_an_export_that_gets_no_turn_in_time_is_told_to_come_back(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(cost, "PATIENCE", 1.0)
    pool, headers = served.practice.pool, {"Authorization": f"Bearer {served.admin}"}
    await served.query("{ viewer { name } }")  # the token is known from now on

    async def export() -> tuple[int, bytes]:
        async with served.http.post("/exports/audit", json={}, headers=headers) as answer:
            return answer.status, await answer.read()

    async with locked(pool, "lock table audit_events in access exclusive mode"):
        # when
        exports = [asyncio.create_task(export()) for _ in range(2)]
        [refused], [waits] = await asyncio.wait(exports, return_when=asyncio.FIRST_COMPLETED)
    # then
    status, content = await refused
    assert status == 429
    assert json.loads(content)["errors"][0]["extensions"] == {
        "code": "RATE_LIMITED",
        "retryAfter": 1,
    }
    assert (await waits)[0] == 200


async def test_stops_that_wait_for_one_practice_dont_hold_up_receipts(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(opt_outs, "PATIENCE", 60.0)
    pool = served.practice.pool
    numbers = [a_mobile() for _ in range(5)]
    for number in numbers:
        await served.practice.patient(mobile=number)
    async with locked(pool, f"select logic.lock_denormalised({served.practice.id})"):
        stops = [asyncio.create_task(served.reply(number, "STOP")) for number in numbers]

        async def all_that_may_wait() -> bool:
            return await waiting(pool, "recalls api gateway") == 2

        await until(all_that_may_wait, SECONDS)
        # when
        neighbour = await a_practice(pool)
        reference = f"{neighbour.id}.{'0' * 8}-0000-0000-0000-{'0' * 12}"
        async with asyncio.timeout(SECONDS):
            status = await served.receipt(reference, MessageSid="SM1", MessageStatus="delivered")
            health = await healthy(served)
        # then
        assert (status, health) == (204, True)
        assert not any(stop.done() for stop in stops)
    assert set(await asyncio.gather(*stops)) == {200}


async def test_the_health_check_answers_in_time_although_no_connection_is_free(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(opt_outs, "PATIENCE", 60.0)
    monkeypatch.setattr("api.health.HEALTH_SECONDS", 0.2)
    pool = served.practice.pool
    async with locked(pool, "lock table opt_outs in access exclusive mode"):
        stops = [asyncio.create_task(served.reply(a_mobile(), "STOP")) for _ in range(5)]

        async def all_wait() -> bool:
            return await waiting(pool, "recalls api gateway") == 3

        await until(all_wait, SECONDS)
        # when
        async with asyncio.timeout(SECONDS):
            healthily = await healthy(served)
        # then
        assert not healthily
    await asyncio.gather(*stops)
    assert await healthy(served)


@pytest.mark.parametrize("connections", [5, 9])
async def test_a_process_holds_as_many_connections_as_the_settings_say_and_no_more(
    served: Served, connections: int
) -> None:
    # given people in two practices
    pool, neighbour = served.practice.pool, await a_practice(served.practice.pool)
    tokens = [served.admin, await create_token(pool, neighbour.id, "Neighbour", Role.ADMIN)]

    async def held() -> int:
        return int(
            await pool.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and (application_name like 'recalls api%'"
                " or application_name = 'recalls change feed')"
            )
        )

    before = await held()
    async with (
        served.again(DATABASE_CONNECTIONS=str(connections)) as other,
        other.operations() as operations,
    ):
        await anext(operations.run(CHANGES))
        await healthy(other)
        # when
        await asyncio.gather(
            *(other.query(RECALLS, {"first": 1}, token=token) for token in tokens * 15),
            *(other.call(BLOCK, mobile=a_mobile(), token=token) for token in tokens * 15),
            *(said_stop(other, served) for _ in range(30)),
        )
        # then
        assert await held() - before == connections
