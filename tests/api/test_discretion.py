"""Tests that a bug reveals nothing to clients, and that no patient gets into a log."""

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from db.types import Pool
from tests.support.operations import AUTOMATE, BLOCK, OPERATIONS, RECALLS, SEND
from tests.support.practice import a_mobile
from tests.support.served import Served
from tests.support.simulated import until

MASKED = "Something went wrong on our side. It was logged; please try again."
NAME, SURNAME = "Zebedee", "Quillfeather"


@asynccontextmanager
async def changed(pool: Pool, change: str, back: str) -> AsyncIterator[None]:
    """Change the tables, and change them back."""
    await pool.execute(change)
    try:
        yield
    finally:
        await pool.execute(back)


def missing(pool: Pool, table: str) -> AbstractAsyncContextManager[None]:
    """Rename the table away, and back afterwards."""
    away = f"alter table {table} rename to {table}_away"
    return changed(pool, away, f"alter table {table}_away rename to {table}")


def forbidden(pool: Pool, state: str) -> AbstractAsyncContextManager[None]:
    """Have PostgreSQL refuse attempts in the state, with an error that quotes the row."""
    add = f"alter table contact_attempts add constraint broken check (state <> '{state}') not valid"
    return changed(pool, add, "alter table contact_attempts drop constraint broken")


async def test_a_bug_in_a_query_is_masked(served: Served) -> None:
    # when
    async with missing(served.practice.pool, "blocked_communications"):
        errors = await served.errors(OPERATIONS["blockedCommunications"])
    # then
    assert errors == [("INTERNAL_SERVER_ERROR", MASKED)]


async def test_a_bug_in_a_mutation_is_masked(served: Served) -> None:
    # when
    async with missing(served.practice.pool, "practices"):
        answer = await served.ask(BLOCK, {"input": {"mobile": "0491570006"}})
    # then
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["message"] == MASKED
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}


async def test_a_bug_in_a_subscription_is_masked(served: Served) -> None:
    # given
    async with served.operations() as operations, missing(served.practice.pool, "runs"):
        # when
        [answer] = await operations.all(OPERATIONS["runProgress"], {"id": "Run:1"})
    # then
    [error] = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (MASKED, "INTERNAL_SERVER_ERROR")


async def test_a_bug_outside_graphql_reveals_nothing(served: Served) -> None:
    # when even the token can't be looked up
    async with (
        missing(served.practice.pool, "access_tokens"),
        served.http.post("/graphql", headers={"Authorization": f"Bearer {served.admin}"}) as answer,
    ):
        content = await answer.json()
    # then
    error = {"message": MASKED, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    assert (answer.status, content) == (500, {"data": None, "errors": [error]})


async def test_the_log_of_a_bug_says_what_failed_and_where(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    recall = await served.practice.recall()
    given = {"recallId": f"Recall:{recall}", "kind": "PHONE"}
    # when
    async with forbidden(served.practice.pool, "DONE"):
        errors = await served.errors(OPERATIONS["recordContactAttempt"], {"input": given})
    # then
    assert errors == [("INTERNAL_SERVER_ERROR", MASKED)]
    [record] = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "CheckViolationError, SQLSTATE 23514, constraint broken" in record.getMessage()
    assert "record_contact" in record.getMessage()


@pytest.fixture
async def mobile(served: Served) -> str:
    """The number of a patient with an unusual name and two recalls."""
    mobile = a_mobile()
    facts = {"first_name": NAME, "last_name": SURNAME, "mobile": mobile}
    patient = await served.practice.patient("zq", **facts)
    for pms_id, reason in (("r1", "Skin check"), ("r2", "SKIN CHECK")):
        await served.practice.recall(patient, pms_id=pms_id, reason=reason)
    return mobile


def assert_tells_nobody(log: str, mobile: str) -> None:
    assert log
    for secret in (NAME, SURNAME, mobile, mobile.removeprefix("+61")):
        assert secret not in log


async def test_no_patient_gets_into_the_log_of_ordinary_work(
    served: Served, mobile: str, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    caplog.set_level(logging.INFO)
    wrong = f"{mobile}0000"
    row = {"pmsId": "zq", "firstName": NAME, "lastName": SURNAME, "mobile": wrong}
    # when each kind of work touches the patient
    recalls = (await served.query(RECALLS, {"filter": {"search": SURNAME}}))["nodes"]
    await served.call(SEND, recallIds=[recalls[0]["id"]], idempotencyKey="a")
    await served.call(AUTOMATE, idempotencyKey="b")
    await served.work()
    await served.call(BLOCK, mobile=mobile, blockedRecalls=True, note=f"{NAME} asked")
    await served.call(BLOCK, mobile=wrong)
    await served.query(OPERATIONS["syncPatients"], {"input": [row, row]})
    await served.query(OPERATIONS["syncPatients"], {"input": [row]})
    await served.receipt("1.x", MessageSid="SM1", MessageStatus="sent", To=mobile)
    await served.receipt("1.x", "wrong", MessageSid="SM1", MessageStatus="sent", To=mobile)
    # then
    assert len(await served.got(mobile)) == 2
    assert_tells_nobody(caplog.text, mobile)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("QUEUED", ["constraint broken", "send_recalls"]),
        ("SENDING", ["a chunk of run 1 is put off: SQLSTATE 23514"]),
        ("DELIVERED", ["constraint broken", "record_receipt"]),
    ],
)
async def test_no_patient_gets_into_the_log_of_a_bug(
    served: Served, mobile: str, state: str, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    # given PostgreSQL's refusal, which quotes the patient's row
    caplog.set_level(logging.INFO)
    recalls = (await served.query(RECALLS))["nodes"]

    async def logged() -> bool:
        return all(text in caplog.text for text in told)

    # when it happens in the API, in the worker and in a receipt
    async with forbidden(served.practice.pool, state):
        await served.ask(SEND, {"input": {"recallIds": [recalls[0]["id"]], "idempotencyKey": "a"}})
        await served.work()
        await until(logged)
    # then
    assert_tells_nobody(caplog.text, mobile)
