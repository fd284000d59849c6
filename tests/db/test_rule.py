"""Tests of the rule, end to end on real rows, against a statement of it in plain Python."""

from itertools import product

import pytest

from core.identity import Actor
from db.blocklist import block_mobile
from db.consent_checks import record_consent_checks, remove_consent_checks
from db.recalls import RecallQuery, count_recalls
from db.sync import PatientRow, sync_patients
from db.types import Pool
from tests.support.practice import MOBILE, Practice, a_mobile, a_practice

PMS_PRODUCTS = ["BEST_PRACTICE", "MEDICAL_DIRECTOR", "GENIE", "ZEDMED", "OTHER"]
STATUSES = ["ACTIVE", "INACTIVE", "DECEASED"]
MOBILES = ["valid", "missing", "invalid"]
LISTINGS = ["not listed", "listed", "listed and ticked"]
CONSENTS = [True, False, None]
HARD = {
    "PATIENT_DECEASED",
    "PATIENT_INACTIVE",
    "MOBILE_MISSING",
    "MOBILE_INVALID",
    "BLOCKED_COMMUNICATION",
}


def expected(
    status: str, mobile: str, listing: str, pms_product: str, consent: bool | None
) -> str | None:
    """Return the first reason that holds, in the order the practice states them, or None."""
    reasons = {
        "PATIENT_DECEASED": status == "DECEASED",
        "PATIENT_INACTIVE": status == "INACTIVE",
        "MOBILE_MISSING": mobile == "missing",
        "MOBILE_INVALID": mobile == "invalid",
        "BLOCKED_COMMUNICATION": listing == "listed and ticked",
        "PMS_CONSENT_UNREADABLE": pms_product == "BEST_PRACTICE",
        "PMS_CONSENT_WITHHELD": consent is False,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


@pytest.mark.parametrize("pms_product", PMS_PRODUCTS)
async def test_the_list_judges_every_combination_as_the_rule_says(
    pool: Pool, pms_product: str
) -> None:
    # given
    practice = await a_practice(pool, pms_product=pms_product)
    expectations: dict[int, str | None] = {}
    for status, mobile, listing, consent in product(STATUSES, MOBILES, LISTINGS, CONSENTS):
        number = {"valid": a_mobile(), "missing": None, "invalid": "02 5550 1234"}[mobile]
        patient = await practice.patient(mobile=number, status=status, sms_consent=consent)
        if mobile == "valid" and listing != "not listed":
            await block_mobile(
                pool,
                practice.id,
                str(number),
                blocked=listing == "listed and ticked",
                note=None,
                actor=Actor("Reception"),
            )
        recall = await practice.recall(patient)
        expectations[recall] = expected(
            status, mobile, listing if mobile == "valid" else "not listed", pms_product, consent
        )

    # when
    rows = {recall: await practice.see(recall) for recall in expectations}

    # then
    assert {recall: row["sms_reason"] for recall, row in rows.items()} == expectations
    for recall, reason in expectations.items():
        overridable = reason is not None and reason not in HARD
        assert rows[recall]["sms_overridable"] == overridable
        assert (rows[recall]["sms_message"] is None) == (reason is None)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("BLOCKED_COMMUNICATION", "Mobile number blocked in your blocked communication list"),
        ("PMS_CONSENT_WITHHELD", "Does not wish to be contacted by SMS"),
    ],
)
async def test_hover_texts_are_word_for_word(practice: Practice, reason: str, message: str) -> None:
    # given
    recall = await practice.recall(await practice.patient(sms_consent=False))
    if reason == "BLOCKED_COMMUNICATION":
        await practice.block()

    # when
    row = await practice.see(recall)

    # then
    assert (row["sms_reason"], row["sms_message"]) == (reason, message)


async def test_every_reason_has_its_own_hover_text(pool: Pool) -> None:
    # given
    reasons = [*HARD, "PMS_CONSENT_UNREADABLE", "PMS_CONSENT_WITHHELD"]

    # when
    rows = await pool.fetch(
        "select logic.sms_block_message(r) as text, logic.sms_block_hard(r) as hard, r as reason"
        " from unnest($1::text[]) r",
        reasons,
    )

    # then
    assert len({row["text"] for row in rows} - {None}) == len(reasons)
    assert {row["reason"] for row in rows if row["hard"]} == HARD


async def test_a_block_holds_for_everyone_whom_the_number_reaches(practice: Practice) -> None:
    # given
    mother = await practice.recall(await practice.patient(first_name="Mary"))
    child = await practice.recall(await practice.patient(first_name="Tom", mobile="0491 570 006"))

    # when
    await practice.block(MOBILE)

    # then
    for recall in (mother, child):
        assert (await practice.see(recall))["sms_reason"] == "BLOCKED_COMMUNICATION"


