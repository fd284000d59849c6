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
    """The tokens of one process that it doesn't know to be good."""

    def __init__(self) -> None:
        self._budgets = Budgets(RATE, BURST_SECONDS)
        self._refused: dict[bytes, float] = {}

    def were_refused(self, token: str) -> bool:
        """Tell whether the token was no good a moment ago."""
        return time.monotonic() < self._refused.get(_hash(token), 0.0)

    def refuse(self, token: str) -> None:
        """Remember that the token is no good."""
        if len(self._refused) >= MOST:
            del self._refused[next(iter(self._refused))]
        self._refused[_hash(token)] = time.monotonic() + REFUSED_SECONDS

    def admit(self, origin: str | None) -> None:
        """Let a token be looked up; raises ``HTTPException`` (429) where there were too many."""
        granted, wait = self._budgets.take(_neighbourhood(origin))
        if not granted:
            seconds = math.ceil(wait)
            told = f"Too many tokens from your address. Try again in {seconds} seconds."
            raise HTTPException(429, told, {"Retry-After": str(seconds)})


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _neighbourhood(origin: str | None) -> str:
    """Give whose addresses are counted together: in IPv6 one client has a whole /64 of them."""
    try:
        address = ip_address(origin or "")
    except ValueError:
        return ""
    return address.packed[:8].hex() if isinstance(address, IPv6Address) else str(address)
