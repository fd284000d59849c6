"""Mobile numbers, normalised once, on entry: typed text becomes E.164 or a refusal."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

TEXT_CAPABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
"""Types of number that can take an SMS; in North America the two can't be told apart."""


class MobileRefusal(StrEnum):
    """Why typed text is not a number that can take an SMS."""

    NOT_A_NUMBER = "NOT_A_NUMBER"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    NOT_IN_USE = "NOT_IN_USE"
    NOT_A_MOBILE = "NOT_A_MOBILE"

    @property
    def message(self) -> str:
        """A sentence for the person who typed it."""
        return MESSAGES[self]


MESSAGES = {
    MobileRefusal.NOT_A_NUMBER: "This isn't a phone number.",
    MobileRefusal.TOO_SHORT: "Too short: check for a missing digit.",
    MobileRefusal.TOO_LONG: "Too long: check for an extra digit.",
    MobileRefusal.NOT_IN_USE: "Not a valid phone number: check how it starts.",
    MobileRefusal.NOT_A_MOBILE: "Not a mobile: landlines and 1300 numbers can't get SMS.",
}
TOO_SHORT = {ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY}


@dataclass(frozen=True, slots=True)
class Mobile:
    """A mobile number as typed and as understood; all three are None if none was given."""

    typed: str | None
    e164: str | None
    refusal: MobileRefusal | None


@lru_cache(maxsize=4096)  # an import normalises each number in a batch twice
def normalise(typed: str | None, region: str) -> Mobile:
    """Normalise a number typed in ``region`` (ISO 3166, such as 'AU').

    Return its E.164 form, or why it was refused; never raises. White space alone is no number.
    """
    typed = typed.strip() if typed is not None else None
    if not typed:
        return Mobile(None, None, None)
    # The library would read a letter as a key on a keypad ('E' is 3): 4.9157E+08 is no number.
    if re.search(r"[^\W\d_]", typed):
        return Mobile(typed, None, MobileRefusal.NOT_A_NUMBER)
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException as error:
        too_long = error.error_type == phonenumbers.NumberParseException.TOO_LONG
        return Mobile(
            typed, None, MobileRefusal.TOO_LONG if too_long else MobileRefusal.NOT_A_NUMBER
        )
    refusal = _refusal(number)
    if refusal is not None:
        return Mobile(typed, None, refusal)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Mobile(typed, e164, None)


def _refusal(number: phonenumbers.PhoneNumber) -> MobileRefusal | None:
    if number.extension:  # or a second number, which the library takes for an extension
        return MobileRefusal.NOT_A_NUMBER
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in TOO_SHORT:
        return MobileRefusal.TOO_SHORT
    if possible != ValidationResult.IS_POSSIBLE:
        return MobileRefusal.TOO_LONG
    if not phonenumbers.is_valid_number(number):
        # Long enough for some number in the country, but not for a mobile.
        as_mobile = phonenumbers.is_possible_number_for_type_with_reason(
            number, PhoneNumberType.MOBILE
        )
        return MobileRefusal.TOO_SHORT if as_mobile in TOO_SHORT else MobileRefusal.NOT_IN_USE
    if phonenumbers.number_type(number) not in TEXT_CAPABLE:
        return MobileRefusal.NOT_A_MOBILE
    return None
