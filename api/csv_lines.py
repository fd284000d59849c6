"""Lines of CSV (RFC 4180), safe from being read as formulas by a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable

IGNORED = "[\\s\"'\\u200b-\\u200f\\u2060\\ufeff]*"
"""What a spreadsheet ignores at the beginning of a cell."""
FORMULA_START = re.compile(rf"{IGNORED}[=+\-@＝＋－＠]|[\t\r\n]")
"""The beginning of a cell that a spreadsheet would evaluate instead of show."""
FORMULA_INSIDE = re.compile(rf"(?<=[;\t\r\n])(?={IGNORED}[=+\-@＝＋－＠])")
"""The same within a cell, for readers that split at semicolons and take quotes as text."""


def line(cells: Iterable[object]) -> str:
    """Return the line; an apostrophe precedes whatever would be a formula."""
    written = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(map(_shown, texts))
    return written.getvalue()


def _shown(text: str) -> str:
    found = FORMULA_START.match(text)
    if found is None:
        return FORMULA_INSIDE.sub("'", text)
    return "'" + found[0] + FORMULA_INSIDE.sub("'", text[found.end() :])
