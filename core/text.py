"""What text PostgreSQL can store."""

import re

NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> bool:
    """Return whether the text can be stored: no NUL, and no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None
