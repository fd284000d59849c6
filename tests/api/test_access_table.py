"""Tests of who may ask for what: the whole schema and each role, against a hand-written table."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.type import GraphQLField
from graphql.type.definition import get_named_type
from strawberry.permission import PermissionExtension

from core.identity import Role
from schema.build import Policy, make
from schema.snapshot import SNAPSHOT
from schema.strawberry_patches import graphql_schema
from tests.support.served import Served

schema, queries = make(Policy())
SCHEMA = build_schema(SNAPSHOT.read_text())
EXAMPLES = {"ID": '"Recall:1"', "String": '"x"', "Int": "1", "Boolean": "true"}
ADMIN, RECEPTIONIST, CONNECTOR = Role.ADMIN, Role.RECEPTIONIST, Role.CONNECTOR
STAFF = {ADMIN, RECEPTIONIST}
MAY = {
    "node": STAFF,
    "viewer": STAFF,
    "practice": STAFF,
    "recalls": STAFF,
    "recallCounts": STAFF,
    "categories": STAFF,
    "blockedCommunications": STAFF,
    "runs": STAFF,
    "automatedRunPreview": STAFF,
    "sendPreview": STAFF,
    "templatePreview": STAFF,
    "checkMobile": STAFF,
    "accessTokens": {ADMIN},
    "people": {ADMIN},
    "sessions": STAFF,
    "auditEvents": {ADMIN},
    "peopleShown": {ADMIN},
    "blockMobile": STAFF,
    "setBlockedRecalls": STAFF,
    "removeBlockedMobile": STAFF,
    "recordConsentChecks": STAFF,
    "removeConsentChecks": STAFF,
    "sendRecalls": STAFF,
    "startAutomatedRun": STAFF,
    "stopRun": STAFF,
    "recordContactAttempt": STAFF,
    "recordContactAttempts": STAFF,
    "undoContactAttempts": STAFF,
    "reopenRecalls": STAFF,
    "markNoFurtherAction": STAFF,
    "saveCategory": {ADMIN},
    "savePreferences": {ADMIN},
    "createToken": {ADMIN},
    "revokeToken": {ADMIN},
    "revokePerson": {ADMIN},
    "restorePerson": {ADMIN},
    "startSession": STAFF,
    "endSession": STAFF,
    "syncPatients": {ADMIN, CONNECTOR},
    "syncRecalls": {ADMIN, CONNECTOR},
    "runProgress": STAFF,
    "changes": STAFF,
}
"""The roles allowed each root field; others get FORBIDDEN, and without a token nobody gets in."""
MAY_FIND = {
    "Recall": STAFF,
    "Patient": STAFF,
    "Category": STAFF,
    "ContactAttempt": STAFF,
    "BlockedCommunication": STAFF,
    "Run": STAFF,
    "Practice": STAFF,
    "AccessToken": {ADMIN},
}
"""The roles that may find an object of each type by its id, through ``node``."""


def literal(kind: Any) -> str:
    """Return the smallest literal that the type accepts."""
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
    """Return the smallest operation that asks for the field."""
    required = {n: a for n, a in field.args.items() if is_required_argument(a)}
    given = ", ".join(f"{n}: {literal(a.type)}" for n, a in required.items())
    selection = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{operation} {{ {name}{f'({given})' if given else ''}{selection} }}"


def root_fields(*operations: str) -> dict[str, str]:
    """Return a minimal operation for each root field, by the field's name."""
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


ROOT_FIELDS = root_fields("query", "mutation")


def test_every_root_field_is_in_the_table() -> None:
    # when / then
    assert set(root_fields("query", "mutation", "subscription")) == set(MAY)


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_do_what_the_table_says(served: Served, role: Role) -> None:
    # when
    found = {
        name: [code for code, _ in await served.errors(document, token=served.tokens[role])]
        for name, document in ROOT_FIELDS.items()
    }
    # then: minimal arguments may be refused for other reasons, too
    refused = {name for name, codes in found.items() if codes == ["FORBIDDEN"]}
    assert refused == {name for name in ROOT_FIELDS if role not in MAY[name]}
    assert not any("INTERNAL_SERVER_ERROR" in codes for codes in found.values())


