"""Tests of GraphQL over HTTP against its specification: graphql-http's audits, and the rest."""

import asyncio
import itertools
import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.served import Served

ROOT = Path(__file__).parents[2]
AUDITS = Path(__file__).parent / "http_spec" / "audits.mjs"
INSTALLED = ROOT / "portal" / "node_modules" / "graphql-http"
GRAPHQL_JSON = "application/graphql-response+json"
COMPILED = "{ recalls { totalCount } }"
CHANGE = """mutation {
  blockMobile(input: { mobile: "0491 570 006", blockedRecalls: true }) { __typename }
}"""
WRONG = "{ nope }"
NOT_OURS = [
    "text/html",
    "multipart/mixed;subscriptionSpec=1.0",
    "application/json;q=0",
    "application/json;q=x",
    "text/*",
]
ACCEPTED = [
    ("application/json", "application/json"),
    ("*/*", "application/json"),
    ("", "application/json"),
    ("application/*", "application/json"),
    (GRAPHQL_JSON, GRAPHQL_JSON),
    (f"{GRAPHQL_JSON}; charset=utf-8", GRAPHQL_JSON),
    (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON),
    (f"application/json;q=0.5, {GRAPHQL_JSON};q=0.8", GRAPHQL_JSON),
    (f"{GRAPHQL_JSON};q=0, */*", "application/json"),
    (f"{GRAPHQL_JSON}, */*", GRAPHQL_JSON),
    ("application/json, multipart/mixed", "application/json"),
    (f"application/json, {GRAPHQL_JSON}, text/event-stream", "application/json"),
]
OTHER_BODIES = [
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "application/json; charset=utf-16",
    "",
]


@pytest.mark.skipif(
    not INSTALLED.exists(), reason="graphql-http is missing: run 'make portal/dist/index.html'"
)
async def test_every_audit_of_graphql_http_is_ok(served: Served) -> None:
    # given the Node.js that builds the portal
    node = await asyncio.create_subprocess_exec(
        *(ROOT / "portal" / "npm", "exec", "--", "node", AUDITS, f"{served.url}/graphql"),
        env=os.environ | {"TOKEN": served.admin},
        stdout=asyncio.subprocess.PIPE,
    )
    # when
    printed, _ = await node.communicate()
    # then
    found = json.loads(printed)
    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == len({audit["id"] for audit in found}) == 61


async def ask(served: Served, method: str = "POST", **request: Any) -> tuple[Any, Any]:
    """Send a request, by default a POST, with the admin's token; return the answer and its JSON."""
    headers = {"Authorization": f"Bearer {served.admin}"} | request.pop("headers", {})
    async with served.http.request(method, "/graphql", headers=headers, **request) as answer:
        return answer, json.loads(await answer.read() or b"null")


async def test_an_answer_is_written_as_the_client_wants_it(served: Served) -> None:
    for (accept, given), document in itertools.product(ACCEPTED, (COMPILED, WRONG)):
        # when
        answer, content = await ask(served, json={"query": document}, headers={"Accept": accept})
        # then
        assert answer.headers["Content-Type"] == given, accept
        refused = document == WRONG and given == GRAPHQL_JSON
        assert answer.status == (400 if refused else 200)
        assert ("data" in content) is not refused


async def test_a_client_that_accepts_none_of_our_media_types_is_told(served: Served) -> None:
    for accept in NOT_OURS:
        # when
        answer, content = await ask(served, json={"query": COMPILED}, headers={"Accept": accept})
        # then
        assert answer.status == 406, accept
        assert codes(content) == ["BAD_USER_INPUT"]


async def test_a_body_that_a_form_could_send_is_not_read(served: Served) -> None:
    # given
    body = json.dumps({"query": CHANGE}).encode()
    for kind in OTHER_BODIES:
        # when
        answer, content = await ask(served, data=body, headers={"Content-Type": kind})
        # then
        assert answer.status == 415, kind
        assert codes(content) == ["BAD_USER_INPUT"]
        await assert_unchanged(served)


