"""Words that practices know from their guides are in the built portal, word for word."""

import pytest

from api.app import PORTAL

# The rule's two texts come from the API: tests/db/test_rule.py keeps those.
FIXED = (
    "To Action",
    "Calls",
    "Letters",
    "Blocked Communications",
    "Blocked Recalls",
    "Block",
    "No further action",
    "Does not wish to be contacted by SMS",
)


@pytest.fixture(scope="module")
def built() -> str:
    """All script of the built portal."""
    if not PORTAL.is_dir():
        pytest.skip("THE PORTAL'S WORDS ARE NOT CHECKED: run make portal/dist/index.html")
    return "".join(each.read_text() for each in (PORTAL / "assets").glob("*.js"))


@pytest.mark.parametrize("words", FIXED)
def test_words_of_the_guides_are_kept_word_for_word(built: str, words: str) -> None:
    # then: as a whole text, and not part of a longer one
    assert any(f"{quote}{words}{quote}" in built for quote in "\"'`")
