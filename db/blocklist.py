"""The blocklist: listing, blocking and unblocking numbers."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, TypeAlias

from core.identity import Actor
from db.audit import acting, as_json
from db.columns import BLOCK_EVENT, BLOCKED, Columns
from db.search import find
from db.tenancy import call
from db.types import MAX_AT_ONCE, MAX_EACH, Pool, Reader, Row

Entry: TypeAlias = Row | dict[str, Any]
"""An entry's columns as read, perhaps with one that became known since."""
MAX_WAIT_SECONDS = 60.0
"""Seconds; longer than any claim's lease, which is at most 50."""


async def block_mobile(
    pool: Pool,
    practice_id: int,
    mobile: str,
    *,
    blocked: bool,
    note: str | None,
    actor: Actor,
    source: str = "STAFF",
) -> Entry:
    """List the number (E.164), 'Blocked Recalls' ticked if ``blocked``; return its entry.

    A number whose box is ticked already stays ticked: listing it again never lets a message
    through. The entry is as ``set_blocked_recalls`` returns it.
    """
    # None leaves the tick as it is; only set_blocked_recalls takes it away.
    tick = True if blocked else None
    change = change_of(mobile, actor, blocked=tick, note=note, source=source)
    return await _answer(pool, practice_id, await call(pool, practice_id, *change))


async def set_blocked_recalls(
    pool: Pool, practice_id: int, mobile: str, *, blocked: bool, actor: Actor
) -> Entry | None:
    """Set 'Blocked Recalls' of a listed number; return its entry, or None if it isn't listed.

    When this returns with the box ticked, no worker will hand the gateway another message to the
    number, and ``already_handed_over`` has been counted.
    """
    change = change_of(mobile, actor, blocked=blocked, must_be_listed=True)
    entry = await call(pool, practice_id, *change)
    return await _answer(pool, practice_id, entry) if entry["was_listed"] else None


async def remove_blocked(pool: Pool, practice_id: int, mobile: str, *, actor: Actor) -> bool:
    """Take the number off the list, keeping its history; return False if it wasn't listed."""
    change = change_of(mobile, actor, blocked=False, listed=False, must_be_listed=True)
    return bool((await call(pool, practice_id, *change))["was_listed"])


def change_of(
    mobile: str,
    actor: Actor,
    *,
    blocked: bool | None,
    listed: bool = True,
    note: str | None = None,
    source: str = "STAFF",
    must_be_listed: bool = False,
) -> tuple[Any, ...]:
    """Return the name of the function that changes an entry, and its arguments for ``call``."""
    details: dict[str, bool | str] = {"listed": listed, "source": source}
    if blocked is not None:
        details["blockedRecalls"] = blocked
    if note:
        details["note"] = note
    return (
        "change_block",
        mobile,
        blocked,
        listed,
        note or None,
        source,
        must_be_listed,
        as_json(details),
        *acting(actor),
    )


async def _answer(pool: Pool, practice_id: int, entry: Row) -> Entry:
    """Return the entry as it was written, whatever others have done to it since."""
    if entry["lease"] is None:
        return entry
    handed_over = await wait_for_claims(pool, practice_id, entry["mobile"])
    return {**entry, "already_handed_over": handed_over}


async def wait_for_claims(pool: Pool, practice_id: int, mobile: str) -> int:
    """Wait until no worker can send the number a message; return how many were handed over.

    Every claim that holds such a message was made before the number was blocked, so its lease is
    over once that long has passed here, by a clock that nobody sets. Each check is a transaction of
    its own, so that nobody waits for the wait.
    """
    since = time.monotonic()
    while True:
        claims = await call(pool, practice_id, "claims_of_number", mobile)
        if claims["lease"] is None:
            return int(claims["handed_over"])
        if time.monotonic() >= since + min(claims["lease"], MAX_WAIT_SECONDS):
            break
        await asyncio.sleep(0.01)
    return int((await call(pool, practice_id, "count_handed_over", mobile))[0])


async def practices_of_mobile(pool: Pool, mobile: str) -> list[int]:
    """Return the practices that have the number as a patient's, or sent a message to it."""
    rows = await pool.fetch("select practice_id from logic.practices_of_mobile($1)", mobile)
    return [row["practice_id"] for row in rows]


def _blocked(columns: Columns = None) -> str:
    selected = BLOCKED.select(columns)
    return f"select {selected.list} from blocked_communications b where b.practice_id = $1"


async def get_blocked(
    reader: Reader, practice_id: int, ids: Sequence[int], columns: Columns = None
) -> list[Row]:
    """Return the entries among ``ids`` that belong to the practice."""
    return await reader.fetch(f"{_blocked(columns)} and b.id = any($2)", practice_id, ids)


async def get_blocked_of(
    reader: Reader, practice_id: int, mobiles: Sequence[str], columns: Columns = None
) -> list[Row]:
    """Return the entries of those numbers (E.164) that are listed."""
    return await reader.fetch(f"{_blocked(columns)} and b.mobile = any($2)", practice_id, mobiles)


async def list_blocked(
    reader: Reader,
    practice_id: int,
    *,
    search: str | None,
    first: int,
    after: int | None,
    columns: Columns = None,
) -> list[Row]:
    """Return a page of entries, newest first; ``search`` by number or by the patient it reaches.

    If there are more than ``first``, one extra row is returned.
    """
    where, arguments = await _filter(reader, practice_id, search)
    if after is not None:
        arguments.append(after)
        where += f" and b.id < ${len(arguments) + 1}"
    statement = f"{_blocked(columns)}{where} order by b.id desc limit {first + 1:d}"
    return await reader.fetch(statement, practice_id, *arguments)


async def count_blocked(reader: Reader, practice_id: int, *, search: str | None) -> int:
    """Return how many entries ``list_blocked`` pages through."""
    where, arguments = await _filter(reader, practice_id, search)
    statement = f"select count(*) from ({_blocked(['id'])}{where}) b"
    return int(await reader.fetchval(statement, practice_id, *arguments))


async def _filter(reader: Reader, practice_id: int, search: str | None) -> tuple[str, list[object]]:
    found = await find(reader, practice_id, search, first_argument=2, record_numbers=False)
    conditions = []
    if found.names:
        patients = found.names.replace("<name>", "p")
        conditions.append(
            f"m.mobile = any (array(select p.mobile from patients p where {patients}))"
        )
    if found.numbers:
        # In the list itself: a number is found even if it reaches nobody.
        conditions.append(found.numbers.replace("<number>", "m"))
    if not conditions:
        return "", []
    # By id, because the page is ordered by it as well.
    return (
        " and b.id = any (array(select m.id from blocked_communications m"
        f" where m.practice_id = $1 and {' and '.join(conditions)}))",
        found.arguments,
    )


async def history_of(
    reader: Reader, practice_id: int, mobiles: Sequence[str], columns: Columns = None
) -> list[Row]:
    """Return the numbers' latest events, newest first."""
    statement = f"""
        select {BLOCK_EVENT.select(columns).list}
        from unnest($2::text[]) as wanted (mobile)
        cross join lateral (
          select * from block_events e where e.practice_id = $1 and e.mobile = wanted.mobile
          order by e.id desc limit {MAX_EACH:d}
        ) e
        limit {MAX_AT_ONCE + 1:d}
    """
    return await reader.fetch(statement, practice_id, mobiles)
