"""What text PostgreSQL can keep."""

import re

NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> bool:
    """Tell whether the text can be kept: no NUL, and no half of a surrogate pair."""
    return NOT_STORABLE.search(text) is None
