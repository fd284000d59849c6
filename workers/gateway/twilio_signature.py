"""Twilio's request signature, which proves that a callback's sender knows the auth token."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping


def sign(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """Return the X-Twilio-Signature of a form `params` posted to `url` (full, with its query)."""
    text = url + "".join(key + params[key] for key in sorted(params))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


def valid_signature(auth_token: str, url: str, params: Mapping[str, str], signature: str) -> bool:
    """Return whether `signature` is that of `params` posted to `url`, in constant time."""
    expected = sign(auth_token, url, params)
    return hmac.compare_digest(expected.encode(), signature.encode())
