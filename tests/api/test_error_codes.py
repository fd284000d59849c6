"""Tests that invalid input is answered with one of our codes, and changes nothing."""

import json
from typing import Any

import pytest

from api.http_guard import FORM, SMALL
from core.identity import Role
from db.types import Pool
from tests.support.operations import (
    AUTOMATE,
    BLOCK,
    CLOSE,
    NODE,
    OPERATIONS,
    PREVIEW,
    PROGRESS,
    RECALLS,
    SEND,
    STOP,
    TICK,
)
from tests.support.served import Served

CODES = {
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "BAD_USER_INPUT",
    "OPERATION_TOO_COMPLEX",
    "RATE_LIMITED",
}
BAD = "BAD_USER_INPUT"
WHO = "{ viewer { name } }"
KEY = {"idempotencyKey": ""}
CATEGORY = {"name": "x", "reasons": [], "urgencies": [], "smsTemplate": "x", "automated": False}
RECALL = {"pmsId": "r", "patientPmsId": "p", "reason": "x"}
WRONG: list[tuple[str, dict[str, Any] | None, str]] = [
    # documents
    ("", None, BAD),
    ("{", None, BAD),
    ("query A { viewer { name } } query A { viewer { name } }", None, BAD),
    ("query A { viewer { name } } query B { viewer { name } }", None, BAD),
    ("fragment F on Query { __typename }", None, BAD),
    ("{ viewer { nothing } }", None, BAD),
    ("{ viewer }", None, BAD),
    ("{ viewer { name } viewer: practice { name } }", None, BAD),
    ("query ($x: Nothing) { viewer { name } }", None, BAD),
    ("query ($x: Int!) { recalls(first: $x) { totalCount } }", None, BAD),
    (
        WHO.replace("name", " ".join(f"a{n}: name" for n in range(60))),
        None,
        "OPERATION_TOO_COMPLEX",
    ),
    ("{" * 300, None, BAD),
    ("{ a " * 1500, None, "OPERATION_TOO_COMPLEX"),
    # variables
    (RECALLS, {"first": "x"}, BAD),
    (RECALLS, {"first": 0}, BAD),
    (RECALLS, {"first": 2**40}, BAD),
    (RECALLS, {"after": "x"}, BAD),
    (RECALLS, {"after": "\ud800"}, BAD),
    (RECALLS, {"filter": {"search": "\x00"}}, BAD),
    (RECALLS, {"filter": {"dueFrom": "yesterday"}}, BAD),
    (RECALLS, {"filter": {"categoryIds": ["x"]}}, BAD),
    (NODE, {"id": "x"}, BAD),
    (NODE, {"id": "Patient:99999999999999999999"}, BAD),
    (PROGRESS, {"id": "Run:0"}, BAD),
    (PREVIEW, {"recallIds": []}, BAD),
    (PREVIEW, {"recallIds": ["Recall:1"] * 1001}, BAD),
    (PREVIEW, {"recallIds": ["Run:1"]}, BAD),
    (PREVIEW, {"recallIds": ["Recall:1"], "drafts": -1}, BAD),
    (PREVIEW, {"recallIds": ["Recall:1"], "drafts": 21}, BAD),
    (OPERATIONS["templatePreview"], {"template": "x", "reason": "x" * 501}, BAD),
    (OPERATIONS["templatePreview"], {"template": "x", "reason": "\x00"}, BAD),
    (OPERATIONS["checkMobile"], {"mobile": "0" * 501}, BAD),
    (OPERATIONS["checkMobile"], {"mobile": "\x00"}, BAD),
    (OPERATIONS["auditEvents"], {"filter": {"patientId": "Run:1"}}, BAD),
    (OPERATIONS["auditEvents"], {"filter": {"since": "2026-01-01T00:00:00"}}, BAD),
    # mutations
    (BLOCK, {"input": {"mobile": 5}}, BAD),
    (BLOCK, {"input": {"mobile": "0491570006", "note": "x" * 501}}, BAD),
    (BLOCK, {"input": {"mobile": "0491570006", "note": "\x00"}}, BAD),
    (TICK, {"input": {"mobile": "0491570006"}}, BAD),
    (SEND, {"input": {"recallIds": [], **KEY}}, BAD),
    (SEND, {"input": {"recallIds": ["Recall:1"], **KEY}}, BAD),
    (SEND, {"input": {"recallIds": ["Recall:1"] * 1001, "idempotencyKey": "x"}}, BAD),
    (SEND, {"input": {"recallIds": ["Recall:1"], "idempotencyKey": "x", "holdSeconds": -1}}, BAD),
    (SEND, {"input": {"recallIds": ["Recall:1"], "idempotencyKey": "x", "holdSeconds": 61}}, BAD),
    (STOP, {"input": {"runId": "Recall:1"}}, BAD),
    (AUTOMATE, {"input": {"idempotencyKey": " "}}, BAD),
    (CLOSE, {"input": {"recallIds": ["x"]}}, BAD),
    (OPERATIONS["recordContactAttempt"], {"input": {"recallId": "Recall:1", "kind": "SMS"}}, BAD),
    (OPERATIONS["saveCategory"], {"input": CATEGORY | {"steps": [], "id": "Run:1"}}, BAD),
    (OPERATIONS["revokeToken"], {"input": {"id": "x"}}, BAD),
    (OPERATIONS["revokePerson"], {"input": {"id": "AccessToken:1"}}, BAD),
    (OPERATIONS["restorePerson"], {"input": {"id": "x"}}, BAD),
    (OPERATIONS["endSession"], {"input": {"id": "AccessToken:1"}}, BAD),
    (OPERATIONS["syncPatients"], {"input": [{"pmsId": "p"}]}, BAD),
    (OPERATIONS["syncRecalls"], {"input": [RECALL | {"dueDate": "2026-02-30"}]}, BAD),
    (OPERATIONS["syncRecalls"], {"input": [RECALL | {"dueDate": "2026-02-03"}] * 1001}, BAD),
]


