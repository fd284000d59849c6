"""Search over patients: names and numbers by their start, dates of birth, record numbers."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers

from db.types import Reader

DATE = re.compile(
    r"(?<!\d)(?:(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
    r"|(?P<one>\d{1,2})[/.-](?P<two>\d{1,2})[/.-](?P<year>\d{4}|\d\d)"
    r"|(?P<day>\d{1,2})\s+(?P<month>[a-z]{3,9})\.?,?\s+(?P<in_year>\d{4}))(?!\d)",
    re.IGNORECASE,
)
CENTURY = 100
MONTH_FIRST = {"US"}
"""Regions where 3/5/1958 is in March."""
NUMBER = re.compile(r"[+(]?\d[\d\s()-]*")
WORD = re.compile(r"[^\W\d_]+")
MAX_WORD_CHARACTERS = 500
"""Letters. No name has more, and the index refuses to look up a word that is far longer."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: SQL conditions, and the arguments from ``first_argument`` on.

    ``<name>`` stands for the alias of patients, ``<number>`` for that of a table with numbers.
    """

    names: str | None
    numbers: str | None
    arguments: list[Any]

    def patients(self, alias: str) -> str:
        """Return the condition over patients; empty if there is nothing to look for."""
        conditions = " and ".join(filter(None, (self.names, self.numbers)))
        return conditions.replace("<name>", alias).replace("<number>", alias)


async def find(
    reader: Reader,
    practice_id: int,
    text: str | None,
    *,
    first_argument: int,
    record_numbers: bool,
) -> Search:
    """Return the search that ``text`` means, as typed into a search box.

    Every word must begin a word of the name, whatever its accents and punctuation; a date must be
    the date of birth; a number must begin the mobile, typed nationally or internationally, with or
    without spaces, or, with ``record_numbers``, be a patient's whole record number.
    ``first_argument`` is the number of the first free placeholder in the caller's statement, whose
    ``$1`` is the practice.
    """
    if text is None:
        return Search(None, None, [])
    # No text in the database has a NUL, and none can be sent to it. A letter and its accent may be
    # typed as two characters.
    text = unicodedata.normalize("NFC", text.replace("\0", " "))
    arguments: list[Any] = []

    def place(value: object, kind: str = "text") -> str:
        arguments.append(value)
        return f"${first_argument + len(arguments) - 1}::{kind}"

    region = ""
    if any(character.isdigit() for character in text):
        region = await reader.fetchval(
            "select phone_region from practices where id = $1", practice_id
        )
    born, text = _dates(text, region)
    words = dict.fromkeys(word[: MAX_WORD_CHARACTERS + 1] for word in WORD.findall(text))
    typed = dict.fromkeys(re.sub(r"[^\d+]", "", number) for number in NUMBER.findall(text))
    # The practice's number before each word keeps the index lookup within the practice. All words
    # are in one condition, and made as the names' words are.
    names = [
        f"<name>.practice_id = $1 and <name>.birth_date = {place(day, 'date')}" for day in born
    ]
    if words:
        names.append(
            "<name>.practice_id = $1 and <name>.id = any (array(select logic.patients_named("
            f"searchable({place(_prefixes(practice_id, words))})::tsquery)))"
        )
    if not typed:
        return Search(" and ".join(names) or None, None, arguments)
    country = phonenumbers.country_code_for_region(region)
    numbers = "<number>.practice_id = $1"
    for number in typed:
        # ':' comes right after the digits, so all numbers with this start lie before it.
        either = [
            f"<number>.mobile >= {place(start)} and <number>.mobile < {place(start + ':')}"
            for start in _starts(number, country)
        ]
        if record_numbers:
            either.append(f"<number>.pms_id = {place(number)}")
        numbers += f" and ({' or '.join(either)})"
    return Search(" and ".join(names) or None, numbers, arguments)


def _dates(text: str, region: str) -> tuple[list[date], str]:
    """Return the dates in the text, and the text without them."""
    found: list[date] = []

    def take(match: re.Match[str]) -> str:
        day = _date(match, region)
        if day is None:
            return match[0]
        found.append(day)
        return " "

    return found, DATE.sub(take, text)


def _date(match: re.Match[str], region: str) -> date | None:
    """Return the date that was typed; None if there is no such day.

    A year of two digits is the last such year: dates of birth are in the past.
    """
    if match["iso_year"]:
        year, month, day = (int(match[part]) for part in ("iso_year", "iso_month", "iso_day"))
    elif match["month"]:
        names = [name.lower() for name in calendar.month_name]
        starts = [name.startswith(match["month"].lower()) for name in names]
        if True not in starts:
            return None
        year, month, day = int(match["in_year"]), starts.index(True), int(match["day"])
    else:
        day, month, year = int(match["one"]), int(match["two"]), int(match["year"])
        if region in MONTH_FIRST:
            day, month = month, day
        if year < CENTURY:
            this_year = datetime.now(UTC).year
            year += this_year // CENTURY * CENTURY
            year -= CENTURY if year > this_year else 0
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _prefixes(practice_id: int, words: dict[str, None]) -> str:
    return " & ".join(f"'{practice_id}:{word}':*" for word in words)


def _starts(number: str, country: int) -> list[str]:
    """Return what an E.164 number may start with if it was typed as ``number``."""
    if number.startswith("+"):
        return [number]
    if number.startswith("0"):
        return [f"+{country}{number.lstrip('0')}"]
    return [f"+{number}", f"+{country}{number}"]
