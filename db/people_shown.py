"""What viewers were shown about people in lists: counts by the hour, added to and read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.identity import ActorKind
from db.columns import PEOPLE_SHOWN, Columns
from db.types import Pool, Reader, Row


class Shown(NamedTuple):
    """What a viewer was shown, in rows about people and pages of lists; and their searches."""

    practice_id: int
    kind: ActorKind
    id: int
    people: int
    lists: int
    searches: int


async def add_people_shown(pool: Pool, shown: Sequence[Shown]) -> None:
    """Add to this hour's counts, for viewers in any practice, each of them given once."""
    if shown:
        columns = map(list, zip(*shown, strict=True))
        await pool.execute("select logic.add_people_shown($1, $2, $3, $4, $5, $6)", *columns)


async def list_people_shown(
    reader: Reader,
    practice_id: int,
    *,
    first: int,
    after: tuple[datetime, int] | None,
    columns: Columns = None,
) -> list[Row]:
    """Return a page of the counts, newest hour first; ``after`` is the last row's hour and id.

    If there are more than ``first``, one extra row is returned.
    """
    selected = PEOPLE_SHOWN.select(columns)
    where, arguments = ("", ()) if after is None else (" and (s.hour, s.id) < ($2, $3)", after)
    statement = f"""
        select {selected.list} from people_shown s {selected.joins}
        where s.practice_id = $1{where} order by s.hour desc, s.id desc limit {first + 1:d}
    """
    return await reader.fetch(statement, practice_id, *arguments)


async def count_people_shown(reader: Reader, practice_id: int) -> int:
    """Return how many rows ``list_people_shown`` pages through."""
    statement = "select count(*) from people_shown where practice_id = $1"
    return int(await reader.fetchval(statement, practice_id))
