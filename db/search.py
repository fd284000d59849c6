"""Search over patients' names and numbers, by the start of a word."""

import re
from dataclasses import dataclass

import phonenumbers

from db.rows import Pool

NUMBER = re.compile(r"[+(]?\d[\d\s()-]*")


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: SQL conditions with the places of their arguments."""

    conditions: list[str]
    arguments: list[object]

    def on(self, *, name: str, mobile: str) -> str:
        """Give the condition over the patients' alias ``name`` and the column ``mobile``."""
        return " and ".join(self.conditions).replace("<name>", name).replace("<mobile>", mobile)


async def find(pool: Pool, practice_id: int, text: str | None, *, first_argument: int) -> Search:
    """Read ``text`` as somebody types it into a search box.

    Every word must begin a word of the name; a number must begin the mobile, typed nationally or
    internationally, with spaces or without. ``first_argument`` is the number of the first place
    that is free in the caller's statement. No conditions where there is nothing to look for.
    """
    # A NUL is in no text of the database and can't be sent to it.
    text = (text or "").replace("\0", " ")
    found = Search([], [])
    numbers = [re.sub(r"[^\d+]", "", typed) for typed in NUMBER.findall(text)]
    if numbers:
        region = await pool.fetchval(
            "select phone_region from practices where id = $1", practice_id
        )
        country = phonenumbers.country_code_for_region(region)
        for number in numbers:
            starts = _starts(number, country)
            found.conditions.append(f"<mobile> ^@ any (${first_argument + len(found.arguments)})")
            found.arguments.append(starts)
    for word in re.findall(r"[^\W\d_]+", text):
        found.conditions.append(
            "lower(<name>.first_name || ' ' || <name>.last_name)"
            f" ~ ('\\m' || ${first_argument + len(found.arguments)})"
        )
        found.arguments.append(word.lower())
    return found


def _starts(number: str, country: int) -> list[str]:
    """Give what an E.164 number may begin with if it was typed as ``number``."""
    if number.startswith("+"):
        return [number]
    if number.startswith("0"):
        return [f"+{country}{number.lstrip('0')}"]
    return [f"+{number}", f"+{country}{number}"]
