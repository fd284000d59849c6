"""Which secrets are too easy to guess: what comes with the software, words, and patterns."""

import re
from itertools import pairwise

LEAST = 12
"""Characters that a secret needs."""
LEAST_STEPS = 6
"""Different steps from one of its characters to the next, words aside."""
WORD = re.compile(
    "admin|changeme|database|default|demo|gateway|letmein|passwor[dt]|postgres(ql)?|qwertyuiop"
    "|recalls(_app)?|redis|secret|simulator|token|twilio|valkey|welcome"
)
GUESSABLE = "the default one or easy to guess: 12 characters, random ones"
"""How a refusal goes on."""


def guessable(secret: str, *names: str) -> bool:
    """Tell whether a secret is easy to guess.

    It is where it has fewer than 12 characters; or where without common words, those that come with
    the software, and the ``names`` that are known with it, it is short, repeats itself or counts.
    """
    rest = WORD.sub("", secret.casefold())
    for name in names:
        rest = rest.replace(name.casefold(), "")
    steps = {ord(after) - ord(before) for before, after in pairwise(rest)}
    return len(secret) < LEAST or len(steps) < LEAST_STEPS
