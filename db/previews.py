"""Previews of what a send, an automated run or a template would make, by the same functions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.categories import check_template
from db.recalls import unknown_recalls
from db.sending import UnknownRecalls
from db.tenancy import in_practice
from db.types import Pool, RefusalCount, Row, one


@dataclass(frozen=True, slots=True)
class RunPreview:
    """What the next automated run would do, and when.

    Messages, the recalls in them, their segments; how many of the messages go although consent is
    withheld or can't be read; and the refusals.
    """

    messages: int
    recalls: int
    segments: int
    overridden: int
    refusals: list[RefusalCount]
    next_run_at: datetime | None


async def preview_automated_run(pool: Pool, practice_id: int) -> RunPreview:
    """Return what ``start_automated_run`` would do if it were called now."""
    async with in_practice(pool, practice_id) as connection:
        rows = await connection.fetch(
            """
            select hard, sms_reason, count(*) as messages, sum(cardinality(recalls)) as recalls,
                   sum(logic.sms_segments(body)) as segments
            from logic.automation_drafts($1)
            group by hard, sms_reason order by count(*) desc, sms_reason
            """,
            practice_id,
        )
        next_run_at = await connection.fetchval(
            """
            select next_run_at from practices p
            where id = $1
              and exists (select from categories c where c.practice_id = p.id and c.automated)
            """,
            practice_id,
        )
    sent = [row for row in rows if not row["hard"]]
    return RunPreview(
        messages=sum(row["messages"] for row in sent),
        recalls=sum(row["recalls"] for row in sent),
        segments=sum(row["segments"] for row in sent),
        overridden=sum(row["messages"] for row in sent if row["sms_reason"]),
        refusals=[RefusalCount(r["sms_reason"], r["messages"]) for r in rows if r["hard"]],
        next_run_at=next_run_at,
    )


@dataclass(frozen=True, slots=True)
class SendPreview:
    """What a manual send of some recalls would do.

    ``messages`` and their ``segments`` cover all that may go, including those with a consent
    question; ``to_confirm`` and ``refusals`` count recalls; ``skipped`` ones are closed or have a
    message on its way. ``drafts`` are the first messages: patient_id, mobile and the columns of
    ``message_columns``.
    """

    messages: int
    segments: int
    to_confirm: list[RefusalCount]
    refusals: list[RefusalCount]
    skipped: int
    drafts: list[Row]


def message_columns(body: str) -> str:
    """Return the SQL of what is shown about a message's text: body, segments, beyond_gsm7."""
    return f"""{body} as body, logic.sms_segments({body}) as segments,
               logic.beyond_gsm7({body}) as beyond_gsm7"""


async def preview_send(
    pool: Pool, practice_id: int, recall_ids: Sequence[int], *, first: int
) -> SendPreview | UnknownRecalls:
    """Return what ``send_recalls`` would do with the recalls now, showing ``first`` messages."""
    wanted = sorted(set(recall_ids))
    async with in_practice(pool, practice_id) as connection:
        unknown = await unknown_recalls(connection, practice_id, wanted)
        if unknown:
            return UnknownRecalls(unknown)
        rows = await connection.fetch(
            f"""
            select patient_id, sms_reason, hard, cardinality(recalls) as recalls, mobile,
                   {message_columns("body")}
            from logic.staff_drafts($1, $2)
            order by recalls[1]
            """,
            practice_id,
            wanted,
        )
    sent = [row for row in rows if not row["hard"]]
    return SendPreview(
        messages=len(sent),
        segments=sum(row["segments"] for row in sent),
        to_confirm=_recalls_by_reason(row for row in sent if row["sms_reason"]),
        refusals=_recalls_by_reason(row for row in rows if row["hard"]),
        skipped=len(wanted) - sum(row["recalls"] for row in rows),
        drafts=sent[:first],
    )


def _recalls_by_reason(rows: Iterable[Row]) -> list[RefusalCount]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["sms_reason"]] += row["recalls"]
    return [RefusalCount(reason, count) for reason, count in counts.most_common()]


async def preview_template(
    pool: Pool, practice_id: int, template: str, *, name: str, reason: str, due_in_days: int
) -> Row:
    """Return ``message_columns`` of what the template says to an imaginary patient.

    Raises ``InvalidTemplateError`` as saving it would.
    """
    check_template(template)
    async with in_practice(pool, practice_id) as connection:
        return one(
            await connection.fetchrow(
                f"""
                select {message_columns("m.body")}
                from practices p
                cross join lateral (
                  select logic.sms_body($2, $3, p.name, $4, logic.today(p.time_zone) + $5::integer,
                                        p.phone) as body offset 0
                ) m
                where p.id = $1
                """,
                practice_id,
                template,
                name,
                reason,
                due_in_days,
            )
        )
