"""The recalls that a filter selects: SQL that reads them in the list's order, each by an index."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from db.columns import RECALL_STATUS
from db.search import find
from db.types import Reader

MAX_BRANCHES = 8
"""Categories, or reasons, that are each read by index; more are filtered from all recalls."""

# What is cheap to check before a recall's attempts are read: it must be open, for which there is an
# index, and due, and its category's steps must be able to lead to the tab.
IS_OPEN = "not r.completed and r.no_further_action_at is null"
IS_DUE = """
  (r.due_date <= (select logic.last_due_date(first_contact_days, logic.today(time_zone))
                  from practices where id = $1))
"""
CAN_BE_IN_TAB = """
  coalesce(r.category_id, 0) = any (array(
    select id from categories where practice_id = $1 and logic.reaches_tab(steps, {tab})
    union all select 0 where logic.reaches_tab(null, {tab})))
"""


# Of the due recalls, only those with an attempt can wait; each of the others does. In two branches,
# so that the due ones without an attempt, which may be thousands, aren't read.
WAITING = f"""
  ((select r.* from recalls r where r.practice_id = $1 and {IS_OPEN} and {IS_DUE}
      and r.id = any (array(select recall_id from attempt_recalls where practice_id = $1))
      order by r.due_date, r.id)
   union all
   (select r.* from recalls r where r.practice_id = $1 and {IS_OPEN} and not {IS_DUE}
      order by r.due_date, r.id)) r
"""


NEEDS_ATTENTION = "r.id = any (array(select logic.needs_attention($1)))"


class RecallQuery(NamedTuple):
    """Restrictions on recalls; None leaves one out."""

    tab: str | None = None
    category_ids: Sequence[int] | None = None
    due_from: date | None = None
    due_to: date | None = None
    search: str | None = None
    blocked: bool | None = None
    reasons: Sequence[str] | None = None


ALL_RECALLS = RecallQuery()


@dataclass(slots=True)
class Matching:
    """The recalls that a query selects: ``sql`` is "from … where …", with ``r`` for the recall.

    ``$1`` is the practice and ``arguments`` are for ``$2`` and so on. The text depends on which
    restrictions are set, never on their values, so that each combination has its own plan. An index
    yields the recalls in the order (due_date, id); only those that a search finds are sorted.
    """

    sources: list[str] = field(default_factory=lambda: ["recalls r"])
    conditions: list[str] = field(default_factory=lambda: ["r.practice_id = $1"])
    arguments: list[Any] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """The text, to which more conditions can be added."""
        return self.sql_with()

    def sql_with(self, *more: str) -> str:
        """Return the text with more conditions."""
        return f" from {' '.join(self.sources)} where {' and '.join([*self.conditions, *more])}"

    def place(self, value: object) -> str:
        """Add an argument; return its placeholder."""
        self.arguments.append(value)
        return f"${len(self.arguments) + 1}"

    def only(self, condition: str, value: object) -> None:
        """Add a condition whose argument goes in place of ``{}``."""
        self.conditions.append(condition.format(self.place(value)))


async def matching(reader: Reader, practice_id: int, query: RecallQuery) -> Matching:
    """Return the practice's recalls that the query selects."""
    found = Matching()
    search = await find(reader, practice_id, query.search, first_argument=2, record_numbers=True)
    if patients := search.patients("p"):
        found.arguments += search.arguments
        # offset 0: read and sort what was found, however much the planner expects, instead of
        # reading the list in its order until enough was found.
        found.sources = [
            "(select * from recalls where practice_id = $1 and patient_id = any (array("
            f"select p.id from patients p where {patients})) offset 0) r"
        ]
    elif query.tab is None:
        query = _branch(found, query)
    elif query.tab == "WAITING":
        found.sources = [WAITING]
    elif query.tab == "NEEDS_ATTENTION":
        found.sources = [
            f"(select * from recalls r where practice_id = $1 and {NEEDS_ATTENTION} offset 0) r"
        ]
    narrow(found, query)
    if query.tab == "NEEDS_ATTENTION":
        found.conditions.append(NEEDS_ATTENTION)
    elif query.tab == "WAITING":
        found.sources += RECALL_STATUS.values()
        found.conditions.append("s.state = 'WAITING'")
    elif query.tab is not None:
        found.sources += RECALL_STATUS.values()
        tab = found.place(query.tab)
        found.conditions += [IS_OPEN, IS_DUE, CAN_BE_IN_TAB.format(tab=tab), f"s.tab = {tab}"]
    return found


def narrow(found: Matching, query: RecallQuery) -> None:
    """Add the query's conditions on a recall's own columns."""
    if query.category_ids is not None:
        found.only("r.category_id = any ({})", list(query.category_ids))
    if query.reasons is not None:
        found.only("r.sms_reason = any ({})", list(query.reasons))
    if query.blocked is not None:
        found.conditions.append(f"r.sms_reason is {'not ' if query.blocked else ''}null")
    if query.due_from is not None:
        found.only("r.due_date >= {}", query.due_from)
    if query.due_to is not None:
        found.only("r.due_date <= {}", query.due_to)


def _branch(found: Matching, query: RecallQuery) -> RecallQuery:
    """Read each value of the first suitable list by index, to be merged in order.

    Return the query that is left.
    """
    lists: tuple[tuple[str, str, Sequence[Any] | None], ...] = (
        ("category_ids", "category_id", query.category_ids),
        ("reasons", "sms_reason", query.reasons),
    )
    for name, column, values in lists:
        distinct = list(dict.fromkeys(values or ()))
        if 0 < len(distinct) <= MAX_BRANCHES:
            branches = " union all ".join(
                f"(select * from recalls where practice_id = $1 and {column} = {found.place(value)}"
                " order by due_date, id)"
                for value in distinct
            )
            found.sources = [f"({branches}) r"]
            return query._replace(**{name: None})
    return query
