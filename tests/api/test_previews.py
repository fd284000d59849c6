"""Tests of what clients are shown before anything is sent: a send, a template, a number."""

from typing import Any

import pytest

from tests.support.operations import BLOCK, OPERATIONS, PREVIEW, SEND
from tests.support.practice import MOBILE, a_mobile
from tests.support.served import Served

TEMPLATE, CHECK = OPERATIONS["templatePreview"], OPERATIONS["checkMobile"]


async def template(served: Served, text: str, reason: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = await served.query(TEMPLATE, {"template": text, "reason": reason})
    return found


async def test_a_send_is_shown_before_it_is_made(served: Served) -> None:
    # given
    practice = served.practice
    ann = await practice.patient()
    wanted = [
        await practice.recall(ann),
        await practice.recall(ann),
        await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=False)),
        await practice.recall(await practice.patient(status="DECEASED")),
        await practice.recall(completed=True),
    ]
    ids = [f"Recall:{recall}" for recall in wanted]
    # when
    shown = await served.query(PREVIEW, {"recallIds": ids, "drafts": 1})
    # then
    drafts = shown.pop("drafts")
    assert shown == {
        "__typename": "SendPreview",
        "messages": 2,
        "segments": 2,
        "toConfirm": [{"reason": "PMS_CONSENT_WITHHELD", "count": 1}],
        "refusals": [{"reason": "PATIENT_DECEASED", "count": 1}],
        "skipped": 1,
    }
    [draft] = drafts
    assert (draft["patient"]["firstName"], draft["mobile"], draft["recalls"]) == ("Ann", MOBILE, 2)
    assert draft["text"] == {
        "body": "Hi Ann, Skin check. Harbour Medical 02 5550 1234",
        "segments": 1,
        "encoding": "GSM7",
        "beyondGsm7": "",
    }


async def test_a_preview_says_what_the_consent_question_says(served: Served) -> None:
    # given
    practice = served.practice
    wanted = [
        await practice.recall(await practice.patient(mobile=a_mobile(), sms_consent=consent))
        for consent in (True, False, False)
    ]
    refused = await practice.recall(await practice.patient(mobile=None))
    ids = [f"Recall:{recall}" for recall in (*wanted, refused)]
    # when
    shown = await served.query(PREVIEW, {"recallIds": ids})
    asked = await served.call(SEND, recallIds=ids, idempotencyKey="a")
    # then
    assert asked["__typename"] == "ConsentConfirmationRequired"
    assert [each["count"] for each in shown["toConfirm"]] == [len(asked["recalls"])]
    assert shown["refusals"] == asked["refusals"]
    assert shown["messages"] == asked["sendable"] + len(asked["recalls"])


async def test_three_messages_are_shown_unless_more_are_asked_for(served: Served) -> None:
    # given
    practice = served.practice
    ids = [
        f"Recall:{await practice.recall(await practice.patient(mobile=a_mobile()))}"
        for _ in range(4)
    ]
    for given, shown in (({}, 3), ({"drafts": 0}, 0), ({"drafts": 20}, 4)):
        # when
        found = await served.query(PREVIEW, {"recallIds": ids, **given})
        # then
        assert (len(found["drafts"]), found["messages"]) == (shown, 4)


@pytest.mark.parametrize("drafts", [-1, 21])
async def test_a_number_of_drafts_out_of_bounds_is_refused_and_the_field_named(
    served: Served, drafts: int
) -> None:
    # when
    answer = await served.ask(PREVIEW, {"recallIds": ["Recall:1"], "drafts": drafts})
    # then
    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (
        "BAD_USER_INPUT",
        "drafts",
    )


async def test_unknown_recalls_are_named(served: Served) -> None:
    # given
    recall = await served.practice.recall()
    # when
    found = await served.query(PREVIEW, {"recallIds": [f"Recall:{recall}", "Recall:999999"]})
    # then
    assert (found["__typename"], found["recallIds"]) == ("UnknownRecalls", ["Recall:999999"])


