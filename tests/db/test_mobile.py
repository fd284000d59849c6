"""Tests of mobile numbers: which texts are the same number, and why others are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mobile import Mobile, MobileRefusal, normalise
from db.types import Pool
from tests.support.practice import MOBILE, Practice

NOT_A_NUMBER = MobileRefusal.NOT_A_NUMBER
TOO_SHORT = MobileRefusal.TOO_SHORT
TOO_LONG = MobileRefusal.TOO_LONG
NOT_IN_USE = MobileRefusal.NOT_IN_USE
NOT_A_MOBILE = MobileRefusal.NOT_A_MOBILE
REGIONS = st.sampled_from(["AU", "NZ", "GB", "US", "IT"])


@pytest.mark.parametrize(
    "typed",
    [
        "0491 570 006",
        "+61 491 570 006",
        "61491570006",
        "(0491) 570-006",
        "491570006",
        "0491570006",
        "+61491570006",
        "  0491 570 006\t",
        "0491.570.006",
        "+61 (0)491 570 006",
        "0011 61 491 570 006",
        "０４９１５７０００６",
        "0491\u00a0570\u00a0006",
        "0491–570–006",
    ],
)
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    # when / then
    assert normalise(typed, "AU") == Mobile(typed.strip(), MOBILE, None)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("02 5550 1234", NOT_A_MOBILE),
        ("1300 975 707", NOT_A_MOBILE),
        ("0491 570", TOO_SHORT),
        ("0", NOT_A_NUMBER),
        ("5550 1234", TOO_SHORT),
        ("0491 570 006 006 006 006", TOO_LONG),
        ("1" * 40, TOO_LONG),
        ("+999 491 570 006", NOT_A_NUMBER),
        ("0000 000 000", NOT_IN_USE),
        ("4.91570006E+08", NOT_A_NUMBER),
        ("0491 JOHN", NOT_A_NUMBER),
        ("0491 570 006 x12", NOT_A_NUMBER),
        ("0491 570 006 (mum)", NOT_A_NUMBER),
        ("none", NOT_A_NUMBER),
        ("-", NOT_A_NUMBER),
        ("+", NOT_A_NUMBER),
        ("?", NOT_A_NUMBER),
        ("\0", NOT_A_NUMBER),
    ],
)
def test_a_number_that_can_take_no_sms_is_refused_with_its_reason(
    typed: str, refusal: MobileRefusal
) -> None:
    # when / then
    assert normalise(typed, "AU") == Mobile(typed.strip(), None, refusal)


@pytest.mark.parametrize(
    "typed",
    [
        "0491 570 006 / 0491 570 156",
        "0491 570 006, 0491 570 156",
        "0491 570 006 0491 570 156",
        "0491570006;0491570156",
        "0491 570 006 #12",
        "0491 570 006,,12",
    ],
)
def test_two_numbers_or_an_extension_are_never_taken_for_one(typed: str) -> None:
    # when
    mobile = normalise(typed, "AU")

    # then
    assert mobile.e164 is None
    assert mobile.refusal is not None


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+64 21 123 4567", "+64211234567"),
        ("+1 201 555 0123", "+12015550123"),
        ("+44 7400 123456", "+447400123456"),
        ("+39 312 345 6789", "+393123456789"),
    ],
)
def test_a_foreign_mobile_is_accepted_with_its_country_code(typed: str, e164: str) -> None:
    # when / then
    assert normalise(typed, "AU").e164 == e164


def test_a_number_without_a_country_code_is_from_the_practices_country() -> None:
    # when / then
    assert normalise("021 123 4567", "NZ").e164 == "+64211234567"


@pytest.mark.parametrize("typed", [None, "", "   ", "\t\n", "\u3000"])
def test_nothing_typed_is_neither_a_number_nor_a_refusal(typed: str | None) -> None:
    # when / then
    assert normalise(typed, "AU") == Mobile(None, None, None)


def test_every_refusal_has_its_own_message() -> None:
    # when / then
    assert len({refusal.message for refusal in MobileRefusal}) == len(MobileRefusal)


TYPED = st.text() | st.text("0123456789+() -./x#,;*") | st.from_regex(r"\+?61?0?4[0-9 ]{6,14}")


@given(typed=st.none() | TYPED, region=REGIONS)
def test_whatever_is_typed_is_either_understood_or_refused(typed: str | None, region: str) -> None:
    # when
    mobile = normalise(typed, region)

    # then
    if mobile.typed is None:
        assert (mobile.e164, mobile.refusal) == (None, None)
        assert not (typed or "").strip()
    else:
        assert (mobile.e164 is None) != (mobile.refusal is None)


@given(typed=st.from_regex(r"(\+61|0)4[0-9]{8}", fullmatch=True) | TYPED, region=REGIONS)
def test_a_number_once_understood_stays_as_it_is(typed: str, region: str) -> None:
    # given
    e164 = normalise(typed, region).e164

    # when / then
    if e164 is not None:
        assert normalise(e164, region) == Mobile(e164, e164, None)


async def test_the_table_accepts_every_refusal(practice: Practice, pool: Pool) -> None:
    # given
    typed = ["?", "0491 570", "1" * 40, "0000 000 000", "02 5550 1234"]

    # when
    for text in typed:
        await practice.patient(mobile=text)

    # then
    rows = await pool.fetch("select mobile_refusal from patients")
    assert {row["mobile_refusal"] for row in rows} == set(MobileRefusal)
