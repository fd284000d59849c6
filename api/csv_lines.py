"""A line of CSV (RFC 4180) as all of ours are written, of which no spreadsheet makes a formula."""

import csv
import io
import re
from collections.abc import Iterable

BLANK = "[\\s\"'\\u200b-\\u200f\\u2060\\ufeff]*"
"""What a spreadsheet overlooks at the beginning of a cell."""
BEGINS = re.compile(rf"{BLANK}[=+\-@＝＋－＠]|[\t\r\n]")
"""How a cell begins that a spreadsheet would work out instead of show."""
WITHIN = re.compile(rf"(?<=[;\t\r\n])(?={BLANK}[=+\-@＝＋－＠])")
"""The same where a semicolon separates cells, and quotes after a comma are letters."""


def line(cells: Iterable[object]) -> str:
    """Give the line; what would be a formula gets an apostrophe before it."""
    written = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(map(_shown, texts))
    return written.getvalue()


def _shown(text: str) -> str:
    found = BEGINS.match(text)
    if found is None:
        return WITHIN.sub("'", text)
    return "'" + found[0] + WITHIN.sub("'", text[found.end() :])