async def test_a_template_preview_shows_the_text_and_its_size(served: Served) -> None:
    # when
    shown = await template(served, "Hi {firstName}, {reason}. {practiceName} {practicePhone}")
    # then
    assert shown == {
        "__typename": "SmsText",
        "body": "Hi Alexandra, skin check. Harbour Medical 02 5550 1234",
        "segments": 1,
        "encoding": "GSM7",
        "beyondGsm7": "",
    }


async def test_a_template_preview_names_once_each_character_that_makes_it_ucs2(
    served: Served,
) -> None:
    # when
    shown = await template(served, "“Hi” {firstName} ☎ {practicePhone} ☎” " + "x" * 70)
    # then
    assert (shown["encoding"], shown["segments"]) == ("UCS2", 2)
    assert shown["beyondGsm7"] == "“”☎"


async def test_a_reason_may_be_what_makes_a_template_ucs2(served: Served) -> None:
    for reason, body, encoding in (
        ("Łoś check", "Łoś check", "UCS2"),
        ("  ", "skin check", "GSM7"),
        (None, "skin check", "GSM7"),
    ):
        # when
        shown = await template(served, "{reason}", reason)
        # then
        assert (shown["body"], shown["encoding"]) == (body, encoding)


async def test_a_template_that_cant_be_saved_says_why(served: Served) -> None:
    for text, unknown, says in (
        ("Hi {first} {firstName} {nope}", ["first", "nope"], "know {first}, {nope}."),
        ("x" * 1001, [], "The limit is 1000"),
        (" ", [], "empty"),
        ("Hi {firstName", [], "curly bracket is missing"),
    ):
        # when
        shown = await template(served, text)
        # then
        assert (shown["__typename"], shown["unknownPlaceholders"]) == ("InvalidTemplate", unknown)
        assert says in shown["message"]


async def test_a_number_is_shown_with_the_patients_it_reaches_and_its_entry(served: Served) -> None:
    # given
    for name in ("Ann", "Ben"):
        await served.practice.patient(first_name=name)
    await served.practice.patient(first_name="Cleo", mobile=a_mobile())
    entry = await served.call(BLOCK, mobile=MOBILE, blockedRecalls=True, note="Rang")
    for typed in ("0491 570 006", "+61 491 570 006", "0491-570-006"):
        # when
        known = await served.query(CHECK, {"mobile": typed})
        # then
        assert (known["__typename"], known["mobile"]) == ("MobileCheck", MOBILE)
        assert [patient["firstName"] for patient in known["patients"]] == ["Ann", "Ben"]
        assert known["blockedCommunication"]["id"] == entry["id"]
        assert known["blockedCommunication"]["blockedRecalls"] is True
        assert [event["note"] for event in known["blockedCommunication"]["history"]] == ["Rang"]


async def test_a_number_that_nobody_has_is_still_a_number(served: Served) -> None:
    # when
    known = await served.query(CHECK, {"mobile": MOBILE})
    # then
    assert known == {
        "__typename": "MobileCheck",
        "mobile": MOBILE,
        "patients": [],
        "blockedCommunication": None,
    }


async def test_a_number_is_no_longer_listed_once_it_is_removed(served: Served) -> None:
    # given
    await served.call(BLOCK, mobile=MOBILE)
    await served.call(OPERATIONS["removeBlockedMobile"], mobile=MOBILE)
    # when
    known = await served.query(CHECK, {"mobile": MOBILE})
    # then
    assert known["blockedCommunication"] is None


async def test_an_invalid_mobile_is_the_same_problem_as_when_blocking_it(served: Served) -> None:
    for typed in ("02 9374 4000", "123", "", "  ", "+61491570006000", "Ann"):
        # when
        known = await served.query(CHECK, {"mobile": typed})
        blocking = await served.call(BLOCK, mobile=typed)
        # then
        assert (known["__typename"], known["mobile"]) == ("InvalidMobile", typed)
        assert known == {key: blocking[key] for key in known}
