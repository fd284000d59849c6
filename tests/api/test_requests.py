"""Tests of requests whose body, document or variables can't be read."""

import json
from typing import Any

import pytest

from tests.support.operations import RECALLS
from tests.support.served import Served

SUBSCRIPTION = 'subscription { runProgress(runId: "Run:1") { id } }'

BODIES = [
    b"",
    b"{",
    b"\xff",
    b"null",
    b"5",
    b'"x"',
    b"[]",
    b"{}",
    b"[" * 100_000,
    b'{"query": 5}',
    b'{"query": ""}',
    b'{"query": "{ viewer { name } }", "variables": []}',
    b'{"query": "query A { viewer { name } }", "operationName": "B"}',
    json.dumps({"query": SUBSCRIPTION}).encode(),
]
DOCUMENTS = [
    ("{ viewer {", "Syntax Error"),
    ("{ viewer { name } \ud800 }", "Syntax Error"),
    ("{ viewer { nope } }", "nope"),
    ("{ recalls(tab: NOPE) { totalCount } }", "NOPE"),
    ("{ recalls(first: 99999999999) { totalCount } }", "Int"),
    ('{ recalls(filter: { dueFrom: "soon" }) { totalCount } }', "Date"),
    ("{ node { id } }", "id"),
    ("mutation { blockMobile(input: {}) { __typename } }", "mobile"),
]
VARIABLES: list[tuple[str, Any]] = [
    ("first", "ten"),
    ("first", 1.5),
    ("first", 2**31),
    ("after", 5),
    ("tab", "NOPE"),
    ("tab", "\ud800"),
    ("filter", {"nope": 1}),
    ("filter", {"dueFrom": "\ud800"}),
    ("filter", {"dueFrom": 5}),
    ("filter", {"dueTo": "2026-02-30"}),
    ("filter", {"blocked": "yes"}),
    ("filter", {"reasons": ["NOPE"]}),
    ("filter", {"categoryIds": [None]}),
]


async def post(served: Served, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {served.admin}", "Content-Type": kind}
    async with served.http.post("/graphql", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_body_without_an_operation_is_refused(served: Served) -> None:
    for body in BODIES:
        # when
        status, content = await post(served, body)
        # then
        assert status == 400
        assert [error["extensions"]["code"] for error in content["errors"]] == ["BAD_USER_INPUT"]


async def test_a_body_that_is_not_json_is_refused(served: Served) -> None:
    # when
    status, content = await post(served, b"query=x", "application/x-www-form-urlencoded")
    # then
    assert status == 415
    assert content["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("Authorization", "Bearer nobody's"),
        ("Content-Type", "text/plain"),
        ("Accept", "text/html"),
        ("Accept", "text/event-stream"),
    ],
)
async def test_of_a_header_that_is_sent_twice_the_first_counts(
    served: Served, name: str, second: str
) -> None:
    # given
    headers = {
        "Authorization": f"Bearer {served.admin}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    twice = [*headers.items(), (name, second)]
    # when
    async with served.http.post(
        "/graphql", data=b'{"query": "{ __typename }"}', headers=twice
    ) as answer:
        # then
        assert await answer.json() == {"data": {"__typename": "Query"}}


async def test_a_document_that_cant_be_run_is_refused(served: Served) -> None:
    for document, named in DOCUMENTS:
        # when
        errors = await served.errors(document)
        # then
        assert [code for code, _ in errors] == ["BAD_USER_INPUT"]
        assert named in errors[0][1]


async def test_a_variable_of_the_wrong_type_is_refused(served: Served) -> None:
    for name, value in VARIABLES:
        # when
        errors = await served.errors(RECALLS, {name: value})
        # then
        assert [code for code, _ in errors] == ["BAD_USER_INPUT"]
        assert f"${name}" in errors[0][1]


async def test_a_document_that_cant_be_run_is_refused_over_a_websocket(served: Served) -> None:
    # when
    async with served.operations() as operations:
        [answer] = await operations.all("subscription { nope }")
    # then
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("run_id", ["Recall:1", "x", "Run:1"])
async def test_the_progress_of_an_unknown_run_is_refused(served: Served, run_id: str) -> None:
    # given
    document = "subscription ($id: ID!) { runProgress(runId: $id) { id } }"
    # when
    async with served.operations() as operations:
        [answer] = await operations.all(document, {"id": run_id})
    # then
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("runId is not ")


async def test_introspection_doesnt_call_a_list_a_one_of_input(served: Served) -> None:
    # when
    answer = await served.ask(
        '{ __type(name: "Query") { fields { type { isOneOf ofType { isOneOf } } } } }'
    )
    # then
    assert "errors" not in answer
    assert "true" not in json.dumps(answer)
