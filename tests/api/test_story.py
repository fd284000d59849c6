"""Tests of what the blocklist and consent are for, from the click to the phone."""

from typing import Any

import pytest

from tests.support.operations import AUTOMATE, BLOCK, OPERATIONS, RECALLS, SEND, TICK
from tests.support.practice import MOBILE, Practice, a_mobile
from tests.support.served import Served


@pytest.fixture
async def family(served: Served) -> list[int]:
    """Two patients on one mobile, each with a recall."""
    practice = served.practice
    patients = [await practice.patient(first_name=name) for name in ("Ann", "Ben")]
    return [await practice.recall(patient) for patient in patients]


@pytest.fixture
async def on_best_practice(served: Served) -> Practice:
    """The practice, moved to Best Practice."""
    await served.practice.pool.execute("update practices set pms_product = 'BEST_PRACTICE'")
    return served.practice


def ids(*recalls: int) -> list[str]:
    return [f"Recall:{recall}" for recall in recalls]


async def statuses(served: Served) -> list[Any]:
    recalls = await served.query(RECALLS)
    return [node["smsStatus"] for node in recalls["nodes"]]


async def test_ticking_blocked_recalls_shows_on_every_recall_of_the_number(
    served: Served, family: list[int]
) -> None:
    # given a listed number, which by itself blocks nothing
    await served.call(BLOCK, mobile="0491 570 006")
    assert [status["blocked"] for status in await statuses(served)] == [False, False]
    # when
    await served.call(TICK, mobile=MOBILE, blocked=True)
    # then
    assert await statuses(served) == [
        {
            "blocked": True,
            "reason": "BLOCKED_COMMUNICATION",
            "overridable": False,
            "message": "Mobile number blocked in your blocked communication list",
        }
    ] * len(family)


async def test_a_blocked_number_gets_nothing_by_hand_and_the_refusals_are_recorded(
    served: Served, family: list[int]
) -> None:
    # given
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # when
    answer = await served.call(
        SEND, recallIds=ids(*family), proceedWithoutConsent=True, idempotencyKey="a"
    )
    await served.work()
    # then
    assert answer["__typename"] == "NothingToSend"
    assert answer["refusals"] == [{"reason": "BLOCKED_COMMUNICATION", "count": 2}]
    for node in (await served.query(RECALLS))["nodes"]:
        [attempt] = node["attempts"]
        assert attempt["state"] == "REFUSED"
        assert attempt["refusal"]["reason"] == "BLOCKED_COMMUNICATION"
        assert attempt["actor"] == "Admin"
    assert await served.got(MOBILE) == []


async def test_automation_sends_a_blocked_number_nothing(served: Served, family: list[int]) -> None:
    # given a third patient, on a number that nobody blocked
    free = a_mobile()
    other = await served.practice.recall(await served.practice.patient(mobile=free))
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True)
    # when
    run = await served.call(AUTOMATE, idempotencyKey="a")
    await served.work()
    # then
    await served.until_states(other, "DELIVERED")
    assert await served.got(MOBILE) == []
    assert len(await served.got(free)) == 1
    found = await served.query(OPERATIONS["runs"])
    [node] = found["nodes"]
    assert (node["id"], node["sent"], node["refused"]) == (run["id"], 1, len(family))
    assert node["refusals"] == [{"reason": "BLOCKED_COMMUNICATION", "count": 2}]


async def test_an_unticked_number_gets_its_message_and_the_history_shows_who_unticked_it(
    served: Served, family: list[int]
) -> None:
    # given
    await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True, note="Asked at the desk")
    # when
    entry = await served.call(TICK, mobile=MOBILE, blocked=False)
    run = await served.call(SEND, recallIds=ids(family[0]), idempotencyKey="a")
    await served.work()
    # then
    await served.until_states(family[0], "DELIVERED")
    [message] = await served.got(MOBILE)
    assert message["body"] == "Hi Ann, Skin check. Harbour Medical 02 5550 1234"
    assert (run["__typename"], run["planned"], run["actor"]) == ("Run", 1, "Admin")
    assert [
        (event["actor"], event["source"], event["listed"], event["blockedRecalls"], event["note"])
        for event in entry["history"]
    ] == [
        ("Admin", "STAFF", True, False, None),
        ("Admin", "STAFF", True, True, "Asked at the desk"),
    ]
    assert {patient["firstName"] for patient in entry["patients"]} == {"Ann", "Ben"}


async def test_staff_are_asked_only_about_patients_whose_consent_cant_be_read(
    served: Served, on_best_practice: Practice
) -> None:
    # given a recall that can be asked about and one that is blocked
    to_ask = await on_best_practice.recall(await on_best_practice.patient(mobile=a_mobile()))
    blocked = await on_best_practice.recall()
    await on_best_practice.block()
    # when
    answer = await served.call(SEND, recallIds=ids(to_ask, blocked), idempotencyKey="a")
    await served.work()
    # then
    assert answer["__typename"] == "ConsentConfirmationRequired"
    assert [recall["id"] for recall in answer["recalls"]] == ids(to_ask)
    assert answer["sendable"] == 0
    assert answer["refusals"] == [{"reason": "BLOCKED_COMMUNICATION", "count": 1}]
    assert (await served.query(OPERATIONS["runs"]))["totalCount"] == 0
    assert await on_best_practice.attempts(to_ask) == []


async def test_proceeding_without_consent_sends_and_records_who_chose_to(
    served: Served, on_best_practice: Practice
) -> None:
    # given a consent question, to be answered with the key of the call that prompted it
    recall = await on_best_practice.recall()
    await served.call(SEND, recallIds=ids(recall), idempotencyKey="a")
    # when
    await served.call(SEND, recallIds=ids(recall), proceedWithoutConsent=True, idempotencyKey="a")
    await served.work()
    # then
    await served.until_states(recall, "DELIVERED")
    assert len(await served.got(MOBILE)) == 1
    [node] = (await served.query(RECALLS))["nodes"]
    [attempt] = node["attempts"]
    assert (attempt["actor"], attempt["overridden"]) == ("Admin", "PMS_CONSENT_UNREADABLE")


async def test_automation_sends_without_asking_if_consent_cant_be_read(
    served: Served, on_best_practice: Practice
) -> None:
    # given
    recall = await on_best_practice.recall()
    preview = await served.query(OPERATIONS["automatedRunPreview"])
    # when
    await served.call(AUTOMATE, idempotencyKey="a")
    await served.work()
    # then
    await served.until_states(recall, "DELIVERED")
    assert len(await served.got(MOBILE)) == 1
    assert (preview["messages"], preview["overridden"]) == (1, 1)
    [node] = (await served.query(RECALLS))["nodes"]
    assert (node["attempts"][0]["actor"], node["attempts"][0]["trigger"]) == (None, "AUTOMATED")


async def test_the_same_key_gives_the_same_run_and_one_message(
    served: Served, family: list[int]
) -> None:
    # given
    first = await served.call(SEND, recallIds=ids(*family), idempotencyKey="a")
    # when
    again = await served.call(SEND, recallIds=ids(*reversed(family)), idempotencyKey=" a ")
    await served.work()
    # then
    await served.until_states(family[0], "DELIVERED")
    assert again["id"] == first["id"]
    assert len(await served.got(MOBILE)) == len(family)
