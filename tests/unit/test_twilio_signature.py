"""Tests of Twilio's request signature: its documented examples, and that it covers everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.twilio_signature import sign, valid_signature


@pytest.mark.parametrize(
    ("caller", "signature"),
    [
        ("+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc="),
        ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
    ],
)
def test_twilios_documented_signatures_are_valid(caller: str, signature: str) -> None:
    # given
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    params = {"To": "+18005551212", "From": caller, "Caller": caller}
    params |= {"Digits": "1234", "CallSid": "CA1234567890ABCDE"}
    # when
    valid = valid_signature("12345", url, params, signature)
    # then
    assert valid


@given(st.dictionaries(st.text(), st.text(), min_size=1), st.text(min_size=1))
def test_a_signature_is_valid_only_for_the_request_that_was_signed(
    params: dict[str, str], extra: str
) -> None:
    # given
    url = "https://recalls.example/receipts?reference=1"
    signature = sign("token", url, params)
    changed = {**params, min(params): params[min(params)] + extra}
    # when
    verdicts = [
        valid_signature("token", url, params, signature),
        valid_signature("token", url, changed, signature),
        valid_signature("token", url + "2", params, signature),
        valid_signature("other", url, params, signature),
        valid_signature("token", url, params, "é" + extra),
    ]
    # then
    assert verdicts == [True, False, False, False, False]
