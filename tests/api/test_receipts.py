"""Tests of the gateway's delivery receipts: which are believed, and what they change."""

from uuid import UUID, uuid4

import pytest

from tests.support.operations import OPERATIONS, SEND
from tests.support.practice import MOBILE
from tests.support.served import Served


@pytest.fixture
async def reference(served: Served) -> str:
    """Our reference for a message that the gateway took and has not reported on."""
    await served.misbehave(drop_receipts=1.0)
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    await served.work()
    assert await state(served) == ("SENT", None)
    [message] = await served.got(MOBILE)
    return str(message["reference"])


async def state(served: Served) -> tuple[str, str | None]:
    """Return the only attempt's state and failure."""
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    [edge] = run["attempts"]["edges"]
    return edge["node"]["state"], edge["node"]["failure"]


async def test_a_receipt_with_a_wrong_signature_is_refused(served: Served, reference: str) -> None:
    # when
    status = await served.receipt(
        reference, token="wrong", MessageSid="SM1", MessageStatus="delivered"
    )
    # then
    assert status == 403
    assert await state(served) == ("SENT", None)


async def test_a_receipt_without_a_signature_is_refused(served: Served, reference: str) -> None:
    # when
    url = f"/receipts/twilio?reference={reference}"
    async with served.http.post(url, data={"MessageSid": "SM1"}) as answer:
        # then
        assert answer.status == 403


async def test_a_receipt_for_an_unknown_message_changes_nothing(
    served: Served, reference: str
) -> None:
    # given
    practice = served.practice.id
    for unknown in (f"{practice}.{uuid4()}", f"{practice + 1}.{reference.split('.')[1]}"):
        # when
        status = await served.receipt(unknown, MessageSid="SM1", MessageStatus="delivered")
        # then
        assert status == 204
        assert await state(served) == ("SENT", None)


@pytest.mark.parametrize("unreadable", ["", "x", "1", f"1.{'-' * 36}", f"{'9' * 10}.{UUID(int=7)}"])
async def test_a_receipt_with_an_invalid_reference_is_refused(
    served: Served, unreadable: str
) -> None:
    # when
    status = await served.receipt(unreadable, MessageSid="SM1", MessageStatus="delivered")
    # then
    assert status == 400


async def test_a_receipt_with_any_kind_of_text_is_read(served: Served, reference: str) -> None:
    # when
    status = await served.receipt(
        reference, MessageSid="SM1", MessageStatus="delivered", Body="Zoë & Ann=50%+", Empty=""
    )
    # then
    assert status == 204
    assert await state(served) == ("DELIVERED", None)


async def test_a_receipt_that_comes_after_delivered_changes_nothing(
    served: Served, reference: str
) -> None:
    # given
    await served.receipt(reference, MessageSid="SM1", MessageStatus="delivered")
    for late in ("sent", "undelivered", "failed", "queued"):
        # when
        status = await served.receipt(reference, MessageSid="SM1", MessageStatus=late)
        # then
        assert status == 204
        assert await state(served) == ("DELIVERED", None)


@pytest.mark.parametrize(
    ("word", "code", "becomes"),
    [
        ("undelivered", "30003", "UNDELIVERED"),
        ("failed", "30003", "FAILED"),
        ("failed", "30002", "FAILED"),  # our account was suspended: it isn't sent again on a guess
    ],
)
async def test_a_message_that_did_not_arrive_shows_why(
    served: Served, reference: str, word: str, code: str, becomes: str
) -> None:
    # when
    await served.receipt(reference, MessageSid="SM1", MessageStatus=word, ErrorCode=code)
    # then
    assert await state(served) == (becomes, code)
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert (run["sent"], run["failed"]) == (0, 1)


@pytest.mark.parametrize(("code", "blocked"), [("21610", True), ("30003", False)])
async def test_only_a_receipt_that_reports_an_opt_out_blocks_the_number(
    served: Served, reference: str, code: str, blocked: bool
) -> None:
    # when
    await served.receipt(reference, MessageSid="SM1", MessageStatus="failed", ErrorCode=code)
    await served.work()
    # then
    entries = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    assert [entry["blockedRecalls"] for entry in entries] == [True] * blocked


async def test_a_message_that_arrives_after_all_is_delivered(
    served: Served, reference: str
) -> None:
    # given
    for late in ("undelivered", "sent", "failed"):
        await served.receipt(reference, MessageSid="SM1", MessageStatus=late, ErrorCode="30003")
    assert await state(served) == ("UNDELIVERED", "30003")
    # when
    status = await served.receipt(reference, MessageSid="SM1", MessageStatus="delivered")
    # then
    assert status == 204
    assert await state(served) == ("DELIVERED", None)


async def test_the_gateways_own_receipts_arrive(served: Served) -> None:
    # given a gateway that can't deliver
    await served.misbehave(undelivered=1.0)
    recall = await served.practice.recall()
    await served.call(SEND, recallIds=[f"Recall:{recall}"], idempotencyKey="a")
    # when
    await served.work()
    # then
    await served.until_states(recall, "UNDELIVERED")
    assert await state(served) == ("UNDELIVERED", "30003")
