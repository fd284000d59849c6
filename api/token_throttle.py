"""Access tokens that are no good: a client's address has few of them looked up."""

import hashlib
import math
import time

from starlette.exceptions import HTTPException

from api.addresses import networks_of
from api.known_tokens import KnownTokens
from api.rate import MAX_KEYS, Budgets

RATE, BURST_SECONDS = 20.0, 5.0
"""Tokens a second that are looked up for an address which nobody has seen to be good."""
SITE = 4
"""How many times as many are looked up for an IPv6 /48, all of which one client may have."""
REFUSED_SECONDS = 1.0
"""How long a token that was no good is taken to be none, without asking."""


class TokenThrottle:
    """Which tokens one process knows to be good or not, by their hashes.

    ``shared`` are those that others know to be good; it costs no look at the database to ask.
    """

    def __init__(self, shared: KnownTokens | None = None) -> None:
        self._shared = shared
        self._budgets = Budgets(RATE, BURST_SECONDS), Budgets(RATE * SITE, BURST_SECONDS)
        # Two, so that however many are no good, those that are good stay known.
        self._good: dict[bytes, float] = {}
        self._bad: dict[bytes, float] = {}

    def admit(self, token: str, origin: str | None) -> bool:
        """Tell whether to look the token up; not where it was no good a moment ago.

        Raises ``HTTPException`` (429) where the address had too many looked up that were never
        good.
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
        """Tell whether the token, or whoever else was remembered, has been good."""
        return _hash(token) in self._good or (self._shared is not None and self._shared.has(token))

    def remember(self, token: str, *, good: bool) -> None:
        """Remember what came of a token that was looked up."""
        key = _hash(token)
        for tokens in (self._good, self._bad):
            tokens.pop(key, None)
        tokens = self._good if good else self._bad
        if len(tokens) >= MAX_KEYS:
            del tokens[next(iter(tokens))]
        tokens[key] = time.monotonic() + REFUSED_SECONDS
        if good and self._shared is not None:
            self._shared.say(token)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
