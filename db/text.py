"""What text PostgreSQL can keep."""


def storable(text: str) -> bool:
    """Tell whether the text can be kept: no NUL, and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
