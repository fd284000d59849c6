"""Tests of who gets in and who may do what."""

import json
from typing import Any

import pytest
from graphql import (
    build_schema,
)
from websockets.exceptions import ConnectionClosed

from core.identity import Role
from db.tokens import create_token, list_tokens, revoke_token
from schema.snapshot import SNAPSHOT
from tests.support.operations import OPERATIONS
from tests.support.served import Served

SCHEMA = build_schema(SNAPSHOT.read_text())
EXAMPLES = {"ID": '"Recall:1"', "String": '"x"', "Int": "1", "Boolean": "true"}
SYNCS = {"syncPatients", "syncRecalls"}


async def refusal(served: Served, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status and the error code that a query is answered with."""
    body = {"query": OPERATIONS["viewer"]}
    async with served.http.post("/graphql", json=body, headers=headers) as answer:
        content = await answer.json()
        assert content["data"] is None
        return answer.status, content["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "authorization",
    ["", "{token}", "Basic {token}", "Bearer", "Bearer x", "Bearer {token}x", "Token {token}"],
)
async def test_a_client_without_a_valid_token_is_unauthenticated(
    served: Served, authorization: str
) -> None:
    # given
    headers = {"Authorization": authorization.format(token=served.admin)}
    # when
    answer = await refusal(served, headers)
    # then
    assert answer == (401, "UNAUTHENTICATED")


async def test_a_token_with_another_practices_number_is_unauthenticated(served: Served) -> None:
    # given
    prefix, practice, secret = served.admin.split("_", 2)
    forged = f"{prefix}_{int(practice) + 1}_{secret}"
    # when
    answer = await refusal(served, {"Authorization": f"Bearer {forged}"})
    # then
    assert answer == (401, "UNAUTHENTICATED")


async def revoke_all(served: Served) -> None:
    pool, practice = served.practice.pool, served.practice.id
    for token in await list_tokens(pool, practice):
        await revoke_token(pool, practice, token["id"])


async def test_a_revoked_token_is_unauthenticated(served: Served) -> None:
    # given
    await revoke_all(served)
    # when
    answer = await refusal(served, {"Authorization": f"Bearer {served.admin}"})
    # then
    assert answer == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    "payload",
    [{}, None, {"authorization": None}, {"authorization": 5}, {"authorization": "Bearer x"}, "x"],
)
async def test_a_websocket_without_a_valid_token_is_closed(served: Served, payload: Any) -> None:
    # when
    async with served.socket(payload) as opened:
        with pytest.raises(ConnectionClosed) as closed:
            await opened.recv()
    # then: 4400 is the protocol's code for parameters that aren't an object
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == (4403 if isinstance(payload, dict) else 4400)


async def test_an_operation_before_the_token_closes_the_websocket(served: Served) -> None:
    # given
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}
    # when
    async with served.socket({}, greet=False) as opened:
        await opened.send(json.dumps(subscribe))
        with pytest.raises(ConnectionClosed) as closed:
            await opened.recv()
    # then
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_websocket_is_closed_at_the_next_operation_once_its_token_is_revoked(
    served: Served,
) -> None:
    # given
    async with served.operations() as operations:
        [before] = await operations.all(OPERATIONS["viewer"])
        assert before["data"]["viewer"]["name"] == "Admin"
        await revoke_all(served)
        # when
        with pytest.raises(ConnectionClosed) as closed:
            await operations.all(OPERATIONS["viewer"])
    # then
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


@pytest.mark.parametrize("role", Role)
async def test_a_viewer_sees_their_own_name_and_role(served: Served, role: Role) -> None:
    # given
    token = await create_token(served.practice.pool, served.practice.id, "Dr Lee", role)
    # when
    answer = await served.ask("{ viewer { name role } }", token=token)
    # then
    seen = None if role is Role.CONNECTOR else {"viewer": {"name": "Dr Lee", "role": role.value}}
    assert answer["data"] == seen
