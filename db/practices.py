"""Practices and their preferences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from core.identity import Actor
from db.audit import changes, record
from db.columns import PRACTICE, Columns
from db.tenancy import in_practice
from db.types import Executor, Pool, Reader, Row, one

DAYS = ("first_contact_days", "sms_repeat_days", "letter_repeat_days", "phone_repeat_days")


@dataclass(frozen=True, slots=True)
class NewPractice:
    """What a practice starts with; everything else has a default."""

    name: str
    time_zone: str
    """IANA name, such as 'Australia/Sydney'."""
    phone_region: str
    """ISO 3166 country whose numbers are typed without a prefix, such as 'AU'."""
    pms_product: str
    phone: str
    """As it is printed in messages."""


PLACE = re.compile(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+")
"""Names of time zones that follow a place's clocks.

PostgreSQL accepts others, too: "UTC+10" in POSIX's sense, ten hours west, and "AEST" all year
round.
"""


class UnknownTimeZoneError(ValueError):
    """A time zone that isn't named after a place, as 'Australia/Sydney' is."""


async def create_practice(connection: Executor, new: NewPractice) -> int:
    """Create a practice, its first automated run at its next opening; return its id.

    For the tables' owner: the application can't create practices.

    Raises ``UnknownTimeZoneError`` if the time zone isn't named after a place, and
    ``asyncpg.PostgresError`` if the table rejects a field.
    """
    if not PLACE.fullmatch(new.time_zone):
        raise UnknownTimeZoneError
    practice_id: int = await connection.fetchval(
        """
        insert into practices (name, time_zone, phone_region, pms_product, phone, next_run_at)
        values ($1, $2, $3, $4, $5, logic.next_opening(now(), $2, '09:00'))
        returning id
        """,
        new.name,
        new.time_zone,
        new.phone_region,
        new.pms_product,
        new.phone,
    )
    return practice_id


async def get_practice(reader: Reader, practice_id: int, columns: Columns = None) -> Row:
    """Return the practice's row."""
    statement = f"select {PRACTICE.select(columns).list} from practices p where p.id = $1"
    return one(await reader.fetchrow(statement, practice_id))


async def get_practices(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the practice's row if its id is among ``ids``."""
    return [await get_practice(reader, practice_id, columns)] if practice_id in ids else []


async def list_practices(pool: Pool) -> list[Row]:
    """Return every practice's id, name and PMS, by id; for the tables' owner."""
    return list(await pool.fetch("select id, name, pms_product from practices order by id"))


class InvalidPreferencesError(ValueError):
    """A preference that can't be saved; the message names it and says what it may be."""


async def save_preferences(
    pool: Pool, practice_id: int, wanted: dict[str, int | str], *, actor: Actor
) -> Row:
    """Change the preferences named in ``wanted`` and no others; return the practice's row.

    Takes the columns of ``DAYS`` in days, ``send_from`` and ``send_until`` as 'HH:MM'. Raises
    ``InvalidPreferencesError``; then nothing has changed.
    """
    values: dict[str, Any] = {}
    for name, value in wanted.items():
        values[name] = _days(name, value) if name in DAYS else _time_of_day(name, value)
    async with in_practice(pool, practice_id) as connection:
        await connection.execute("select from practices where id = $1 for update", practice_id)
        before = await get_practice(connection, practice_id)
        after = dict(before) | values
        if after["send_from"] >= after["send_until"]:
            raise InvalidPreferencesError("sendFrom: The start must be before the end.")
        await connection.execute(
            """
            update practices
            set first_contact_days = $2, sms_repeat_days = $3, letter_repeat_days = $4,
                phone_repeat_days = $5, send_from = $6, send_until = $7,
                next_run_at = case
                  -- One that is due already only has to be begun.
                  when send_from = $6 or next_run_at <= now() then next_run_at
                  -- Today's run hasn't begun, but would have by the new hours: it begins now.
                  when now() at time zone time_zone
                       between (next_run_at at time zone time_zone)::date + $6
                           and next_run_at at time zone time_zone then now()
                  else logic.next_opening(now(), time_zone, $6) end
            where id = $1
            """,
            practice_id,
            *(after[name] for name in (*DAYS, "send_from", "send_until")),
        )
        saved = await get_practice(connection, practice_id)
        if saved != before:
            await record(
                connection,
                practice_id,
                actor,
                "SETUP_CHANGED",
                subject=f"Practice:{practice_id}",
                details=changes(before, saved),
            )
        return saved


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _days(name: str, value: int | str) -> int:
    least = 0 if name == "first_contact_days" else 1
    if not isinstance(value, int) or not least <= value <= 365:  # noqa: PLR2004
        raise InvalidPreferencesError(f"{_camel(name)}: Enter a number from {least} to 365.")
    return value


def _time_of_day(name: str, value: int | str) -> time:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value), re.ASCII):
        raise InvalidPreferencesError(f"{_camel(name)}: Enter a time, such as 09:00.")
    return time.fromisoformat(str(value))
