"""Text that PostgreSQL can store, and the error for other text."""

import re

NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
UNSTORABLE = "contains a character that can't be stored."
"""The end of the sentence that refuses such text."""


def storable(text: str) -> bool:
    """Return whether the text can be stored: no NUL, and no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None