async def test_a_block_holds_for_one_practice_only(pool: Pool, practice: Practice) -> None:
    # given
    neighbour = await a_practice(pool)
    recall = await neighbour.recall()

    # when
    await practice.block()

    # then
    assert (await neighbour.see(recall))["sms_reason"] is None


async def test_unticking_lets_messages_through_again(practice: Practice) -> None:
    # given
    recall = await practice.recall()
    await practice.block()

    # when
    await practice.unblock()

    # then
    assert (await practice.see(recall))["sms_reason"] is None


async def test_the_rule_follows_a_change_in_the_pms_at_once(practice: Practice) -> None:
    # given
    patient = await practice.patient()
    recall = await practice.recall(patient)

    # when
    await practice.patient(patient, status="DECEASED")

    # then
    assert (await practice.see(recall))["sms_reason"] == "PATIENT_DECEASED"


async def test_the_list_filters_and_counts_by_the_rule(practice: Practice) -> None:
    # given
    await practice.recall(await practice.patient(mobile=None))
    await practice.recall(await practice.patient(sms_consent=False))
    await practice.recall(await practice.patient())

    # when
    counts = [
        await count_recalls(practice.pool, practice.id, query)
        for query in (
            RecallQuery(blocked=True),
            RecallQuery(blocked=False),
            RecallQuery(reasons=["MOBILE_MISSING"]),
            RecallQuery(reasons=["MOBILE_MISSING", "PMS_CONSENT_WITHHELD"]),
        )
    ]

    # then
    assert counts == [2, 1, 1, 2]


async def test_the_rule_covers_patients_without_a_recall_too(practice: Practice) -> None:
    # given
    await sync_patients(practice.pool, practice.id, [PatientRow("p", "Ann", "Smith", mobile="12")])

    # when
    [row] = await practice.pool.fetch(
        "select mobile, reason from logic.patient_sms where practice_id = $1", practice.id
    )

    # then
    assert tuple(row) == (None, "MOBILE_INVALID")


async def checked_and_seen(practice: Practice, patient: str) -> dict[str, object]:
    """Check the patient's consent; return a recall of theirs as the list has it."""
    patient_id = await practice.pool.fetchval(
        "select id from patients where practice_id = $1 and pms_id = $2", practice.id, patient
    )
    await record_consent_checks(practice.pool, practice.id, [patient_id], actor=Actor("Priya"))
    return dict(await practice.see(await practice.recall(patient)))


@pytest.mark.parametrize("consent", CONSENTS)
async def test_consent_that_staff_have_looked_up_is_not_asked_about_again(
    pool: Pool, *, consent: bool | None
) -> None:
    # given
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")
    patient = await practice.patient(sms_consent=consent)

    # when
    seen = await checked_and_seen(practice, patient)

    # then
    assert seen["sms_reason"] is None
    assert seen["patient_consent_checked_by"] == "Priya"


@pytest.mark.parametrize("product", ["GENIE", "MEDICAL_DIRECTOR"])
async def test_no_look_up_overrides_what_the_pms_says(pool: Pool, product: str) -> None:
    # given
    practice = await a_practice(pool, pms_product=product)
    patient = await practice.patient(sms_consent=False)

    # when
    seen = await checked_and_seen(practice, patient)

    # then
    assert seen["sms_reason"] == "PMS_CONSENT_WITHHELD"


async def test_no_look_up_overrides_a_hard_reason(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")
    patient = await practice.patient()
    await practice.block()

    # when
    seen = await checked_and_seen(practice, patient)

    # then
    assert seen["sms_reason"] == "BLOCKED_COMMUNICATION"


async def test_a_look_up_holds_for_the_number_alone(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")
    patient = await practice.patient()
    recall = (await checked_and_seen(practice, patient))["id"]

    # when
    await practice.patient(patient, mobile=a_mobile())

    # then
    seen = await practice.see(int(str(recall)))
    assert seen["sms_reason"] == "PMS_CONSENT_UNREADABLE"
    assert seen["patient_consent_checked_by"] is None


async def test_a_look_up_that_is_taken_back_is_asked_for_again(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")
    recall = await practice.recall()
    [patient] = await pool.fetch("select id from patients where practice_id = $1", practice.id)
    await record_consent_checks(pool, practice.id, [patient["id"]], actor=Actor("Priya"))

    # when
    await remove_consent_checks(pool, practice.id, [patient["id"]], actor=Actor("Priya"))

    # then
    assert (await practice.see(recall))["sms_reason"] == "PMS_CONSENT_UNREADABLE"