async def everything(pool: Pool) -> dict[str, str]:
    """Return a hash of each table's rows, without tokens' last uses and sign-ins."""
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    await pool.execute("update access_tokens set last_used_at = null, last_used_from = null")
    return {
        name: await pool.fetchval(
            f"select md5(string_agg(t::text, ' ' order by t::text)) from {name} t"  # noqa: S608
            + (" where action <> 'SIGNED_IN'" if name == "audit_events" else "")
        )
        for [name] in tables
    }


def codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer["errors"]}


@pytest.mark.parametrize(("document", "variables", "code"), WRONG)
async def test_invalid_input_is_answered_with_its_code_and_changes_nothing(
    served: Served, document: str, variables: dict[str, Any] | None, code: str
) -> None:
    # given
    await served.practice.recall()
    before = await everything(served.practice.pool)
    # when
    answer = await served.ask(document, variables)
    # then
    assert answer.get("data") is None or None in answer["data"].values()
    assert codes(answer) == {code}
    assert await everything(served.practice.pool) == before


async def test_a_websocket_answers_with_the_same_codes(served: Served) -> None:
    # given
    async with served.operations() as operations:
        for document, variables, code in WRONG:
            if not document:
                continue  # not an operation: it ends the connection
            # when
            [answer] = await operations.all(document, variables)
            # then
            assert codes(answer) == {code}, document


@pytest.mark.parametrize("path", ["/graphql", "/exports/audit"])
async def test_an_invalid_request_is_answered_with_its_code(served: Served, path: str) -> None:
    # given
    admin = {"Authorization": f"Bearer {served.admin}", "Content-Type": "application/json"}
    desk = admin | {"Authorization": f"Bearer {served.tokens[Role.RECEPTIONIST]}"}
    connector = admin | {"Authorization": f"Bearer {served.tokens[Role.CONNECTOR]}"}
    audit = json.dumps({"query": OPERATIONS["auditEvents"]})
    large = FORM if path == "/exports/audit" else SMALL
    for headers, body, code in (
        ({}, WHO, "UNAUTHENTICATED"),
        (admin | {"Authorization": "Bearer x"}, WHO, "UNAUTHENTICATED"),
        (admin | {"Authorization": "Basic x"}, WHO, "UNAUTHENTICATED"),
        (desk, audit, "FORBIDDEN"),
        (connector, audit, "FORBIDDEN"),
        (admin, "{", BAD),
        (admin, "[]", BAD),
        (admin, "5", BAD),
        (admin, "\xff", BAD),
        (admin, '{"query": 5}', BAD),
        (admin, '{"query": "{ viewer { name } }", "variables": 5}', BAD),
        (admin, '{"query": "' + "x" * (large + 1) + '"}', BAD),
    ):
        # when
        async with served.http.post(path, data=body.encode("latin-1"), headers=headers) as answer:
            content = await answer.json(content_type=None)
        # then
        assert codes(content) == {code}, body[:80]
        assert answer.status < 500


def test_every_code_that_is_expected_is_one_of_ours() -> None:
    assert {code for _, _, code in WRONG} <= CODES
