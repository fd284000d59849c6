"""How many recalls are in each tab: those without an attempt in groups, by an index alone."""

from collections.abc import Sequence

from db.columns import RECALL_STATUS
from db.recall_filter import IS_DUE, IS_OPEN, NEEDS_ATTENTION, Matching

FEW_ATTEMPTS = 2_000
"""Attempts of a practice up to which all are read, instead of those of the recalls found."""
TABS = ("TO_ACTION", "CALLS", "LETTERS", "WAITING", "NEEDS_ATTENTION", "ALL")
_TAB_OF_DUE = """
  coalesce(sum(r.recalls) filter (where s.tab = 'TO_ACTION'), 0)::bigint as to_action,
  coalesce(sum(r.recalls) filter (where s.tab = 'CALLS'), 0)::bigint as calls,
  coalesce(sum(r.recalls) filter (where s.tab = 'LETTERS'), 0)::bigint as letters,
  coalesce(sum(r.recalls) filter (where s.tab is null), 0)::bigint as resting
"""


def count_tabs(found: Matching, tabs: Sequence[str], *, searched: bool) -> str:
    """Return the SQL that counts those of the recalls found that are in each of ``tabs``.

    One row, a column for each tab in lower case. ``searched``: ``found`` reads few recalls, and not
    from the whole list.
    """
    later = found.sql_with(IS_OPEN, f"not {IS_DUE}")
    counts = {
        "TO_ACTION": "(select to_action from due)",
        "CALLS": "(select calls from due)",
        "LETTERS": "(select letters from due)",
        # Whatever isn't due yet waits, and some of what is.
        "WAITING": f"(select resting from due) + (select count(*){later})",
        "NEEDS_ATTENTION": f"(select count(*){found.sql_with(NEEDS_ATTENTION)})",
        "ALL": f"(select count(*){found.sql})",
    }
    due = _status_of_each(found) if searched else _status_of_groups(found)
    return f"""
        with {due}
        select {", ".join(f'{counts[tab]} as "{tab.lower()}"' for tab in tabs)}
    """


def _status_of_each(found: Matching) -> str:
    status = " ".join(RECALL_STATUS.values())
    return f"""
        due as (
          select {_TAB_OF_DUE}
          from (select r.*, 1 as recalls{found.sql_with(IS_OPEN, IS_DUE)} offset 0) r {status}
        )
    """


def _status_of_groups(found: Matching) -> str:
    """Return the common table expressions that count the due recalls by tab.

    The status of open, due recalls without an attempt depends on their category and refusal alone,
    so it is derived once for each group of these. Recalls with attempts are taken off their groups,
    and each one's status is derived by itself.
    """
    due = found.sql_with(IS_OPEN, IS_DUE)
    conditions = " and ".join([*found.conditions, IS_OPEN, IS_DUE])
    status = " ".join(RECALL_STATUS.values())
    # No recall has the id null: a group's status is that of a recall without an attempt.
    group = """
      $1::integer as practice_id, null::bigint as id, 1 as round, false as completed,
      null::timestamptz as no_further_action_at, date '-infinity' as due_date,
      r.category_id, r.sms_reason
    """
    return f"""
        attempts as materialized (
          select exists (
            select from attempt_recalls where practice_id = $1 offset {FEW_ATTEMPTS:d}
          ) as many
        ), attempted as materialized (
          select r.id, r.round, r.due_date, r.category_id, r.sms_reason
          from (
            select distinct recall_id from attempt_recalls
            where practice_id = $1 and not (select many from attempts)
            union all
            select distinct recall_id from attempt_recalls
            where practice_id = $1 and (select many from attempts)
              and recall_id = any (array(select r.id{due}))
          ) ar
          cross join lateral (
            select * from recalls where practice_id = $1 and id = ar.recall_id offset 0
          ) r
          where {conditions}
        ), due as (
          select {_TAB_OF_DUE}
          from (
            select {group}, count(*) as recalls{due} group by r.category_id, r.sms_reason
            union all
            select {group}, -count(*) from attempted r group by r.category_id, r.sms_reason
            union all
            select $1, id, round, false, null, due_date, category_id, sms_reason, 1 from attempted
          ) r {status}
        )
    """
