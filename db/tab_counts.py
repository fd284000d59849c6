"""How many recalls are in a tab: those without an attempt in groups, by an index alone."""

from db.columns import RECALL_STATUS
from db.recall_filter import CAN_BE_IN_TAB, IS_OPEN_AND_DUE, Matching

FEW_ATTEMPTS = 2_000
"""Attempts of a practice up to which all are read, instead of those of the recalls found."""


def count_in_tab(found: Matching, tab: str) -> str:
    """Return the SQL that counts those of ``recalls r`` found that are in the tab.

    The tab becomes an argument of ``found``.

    The status of open, due recalls without an attempt depends on their category and refusal alone,
    so it is derived once for each group of these. Recalls with attempts are taken off their groups,
    and each one's status is derived by itself.
    """
    tab = found.place(tab)
    conditions = [*found.conditions, IS_OPEN_AND_DUE]
    due = f"from recalls r where {' and '.join(conditions)}"
    conditions.append(CAN_BE_IN_TAB.format(tab=tab))
    status = " ".join(RECALL_STATUS.values())
    # No recall has the id null: a group's status is that of a recall without an attempt.
    group = """
      $1::integer as practice_id, null::bigint as id, 1 as round, false as completed,
      null::timestamptz as no_further_action_at, date '-infinity' as due_date,
      r.category_id, r.sms_reason
    """
    return f"""
        with attempts as materialized (
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
              and recall_id = any (array(select r.id {due}))
          ) ar
          cross join lateral (
            select * from recalls where practice_id = $1 and id = ar.recall_id offset 0
          ) r
          where {" and ".join(conditions)}
        )
        select coalesce(sum(r.recalls), 0)::bigint from (
          select {group}, count(*) as recalls {due} group by r.category_id, r.sms_reason
          union all
          select {group}, -count(*) from attempted r group by r.category_id, r.sms_reason
          union all
          select $1, id, round, false, null, due_date, category_id, sms_reason, 1 from attempted
        ) r {status}
        where s.tab = {tab}
    """
