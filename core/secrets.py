"""Secrets that are too easy to guess: the software's defaults, words, and patterns."""

import re
from itertools import pairwise

MIN_CHARACTERS = 12
"""Minimum length of a secret, in characters."""
MIN_STEPS = 6
"""Minimum number of different steps between adjacent characters, words removed."""
WORD = re.compile(
    "admin|changeme|database|default|demo|gateway|letmein|passwor[dt]|postgres(ql)?|qwertyuiop"
    "|recalls(_app)?|redis|secret|simulator|token|twilio|valkey|welcome"
)
GUESSABLE = "the default or easy to guess: use at least 12 random characters"
"""The end of a refusal's sentence."""


def guessable(secret: str, *names: str) -> bool:
    """Return whether a secret is easy to guess.

    It is if it has fewer than 12 characters; or if, once common words, the software's defaults and
    the ``names`` that are known with it are removed, it is short, repeats itself or counts.
    """
    rest = WORD.sub("", secret.casefold())
    for name in names:
        rest = rest.replace(name.casefold(), "")
    steps = {ord(after) - ord(before) for before, after in pairwise(rest)}
    return len(secret) < MIN_CHARACTERS or len(steps) < MIN_STEPS
