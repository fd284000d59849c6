"""How much of people each viewer was shown in lists: counts by the hour, added to and read."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from db.audit import ActorKind
from db.columns import PEOPLE_SHOWN, Columns
from db.rows import Pool, Reader, Row


class Whose(NamedTuple):
    """Who was shown something."""

    practice_id: int
    kind: ActorKind
    id: int


class Shown(NamedTuple):
    """How much: rows about somebody, pages of lists, and searches by a name or a number."""

    people: int = 0
    lists: int = 0
    searches: int = 0

    def plus(self, other: "Shown") -> "Shown":
        """Give both together."""
        return Shown(
            self.people + other.people, self.lists + other.lists, self.searches + other.searches
        )


async def add_people_shown(pool: Pool, shown: Mapping[Whose, Shown]) -> None:
    """Add to the counts of this hour, of viewers of whatever practices, in one statement."""
    columns = list(zip(*((*who, *how_much) for who, how_much in shown.items()), strict=True))
    if columns:
        await pool.execute("select logic.add_people_shown($1, $2, $3, $4, $5, $6)", *columns)


async def list_people_shown(
    reader: Reader,
    practice_id: int,
    *,
    first: int,
    after: tuple[datetime, int] | None,
    columns: Columns = None,
) -> list[Row]:
    """Give a page of the counts, the newest hour first; ``after`` is the last row's hour and id.

    Where there are more than ``first``, one more.
    """
    selected = PEOPLE_SHOWN.select(columns)
    where, arguments = ("", ()) if after is None else (" and (s.hour, s.id) < ($2, $3)", after)
    statement = f"""
        select {selected.list} from people_shown s {selected.joins}
        where s.practice_id = $1{where} order by s.hour desc, s.id desc limit {first + 1:d}
    """
    return await reader.fetch(statement, practice_id, *arguments)


async def count_people_shown(reader: Reader, practice_id: int) -> int:
    """Count what ``list_people_shown`` pages through."""
    statement = "select count(*) from people_shown where practice_id = $1"
    return int(await reader.fetchval(statement, practice_id))
