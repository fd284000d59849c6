"""What Twilio's error codes mean: whose fault an error is, and that a person has opted out.

The codes are those of its error dictionary, https://www.twilio.com/docs/api/errors.
"""

from http import HTTPStatus

ACCOUNT = "RECALLS_GATEWAY_ACCOUNT and _TOKEN"
URL = "RECALLS_GATEWAY_URL"
_CODES = {
    # Not authenticated, not allowed, not there; suspended, closed, or for tests only.
    ACCOUNT: (10001, 20003, 20005, 20006, 20008, 20010, 20403, 20404, 30002, 90010),
    # Missing, not the account's, not for SMS; a messaging service that has no number to send from.
    "RECALLS_GATEWAY_SENDER": (
        *(21212, 21601, 21603, 21606, 21607, 21616, 21657, 21659, 21660, 21661),
        *(21701, 21702, 21703, 21704, 21705, 21709),
    ),
    # More than the sender may send, or may have waiting at Twilio.
    "RECALLS_GATEWAY_RATE": (14107, 21611, 30001),
    "RECALLS_GATEWAY_VALIDITY": (21624, 90007),
    "RECALLS_RECEIPTS_URL": (21609,),
}
"""The setting to check if a code stops messages to everybody.

Codes that depend on the recipient, such as 21408 (not to that country), aren't here: one number
would hold up all others. Some that are here may also mean that a short code is another country's.
"""
_SETTINGS = {code: setting for setting, codes in _CODES.items() for code in codes}


def says_opted_out(code: int | str | None) -> bool:
    """Return whether the code says that the person wants no messages."""
    return str(code) == "21610"


def setting_at_fault(status: int, code: int | None) -> str | None:
    """Return the setting to check if a 4xx is our fault; None if it isn't.

    ``code`` is None if the answer isn't in Twilio's form: a proxy's, or some other server's.
    """
    if code in _SETTINGS:
        return _SETTINGS[code]
    if status == HTTPStatus.UNAUTHORIZED or (status == HTTPStatus.FORBIDDEN and code is None):
        return ACCOUNT
    return URL if code is None and status != HTTPStatus.TOO_MANY_REQUESTS else None
