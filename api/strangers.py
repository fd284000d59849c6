"""Access tokens that are no good: a client's address has few of them looked up."""

import hashlib
import math
import time
from ipaddress import IPv6Address, ip_address

from starlette.exceptions import HTTPException

from api.rate import MOST, Budgets

RATE, BURST_SECONDS = 20.0, 5.0
"""Tokens a second that are looked up for an address which this process hasn't seen to be good."""
REFUSED_SECONDS = 1.0
"""How long a token that was no good is taken to be none, without asking."""


class Strangers:
    """Which access tokens one process knows to be good or not, by their hashes."""

    def __init__(self) -> None:
        self._budgets = Budgets(RATE, BURST_SECONDS)
        # Two, so that however many are no good, those that are good stay known.
        self._good: dict[bytes, float] = {}
        self._bad: dict[bytes, float] = {}

    def admit(self, token: str, origin: str | None) -> bool:
        """Tell whether to look the token up; not where it was no good a moment ago.

        Raises ``HTTPException`` (429) where the address had too many looked up that were never
        good.
        """
        if self.knows(token):
            return True
        if time.monotonic() < self._bad.get(_hash(token), 0.0):
            return False
        granted, wait = self._budgets.take(_neighbourhood(origin))
        if not granted:
            seconds = math.ceil(wait)
            told = f"Too many tokens from your address. Try again in {seconds} seconds."
            raise HTTPException(429, told, {"Retry-After": str(seconds)})
        return True

    def knows(self, token: str) -> bool:
        """Tell whether the token, or whoever else was remembered, has been good."""
        return _hash(token) in self._good

    def remember(self, token: str, *, good: bool) -> None:
        """Remember what came of a token that was looked up."""
        key = _hash(token)
        for tokens in (self._good, self._bad):
            tokens.pop(key, None)
        tokens = self._good if good else self._bad
        if len(tokens) >= MOST:
            del tokens[next(iter(tokens))]
        tokens[key] = time.monotonic() + REFUSED_SECONDS


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _neighbourhood(origin: str | None) -> str:
    """Give whose addresses are counted together: in IPv6 one client has a whole /64 of them."""
    try:
        address = ip_address(origin or "")
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or address.packed[:8].hex())
