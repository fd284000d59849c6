"""Tests of who gets in, and who may do what."""

import json
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    build_schema,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.type import GraphQLField
from graphql.type.definition import get_named_type
from websockets.exceptions import ConnectionClosed

from db.tokens import Role, create_token, list_tokens, revoke_token
from schema.snapshot import SNAPSHOT
from tests.operations import OPERATIONS
from tests.served import Served

SCHEMA = build_schema(SNAPSHOT.read_text())
EXAMPLES = {"ID": '"Recall:1"', "String": '"x"', "Int": "1", "Boolean": "true"}
SYNCS = {"syncPatients", "syncRecalls"}


def literal(kind: Any) -> str:
    """Give the least that the type takes."""
    match kind:
        case GraphQLNonNull():
            return literal(kind.of_type)
        case GraphQLList():
            return f"[{literal(kind.of_type)}]"
        case GraphQLEnumType():
            return str(next(iter(kind.values)))
        case GraphQLInputObjectType():
            required = {k: f for k, f in kind.fields.items() if is_required_input_field(f)}
            return f"{{{' '.join(f'{name}: {literal(f.type)}' for name, f in required.items())}}}"
        case GraphQLScalarType():
            return EXAMPLES.get(kind.name, '"2026-11-23"')
    raise AssertionError(kind)


def minimal(operation: str, name: str, field: GraphQLField) -> str:
    """Give the smallest operation that asks for the field."""
    required = {n: a for n, a in field.args.items() if is_required_argument(a)}
    given = ", ".join(f"{n}: {literal(a.type)}" for n, a in required.items())
    selection = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{operation} {{ {name}{f'({given})' if given else ''}{selection} }}"


def root_fields(*operations: str) -> dict[str, str]:
    """Give a minimal operation for each root field."""
    types = {
        "query": SCHEMA.query_type,
        "mutation": SCHEMA.mutation_type,
        "subscription": SCHEMA.subscription_type,
    }
    found = {}
    for operation in operations:
        kind = types[operation]
        assert kind is not None
        for name, field in kind.fields.items():
            found[name] = minimal(operation, name, field)
    return found


FOR_STAFF = {
    name: document
    for name, document in root_fields("query", "mutation").items()
    if name not in SYNCS
}


async def refusal(served: Served, headers: dict[str, str]) -> tuple[int, str]:
    """Give the status and the code that a query is answered with."""
    body = {"query": OPERATIONS["viewer"]}
    async with served.http.post("/graphql", json=body, headers=headers) as answer:
        content = await answer.json()
        assert content["data"] is None
        return answer.status, content["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "authorization",
    ["", "{token}", "Basic {token}", "Bearer", "Bearer x", "Bearer {token}x", "Token {token}"],
)
async def test_who_shows_no_token_of_ours_is_unauthenticated(
    served: Served, authorization: str
) -> None:
    # given
    headers = {"Authorization": authorization.format(token=served.admin)}
    # when
    answer = await refusal(served, headers)
    # then
    assert answer == (401, "UNAUTHENTICATED")


async def test_a_token_of_another_practices_number_is_unauthenticated(served: Served) -> None:
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
async def test_a_websocket_without_a_token_of_ours_is_closed(served: Served, payload: Any) -> None:
    # when
    async with served.socket(payload) as opened:
        with pytest.raises(ConnectionClosed) as closed:
            await opened.recv()
    # then: 4400 is the protocol's word for parameters that are no object
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


async def test_a_websocket_is_closed_at_the_operation_after_its_token_was_revoked(
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


async def test_a_connector_is_forbidden_all_but_the_syncs(served: Served) -> None:
    # when
    codes = {
        name: [code for code, _ in await served.errors(document, token=connector(served))]
        for name, document in FOR_STAFF.items()
    }
    # then
    assert codes == {name: ["FORBIDDEN"] for name in FOR_STAFF}


@pytest.mark.parametrize("document", root_fields("subscription").values())
async def test_a_connector_is_forbidden_the_subscription(served: Served, document: str) -> None:
    # when
    async with served.operations(connector(served)) as operations:
        [answer] = await operations.all(document)
    # then
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("name", sorted(SYNCS))
async def test_a_receptionist_may_not_sync(served: Served, name: str) -> None:
    # when
    errors = await served.errors(
        root_fields("mutation")[name], token=served.tokens[Role.RECEPTIONIST]
    )
    # then
    assert [code for code, _ in errors] == ["FORBIDDEN"]


async def test_a_receptionist_may_do_what_staff_do(served: Served) -> None:
    # given
    token = served.tokens[Role.RECEPTIONIST]
    # when
    codes = [
        code
        for document in FOR_STAFF.values()
        for code, _ in await served.errors(document, token=token)
    ]
    # then: what the least arguments mean may be refused, the receptionist is not
    assert "FORBIDDEN" not in codes
    assert "INTERNAL_SERVER_ERROR" not in codes


@pytest.mark.parametrize("role", Role)
async def test_a_viewer_sees_their_own_name_and_role(served: Served, role: Role) -> None:
    # given
    token = await create_token(served.practice.pool, served.practice.id, "Dr Lee", role)
    # when
    answer = await served.ask("{ viewer { name role } }", token=token)
    # then
    seen = None if role is Role.CONNECTOR else {"viewer": {"name": "Dr Lee", "role": role.value}}
    assert answer["data"] == seen


def connector(served: Served) -> str:
    return served.tokens[Role.CONNECTOR]