@pytest.mark.parametrize("role", Role)
async def test_an_uncompiled_query_is_no_way_round_the_table(served: Served, role: Role) -> None:
    # given: operations that ask for the schema are never compiled
    documents = {
        name: document[:-1] + '__type(name: "Role") { name } }'
        for name, document in root_fields("query").items()
    }
    context: Any = None  # only a compiled operation would use it
    for document in documents.values():
        assert await queries.answer(document, None, None, context) is None
    # when
    found = {
        name: [code for code, _ in await served.errors(document, token=served.tokens[role])]
        for name, document in documents.items()
    }
    # then
    refused = {name for name, codes in found.items() if codes == ["FORBIDDEN"]}
    assert refused == {name for name in documents if role not in MAY[name]}


def test_every_type_that_an_id_finds_is_in_the_table() -> None:
    # when
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    # then
    assert {kind.name for kind in SCHEMA.get_possible_types(node)} == set(MAY_FIND)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("beside", ["", '__type(name: "Role") { name }'], ids=["compiled", "not"])
async def test_a_role_may_find_what_the_table_says(served: Served, role: Role, beside: str) -> None:
    for name, may in MAY_FIND.items():
        # when
        document = f'{{ node(id: "{name}:1") {{ id }} {beside} }}'
        errors = await served.errors(document, token=served.tokens[role])
        # then
        assert [code for code, _ in errors] == ([] if role in may else ["FORBIDDEN"]), name


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_watch_what_the_table_says(served: Served, role: Role) -> None:
    for name, document in root_fields("subscription").items():
        # when
        async with served.operations(served.tokens[role]) as operations:
            answer = await anext(operations.run(document))
        # then
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert (codes == ["FORBIDDEN"]) == (role not in MAY[name])


@pytest.mark.parametrize("role", Role)
async def test_a_websocket_is_no_way_round_the_table(served: Served, role: Role) -> None:
    # when
    found = {}
    async with served.operations(served.tokens[role]) as operations:
        for name, document in ROOT_FIELDS.items():
            [answer] = await operations.all(document)
            found[name] = [e["extensions"]["code"] for e in answer.get("errors", ())]
    # then
    refused = {name for name, codes in found.items() if codes == ["FORBIDDEN"]}
    assert refused == {name for name in ROOT_FIELDS if role not in MAY[name]}


async def test_a_field_beside_an_allowed_one_is_no_way_round_the_table(served: Served) -> None:
    # when
    errors = await served.errors(
        "{ practice { name } accessTokens { name } }", token=served.tokens[RECEPTIONIST]
    )
    aliased = await served.errors(
        "query { ...F } fragment F on Query { x: auditEvents { totalCount } }",
        token=served.tokens[RECEPTIONIST],
    )
    # then
    assert [code for code, _ in errors] == ["FORBIDDEN"]
    assert [code for code, _ in aliased] == ["FORBIDDEN"]


@pytest.mark.parametrize("document", ROOT_FIELDS.values(), ids=ROOT_FIELDS)
async def test_nobody_gets_anything_without_a_token(served: Served, document: str) -> None:
    # when
    async with served.http.post("/graphql", json={"query": document}) as answer:
        content = await answer.json()
    # then
    assert answer.status == 401
    assert content["data"] is None
    assert [e["extensions"]["code"] for e in content["errors"]] == ["UNAUTHENTICATED"]


def test_the_schema_says_who_may_ask_for_each_root_field() -> None:
    # when
    shown = {
        name: {Role(role) for role in re.findall("[A-Z]+", roles)}
        for name, roles in re.findall(
            r"^  (\w+)[(:].*@allowed\(roles: \[(.*?)\]\)$", SNAPSHOT.read_text(), re.MULTILINE
        )
    }
    # then
    assert shown == MAY


def test_only_root_fields_have_guards_so_nothing_below_one_asks_for_more() -> None:
    # when
    roots = {"Query", "Mutation", "Subscription"}
    guarded = {
        kind.name
        for kind in graphql_schema(schema).type_map.values()
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__")
        for field in kind.fields.values()
        for extension in field.extensions["strawberry-definition"].extensions
        if isinstance(extension, PermissionExtension)
    }
    # then
    assert guarded == roots
