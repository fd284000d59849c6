"""Search over patients' names and numbers, by the start of a word."""

import re
from dataclasses import dataclass
from typing import Any

import phonenumbers

from db.types import Reader

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
    reader: Reader, practice_id: int, text: str | None, *, first_argument: int
) -> Search:
    """Return the search that ``text`` means, as typed into a search box.

    Every word must begin a word of the name; a number must begin the mobile, typed nationally or
    internationally, with or without spaces. ``first_argument`` is the number of the first free
    placeholder in the caller's statement, whose ``$1`` is the practice.
    """
    if text is None:
        return Search(None, None, [])
    # No text in the database has a NUL, and none can be sent to it.
    text = text.replace("\0", " ")
    arguments: list[Any] = []

    def place(value: str) -> str:
        arguments.append(value)
        return f"${first_argument + len(arguments) - 1}::text"

    words = dict.fromkeys(word[: MAX_WORD_CHARACTERS + 1] for word in WORD.findall(text))
    # All words in one condition, lower-cased by PostgreSQL as the names' words are. The practice's
    # number before each keeps the index lookup within the practice.
    names = (
        f"<name>.practice_id = $1 and <name>.id = any (array(select logic.patients_named("
        f'lower({place(_prefixes(practice_id, words))} collate "pg_c_utf8")::tsquery)))'
        if words
        else None
    )
    typed = [re.sub(r"[^\d+]", "", number) for number in NUMBER.findall(text)]
    if not typed:
        return Search(names, None, arguments)
    region = await reader.fetchval("select phone_region from practices where id = $1", practice_id)
    country = phonenumbers.country_code_for_region(region)
    # ':' comes right after the digits, so all numbers with this start lie before it.
    numbers = "<number>.practice_id = $1"
    for number in dict.fromkeys(typed):
        ranges = " or ".join(
            f"<number>.mobile >= {place(start)} and <number>.mobile < {place(start + ':')}"
            for start in _starts(number, country)
        )
        numbers += f" and ({ranges})"
    return Search(names, numbers, arguments)


def _prefixes(practice_id: int, words: dict[str, None]) -> str:
    return " & ".join(f"'{practice_id}:{word}':*" for word in words)


def _starts(number: str, country: int) -> list[str]:
    """Return what an E.164 number may start with if it was typed as ``number``."""
    if number.startswith("+"):
        return [number]
    if number.startswith("0"):
        return [f"+{country}{number.lstrip('0')}"]
    return [f"+{number}", f"+{country}{number}"]
