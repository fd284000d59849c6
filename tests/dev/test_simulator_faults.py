"""Tests of the simulator's receipts, and of faults and settings that can change as it runs."""

import time
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from dev.simulator.faults import Fault, Faults, Settings
from tests.support.simulated import FROM, TO, Inbox, get, inbox, post, simulator, until
from workers.clock import Deadline
from workers.gateway.protocol import Accepted, Message, NotTaken, Outcome, Refused, Unknown
from workers.gateway.twilio import TwilioGateway


@pytest.mark.parametrize(
    ("undelivered", "last", "error"), [(0, "delivered", None), (1, "undelivered", "30003")]
)
async def test_signed_receipts_tell_what_became_of_a_message(
    undelivered: float, last: str, error: str | None
) -> None:
    # given
    async with inbox() as receipts, simulator(undelivered=undelivered) as client:
        # when
        _, answer = await post(client, StatusCallback=receipts.url)
        await until(lambda: received(receipts, 2))
        # then
        assert [form["MessageStatus"] for form in receipts.forms] == ["sent", last]
        assert receipts.all_signed
        form = receipts.forms[-1]
        assert (form["MessageSid"], form["To"], form["From"]) == (answer["sid"], TO, FROM)
        assert (form["AccountSid"], form.get("ErrorCode")) == ("AC1", error)


async def received(receipts: Inbox, count: int) -> bool:
    return len(receipts.forms) == count


async def delivered(client: aiohttp.ClientSession) -> bool:
    return [kept["status"] for kept in await get(client, "/messages")] == ["delivered"]


async def test_a_receipt_that_fails_is_sent_again() -> None:
    # given
    async with inbox(failures=2) as receipts, simulator() as client:
        # when
        await post(client, StatusCallback=receipts.url)
        await until(lambda: received(receipts, 4))
        # then
        statuses = [form["MessageStatus"] for form in receipts.forms]
        assert statuses == ["sent", "sent", "sent", "delivered"]


@pytest.mark.parametrize(
    ("settings", "statuses"),
    [
        ({"swap_receipts": 1}, ["delivered", "sent"]),
        ({"repeat_receipts": 1}, ["sent", "delivered", "sent", "delivered"]),
        (
            {"repeat_receipts": 1, "swap_receipts": 1},
            ["delivered", "sent", "delivered", "sent"],
        ),
        ({"delay_receipts": 1, "longest_delay_ms": 20}, ["sent", "delivered"]),
    ],
)
async def test_receipts_come_twice_late_and_in_the_wrong_order(
    settings: dict[str, Any], statuses: list[str]
) -> None:
    # given
    async with inbox() as receipts, simulator(**settings) as client:
        # when
        await post(client, StatusCallback=receipts.url)
        await until(lambda: received(receipts, len(statuses)))
        # then
        assert [form["MessageStatus"] for form in receipts.forms] == statuses


async def test_a_late_receipt_leaves_the_message_delivered_meanwhile() -> None:
    # given
    async with (
        inbox() as receipts,
        simulator(delay_receipts=1, longest_delay_ms=3_600_000) as client,
    ):
        # when
        await post(client, StatusCallback=receipts.url)
        await until(lambda: delivered(client))
        # then
        assert receipts.forms == []


async def test_dropped_receipts_leave_the_message_delivered_and_the_sender_uninformed() -> None:
    # given
    async with inbox() as receipts, simulator(drop_receipts=1) as client:
        # when
        await post(client, StatusCallback=receipts.url)
        await until(lambda: delivered(client))
        # then
        assert receipts.forms == []


@pytest.mark.parametrize(
    ("settings", "outcome", "kept"),
    [
        ({}, Accepted, 1),
        ({"reject": 1}, Refused("21211"), 0),
        ({"reject": 1, "reject_code": 21610}, Refused("21610", opted_out=True), 0),
        ({"reject": 1, "reject_code": 30007}, Refused("30007"), 0),
        ({"unavailable": 1, "retry_after": 3}, NotTaken(3), 0),
        ({"rate_limited": 1, "retry_after": 4}, NotTaken(4), 0),
        ({"drop": 1}, Unknown(), 0),
        ({"accept_then_hang": 1}, Unknown(), 1),
        ({"accept_then_close": 1}, Unknown(), 1),
        ({"accept_then_unavailable": 1}, Unknown(), 1),
        ({"latency_ms": 60_000}, Unknown(), 1),
    ],
)
async def test_each_fault_leads_to_its_outcome(
    settings: dict[str, Any], outcome: Outcome | type[Accepted], kept: int
) -> None:
    # given
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(simulator())
        async with client.put("/settings", json=settings, raise_for_status=True) as changed:
            url = str(changed.url.origin())
        gateway = TwilioGateway(url, "AC1", "token", sender=FROM, receipts_url=None, timeout=0.3)
        stack.push_async_callback(gateway.close)
        # when
        result = await gateway.send(Message(str(UUID(int=7)), TO, "Hello"), deadline=Deadline(5))
        # then
        assert result == outcome or type(result) is outcome
        assert len(await get(client, "/messages")) == kept


async def test_an_answer_takes_as_long_as_the_latency() -> None:
    # given
    async with simulator(latency_ms=100) as client:
        start = time.monotonic()
        # when
        await post(client)
        # then
        assert time.monotonic() - start >= 0.1


async def test_settings_change_one_by_one() -> None:
    # given
    async with simulator(latency_ms=5) as client:
        # when
        async with client.put("/settings", json={"reject": 0.25}, raise_for_status=True) as answer:
            changed = await answer.json()
        # then
        assert changed == Settings(latency_ms=5, reject=0.25).model_dump()
        assert await get(client, "/settings") == changed


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (b'{"latency_ms": -1}', "latency_ms"),
        (b'{"reject": 1.5}', "reject"),
        (b'{"reject": "half"}', "reject"),
        (b'{"rejekt": 1}', "rejekt"),
        (b'{"reject": 0.6, "unavailable": 0.6}', "reject, unavailable"),
        (b"[]", "JSON object"),
        (b"{", "JSON object"),
    ],
)
async def test_wrong_settings_are_refused_by_name_and_change_nothing(
    changes: bytes, named: str
) -> None:
    # given
    async with simulator() as client:
        # when
        async with client.put("/settings", data=changes) as answer:
            told = await answer.text()
        # then
        assert answer.status == 400
        assert named in told
        assert await get(client, "/settings") == Settings().model_dump()


def test_the_same_seed_gives_the_same_faults_in_their_proportions() -> None:
    # given
    settings = Settings(reject=0.3, accept_then_hang=0.1, undelivered=0.2, seed=5)
    faults = Faults(settings)
    # when
    fates = [faults.draw() for _ in range(5000)]
    faults.change({"seed": 5})
    again = [faults.draw() for _ in range(5000)]
    # then
    assert fates == again
    assert sum(fate.fault is Fault.REJECT for fate in fates) == pytest.approx(1500, abs=150)
    assert sum(fate.fault is Fault.ACCEPT_THEN_HANG for fate in fates) == pytest.approx(500, abs=75)
    assert sum(fate.undelivered for fate in fates) == pytest.approx(1000, abs=125)