async def test_a_file_upload_is_refused(served: Served) -> None:
    # given what an uploading client sends
    form = aiohttp.FormData()
    form.add_field("operations", json.dumps({"query": CHANGE}))
    form.add_field("map", "{}")
    form.add_field("0", b"file", filename="file")
    # when
    answer, _ = await ask(served, data=form)
    # then
    assert answer.status == 415
    await assert_unchanged(served)


async def test_a_body_in_utf_8_is_read(served: Served) -> None:
    # given
    body = json.dumps({"query": '{ __type(name: "Zoë 🏊") { name } }'}, ensure_ascii=False)
    for charset in ("UTF-8", '"utf-8"'):
        headers = {"Content-Type": f"application/json; charset={charset}"}
        # when
        answer, content = await ask(served, data=body.encode(), headers=headers)
        # then
        assert (answer.status, content) == (200, {"data": {"__type": None}})


async def test_a_body_in_another_encoding_is_not_read(served: Served) -> None:
    for encoding in ("utf-16", "utf-32", "latin-1"):
        # given
        body = json.dumps({"query": '{ __type(name: "Zoë") { name } }'}, ensure_ascii=False)
        headers = {"Content-Type": "application/json"}
        # when
        answer, content = await ask(served, data=body.encode(encoding), headers=headers)
        # then
        assert answer.status == 400
        assert codes(content) == ["BAD_USER_INPUT"]


async def test_other_methods_are_refused(served: Served) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        # when
        answer, _ = await ask(served, method, json={"query": CHANGE})
        # then
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
        await assert_unchanged(served)


async def test_a_query_is_answered_by_get(served: Served) -> None:
    # given
    document = "query Named($first: Int) { recalls(first: $first) { totalCount } }"
    parameters = {"query": document, "variables": '{"first": 1}', "operationName": "Named"}
    # when
    answer, content = await ask(served, "GET", params=parameters)
    # then
    assert (answer.status, content) == (200, {"data": {"recalls": {"totalCount": 0}}})


async def test_nothing_is_changed_by_get(served: Served) -> None:
    for accept in ("application/json", GRAPHQL_JSON):
        # when
        headers = {"Accept": accept}
        answer, content = await ask(served, "GET", params={"query": CHANGE}, headers=headers)
        # then
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
        assert codes(content) == ["BAD_USER_INPUT"]
        await assert_unchanged(served)


async def test_several_operations_in_one_request_are_refused(served: Served) -> None:
    # when
    answer, content = await ask(served, json=[{"query": CHANGE}, {"query": CHANGE}])
    # then
    assert answer.status == 400
    assert codes(content) == ["BAD_USER_INPUT"]
    await assert_unchanged(served)


async def test_a_subscriber_without_a_stream_is_told_how_to_get_one(served: Served) -> None:
    # when
    document = 'subscription { runProgress(runId: "Run:1") { id } }'
    answer, content = await ask(served, json={"query": document})
    # then
    assert answer.status == 400
    assert codes(content) == ["BAD_USER_INPUT"]
    assert "text/event-stream" in content["errors"][0]["message"]


async def test_a_client_without_a_token_is_told_nothing_else(served: Served) -> None:
    accepts = ("application/json", "text/event-stream", "image/png", "*/*")
    for method, accept in itertools.product(("GET", "POST", "PUT"), accepts):
        # given
        headers = {"Authorization": "", "Accept": accept, "Content-Type": "text/plain"}
        request = {"params": {"query": CHANGE}, "data": b"x", "headers": headers}
        # when
        answer, content = await ask(served, method, **request)
        # then
        assert (answer.status, codes(content)) == (401, ["UNAUTHENTICATED"])
        await assert_unchanged(served)


def codes(content: Any) -> list[str]:
    return [error["extensions"]["code"] for error in content["errors"]]


async def assert_unchanged(served: Served) -> None:
    assert not await served.practice.pool.fetchval("select count(*) from blocked_communications")
