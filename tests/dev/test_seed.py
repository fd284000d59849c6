"""Tests of the demo's people: they show all there is to see, and no number is a real person's."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from core.identity import Role
from core.mobile import normalise
from db.practices import list_practices
from db.previews import preview_automated_run
from db.recalls import RecallQuery, count_recalls, list_recalls
from db.sync import check_patients, check_recalls
from db.tokens import viewer_of
from db.types import Pool
from dev.demo.clinic import CLINICS, Clinic
from dev.demo.seed import MOBILES, NOT_MOBILES, PmsContent, create_tokens, pms_content, seed

TODAY = date(2026, 3, 2)
TABS = ("TO_ACTION", "CALLS", "LETTERS")
HARD = {
    "PATIENT_DECEASED",
    "PATIENT_INACTIVE",
    "MOBILE_MISSING",
    "MOBILE_INVALID",
    "BLOCKED_COMMUNICATION",
}


def content(clinic: Clinic) -> PmsContent:
    return pms_content(clinic, Random(clinic.practice.name), TODAY)  # noqa: S311


@pytest.fixture
async def seeded(pool: Pool) -> Pool:
    await seed(pool)
    return pool


async def practices(pool: Pool) -> dict[str, int]:
    return {row["pms_product"]: row["id"] for row in await list_practices(pool)}


@pytest.mark.parametrize("clinic", CLINICS)
def test_the_same_people_are_made_every_time(clinic: Clinic) -> None:
    # given a PMS's content
    once = content(clinic)
    # when it is made again
    again = content(clinic)
    # then nothing differs
    assert once == again


@pytest.mark.parametrize("clinic", CLINICS)
def test_the_sync_accepts_every_row(clinic: Clinic) -> None:
    # given a PMS's content
    made = content(clinic)
    # when the sync checks it
    problems = check_patients(made.patients) + check_recalls(made.recalls)
    # then it finds nothing wrong
    assert problems == []


@pytest.mark.parametrize("clinic", CLINICS)
def test_no_number_can_be_a_real_persons(clinic: Clinic) -> None:
    # given every number that was typed
    typed = {patient.mobile for patient in content(clinic).patients} - {None, *NOT_MOBILES}
    # when they are normalised
    mobiles = [normalise(number, "AU") for number in typed]
    # then all are mobiles in the demo's block
    block = {f"+61491{number:06}" for number in MOBILES} | {"+61491570006"}
    assert {mobile.e164 for mobile in mobiles} <= block


@pytest.mark.parametrize("clinic", CLINICS)
def test_families_of_up_to_five_share_a_mobile(clinic: Clinic) -> None:
    # given the patients whose number is a mobile
    patients = content(clinic).patients
    numbers = [normalise(patient.mobile, "AU").e164 for patient in patients]
    # when they are counted by number
    sizes = set(Counter(number for number in numbers if number).values())
    # then there are households of every size from one to five
    assert sizes == {1, 2, 3, 4, 5}


async def test_every_reason_against_an_sms_occurs(seeded: Pool) -> None:
    # given both practices
    both = await practices(seeded)
    for pms, own in (
        ("BEST_PRACTICE", "PMS_CONSENT_UNREADABLE"),
        ("MEDICAL_DIRECTOR", "PMS_CONSENT_WITHHELD"),
    ):
        # when the recalls of each reason are counted
        counts = {
            reason: await count_recalls(seeded, both[pms], RecallQuery(reasons=[reason]))
            for reason in HARD | {own}
        }
        # then each practice has some
        assert min(counts.values()) > 0, counts


async def test_every_tab_has_rows(seeded: Pool) -> None:
    for practice_id in (await practices(seeded)).values():
        # given a practice, when each tab is counted
        counts = [
            await count_recalls(seeded, practice_id, RecallQuery(tab=tab)) for tab in (None, *TABS)
        ]
        # then none is empty, and All has more than the others together: some recalls wait
        assert min(counts) > 0
        assert counts[0] > sum(counts[1:])


async def test_a_run_sends_refuses_and_leaves_work_to_do(seeded: Pool) -> None:
    for practice_id in (await practices(seeded)).values():
        # given a practice
        to_action = await count_recalls(seeded, practice_id, RecallQuery(tab="TO_ACTION"))
        # when its next automated run is counted
        run = await preview_automated_run(seeded, practice_id)
        # then it sends many and refuses some for every reason
        assert run.messages > 20
        assert {refusal.reason for refusal in run.refusals} == HARD
        # and it leaves recalls to action
        assert to_action > run.recalls


async def test_several_recalls_go_in_one_message(seeded: Pool) -> None:
    # given the practices
    for practice_id in (await practices(seeded)).values():
        # when the next run is counted
        run = await preview_automated_run(seeded, practice_id)
        # then some message carries more than one recall
        assert run.recalls > run.messages


async def test_messages_are_short(seeded: Pool) -> None:
    # given the practices
    for practice_id in (await practices(seeded)).values():
        # when the next run is counted
        run = await preview_automated_run(seeded, practice_id)
        # then most messages take one segment
        assert run.segments < 1.5 * run.messages


async def test_a_token_is_made_for_each_role(seeded: Pool) -> None:
    # given the practices
    for pms, practice_id in (await practices(seeded)).items():
        # when tokens are made
        tokens = await create_tokens(seeded, practice_id, pms)
        # then each opens its own practice in its own role
        viewers = [await viewer_of(seeded, token) for token in tokens.values()]
        assert [(viewer.practice_id, viewer.role) for viewer in viewers if viewer] == [
            (practice_id, role) for role in (Role.ADMIN, Role.RECEPTIONIST, Role.CONNECTOR)
        ]
        assert list(tokens) == ["ADMIN", "RECEPTIONIST", "CONNECTOR"]


async def test_the_readmes_family_waits_for_a_send_by_hand(seeded: Pool) -> None:
    # given the recalls that the README's first query asks for
    family = RecallQuery(search="0491 570 006")
    for practice_id in (await practices(seeded)).values():
        # when they are looked up
        found = await list_recalls(seeded, practice_id, family, first=10, after=None)
        # then both wait in To Action, unblocked, and no run takes them first
        assert [row["tab"] for row in found] == ["TO_ACTION", "TO_ACTION"]
        assert {row["sms_reason"] for row in found} <= {None, "PMS_CONSENT_UNREADABLE"}
        assert {row["reason"] for row in found} == {"Flu vaccination"}
