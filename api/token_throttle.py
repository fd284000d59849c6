"""The token throttle: a limit on how many bad tokens an address can have looked up."""

import hashlib
import math
import time

from starlette.exceptions import HTTPException

from api.addresses import networks_of
from api.known_tokens import KnownTokens
from api.rate import MAX_KEYS, Budgets

RATE, BURST_SECONDS = 20.0, 5.0
"""Unknown tokens looked up per second and address, and how many seconds' worth at once."""
SITE = 4
"""Multiple of that for an IPv6 /48, because one client may have the whole of it."""
REFUSED_SECONDS = 1.0
"""Seconds for which a bad token is refused without another look-up."""


class TokenThrottle:
    """Tokens that one process knows to be good or bad, by their hashes.

    ``shared`` are those that other processes know to be good; checking needs no database.
    """

    def __init__(self, shared: KnownTokens | None = None) -> None:
        self._shared = shared
        self._budgets = Budgets(RATE, BURST_SECONDS), Budgets(RATE * SITE, BURST_SECONDS)
        # Two, so that the good ones stay known however many bad ones there are.
        self._good: dict[bytes, float] = {}
        self._bad: dict[bytes, float] = {}

    def admit(self, token: str, origin: str | None) -> bool:
        """Return whether to look the token up: not if it was bad a moment ago.

        Raises ``HTTPException`` (429) if the address had too many looked up that were never good.
        """
        key = _hash(token)
        if key in self._good:
            return True
        if time.monotonic() < self._bad.get(key, 0.0):
            return False
        if self._shared is not None and self._shared.has(token):
            return True
        networks = zip(self._budgets, networks_of(origin), strict=False)
        wait = max(budget.take(network)[1] for budget, network in networks)
        if wait:
            seconds = math.ceil(wait)
            told = f"Too many tokens from your address. Try again in {seconds} seconds."
            raise HTTPException(429, told, {"Retry-After": str(seconds)})
        return True

    def knows(self, token: str) -> bool:
        """Return whether the token, or the person remembered in its place, has been good."""
        return _hash(token) in self._good or (self._shared is not None and self._shared.has(token))

    def remember(self, token: str, *, good: bool) -> None:
        """Remember whether a token that was looked up is good."""
        key = _hash(token)
        for tokens in (self._good, self._bad):
            tokens.pop(key, None)
        tokens = self._good if good else self._bad
        if len(tokens) >= MAX_KEYS:
            del tokens[next(iter(tokens))]
        tokens[key] = time.monotonic() + REFUSED_SECONDS
        if good and self._shared is not None:
            self._shared.add(token)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
