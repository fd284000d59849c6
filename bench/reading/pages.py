"""The pages to ask for, and what each must say: by the rule itself, not by what is stored."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bench.peers.page import cursor
from bench.reading.data import PRACTICES
from db.types import Pool, Row

ALL_DEPTHS = tuple(tenth / 10 for tenth in range(10))
_TRUTH = """
  select r.id, r.reason, r.urgency, r.due_date, r.patient_id, p.first_name, p.last_name, p.mobile,
         c.id as category_id, c.name as category_name, s.reason as sms_reason,
         logic.sms_block_overridable(s.reason) as overridable,
         logic.sms_block_message(s.reason) as message
  from (
    select * from recalls r where practice_id = $1 and (due_date, id) > ($2, $3)
      and ($5::boolean is null or $5 = exists (
        select from logic.patient_sms s
        where s.practice_id = r.practice_id and s.patient_id = r.patient_id
          and s.reason is not null))
    order by due_date, id limit $4
  ) r
  join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
  join logic.patient_sms s on s.practice_id = r.practice_id and s.patient_id = r.patient_id
  left join category_links l
    on l.practice_id = r.practice_id and l.kind = 'REASON' and l.link_key = lower(r.reason)
  left join categories c on c.practice_id = l.practice_id and c.id = l.category_id
  order by r.due_date, r.id
"""
_ROWS_BEFORE = """
  select due_date, id from (
    select due_date, id, row_number() over (order by due_date, id) as place
    from recalls where practice_id = $1
  ) r where place = any ($2) order by place
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One page of a practice's list."""

    practice: int
    first: int
    after: tuple[date, int] | None = None
    """Due date and id of the row before the page."""
    blocked: bool | None = None
    """The filter: only blocked recalls, or only others; None asks for all."""

    @property
    def cursor(self) -> str | None:
        """Where the page begins, in our spelling."""
        return None if self.after is None else cursor(*self.after)


async def questions(
    pool: Pool, first: int, *, depths: Sequence[float] = ALL_DEPTHS, blocked: bool | None = None
) -> list[Question]:
    """Return a page of each practice at each depth, 0.9 being behind nine tenths of the list.

    The order is random, but the same each time.
    """
    found = []
    for practice in range(1, PRACTICES + 1):
        count = await pool.fetchval("select count(*) from recalls where practice_id = $1", practice)
        before = sorted({int((count - first) * depth) for depth in depths})
        rows = await pool.fetch(_ROWS_BEFORE, practice, before)
        places: list[tuple[date, int] | None] = [(row["due_date"], row["id"]) for row in rows]
        if 0 in before:
            places.append(None)
        found += [Question(practice, first, place, blocked) for place in places]
    random.Random(1).shuffle(found)  # noqa: S311
    return found


async def last_page(pool: Pool, first: int) -> Question:
    """Return a page that ends a practice's list and is only half full."""
    row = await pool.fetchrow(
        "select due_date, id from recalls where practice_id = 1"
        " order by due_date desc, id desc offset $1 limit 1",
        first // 2,
    )
    assert row is not None  # noqa: S101
    return Question(1, first, (row["due_date"], row["id"]))


class Truth:
    """The right pages of one database; each is looked up once."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._pages: dict[Question, dict[str, Any]] = {}

    async def page(self, question: Question) -> dict[str, Any]:
        """Return the page, in JSON's types."""
        if question not in self._pages:
            due, key = question.after or (date.min, 0)
            rows = await self.pool.fetch(
                _TRUTH, question.practice, due, key, question.first + 1, question.blocked
            )
            self._pages[question] = _page(rows, question.first)
        return self._pages[question]


def _page(rows: Sequence[Row], first: int) -> dict[str, Any]:
    edges = [
        {
            "cursor": cursor(row["due_date"], row["id"]),
            "node": {
                "id": f"Recall:{row['id']}",
                "reason": row["reason"],
                "urgency": row["urgency"],
                "dueDate": row["due_date"].isoformat(),
                "category": None
                if row["category_id"] is None
                else {
                    "id": f"Category:{row['category_id']}",
                    "name": row["category_name"],
                },
                "patient": {
                    "id": f"Patient:{row['patient_id']}",
                    "firstName": row["first_name"],
                    "lastName": row["last_name"],
                    "mobile": row["mobile"],
                },
                "smsStatus": {
                    "blocked": row["sms_reason"] is not None,
                    "reason": row["sms_reason"],
                    "overridable": row["overridable"],
                    "message": row["message"],
                },
            },
        }
        for row in rows[:first]
    ]
    end = edges[-1]["cursor"] if edges else None
    return {
        "edges": edges,
        "pageInfo": {"hasNextPage": len(rows) > first, "endCursor": end},
    }
