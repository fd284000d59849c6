"""Readable columns of each kind of row, by name, and the joins that some of them need."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Columns: TypeAlias = Sequence[str] | None
"""The columns that a caller wants, in this order; None means all."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The parts of a statement that reads some columns: its select list, and its joins."""

    list: str
    joins: str


class Source:
    """The columns of a kind of row, as SQL over aliases, and the joins that add the aliases.

    A join comes after those that it needs itself. A statement joins only what it reads.
    """

    def __init__(self, columns: Mapping[str, str], joins: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns)
        self._joins = dict(joins or {})
        self._select = lru_cache(maxsize=1000)(self._selected)

    def select(self, wanted: Columns) -> Selected:
        """Return the SQL that reads the columns; ``KeyError`` if one isn't offered."""
        return self._select(tuple(self._columns) if wanted is None else tuple(wanted))

    def with_columns(self, **columns: str) -> "Source":
        """Return a source that offers these columns as well."""
        return Source({**self._columns, **columns}, self._joins)

    def embedded(self, prefix: str) -> dict[str, str]:
        """Return the columns, named with the prefix, for a source that joins these rows."""
        return {f"{prefix}{name}": text for name, text in self._columns.items()}

    def _selected(self, wanted: tuple[str, ...]) -> Selected:
        texts = {name: self._columns[name] for name in wanted}
        needed = _words(texts.values())
        for alias in reversed(self._joins):
            if alias in needed:
                needed |= _words([self._joins[alias]])
        joins = " ".join(text for alias, text in self._joins.items() if alias in needed)
        return Selected(", ".join(f"{text} as {name}" for name, text in texts.items()), joins)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"\b[a-z]+\b", text)}


PATIENT = Source(
    {
        "id": "p.id",
        "pms_id": "p.pms_id",
        "first_name": "p.first_name",
        "last_name": "p.last_name",
        "birth_date": "p.birth_date",
        "mobile": "p.mobile",
        "mobile_typed": "p.mobile_typed",
        "mobile_refusal": "p.mobile_refusal",
        **{
            name: f"case when p.consent_checked_mobile = p.mobile then p.{name} end"
            for name in ("consent_checked_at", "consent_checked_by")
        },
    }
)
"""Over patients ``p``."""


def _linked(kind: str) -> str:
    return (
        "array(select l.value from category_links l where l.practice_id = c.practice_id"
        f" and l.category_id = c.id and l.kind = '{kind}' order by l.position)"
    )


CATEGORY = Source(
    {
        "id": "c.id",
        "name": "c.name",
        "sms_template": "c.sms_template",
        "automated": "c.automated",
        "steps": "c.steps",
        "reasons": _linked("REASON"),
        "urgencies": _linked("URGENCY"),
    }
)
"""Over categories ``c``."""


def _sms_status(prefix: str, reason: str) -> dict[str, str]:
    return {
        f"{prefix}blocked": f"{reason} is not null",
        f"{prefix}reason": reason,
        f"{prefix}overridable": f"logic.sms_block_overridable({reason})",
        f"{prefix}message": f"logic.sms_block_message({reason})",
    }


# The recall status, for any table or subquery ``r`` of recalls; ``$1`` is the practice.
RECALL_STATUS = {
    "pr": "join practices pr on pr.id = r.practice_id",
    "c": "left join categories c on c.practice_id = r.practice_id and c.id = r.category_id",
    "day": "cross join (select logic.today(time_zone) as today from practices"
    " where id = $1 offset 0) day",
    "s": "cross join lateral logic.status_of(pr, day.today, r.id, r.round, r.completed,"
    " r.no_further_action_at is not null, r.due_date, c.steps, r.sms_reason) s",
}
"""Joins to recalls ``r`` that add ``s``: the recall's state and tab."""

RECALL = Source(
    {
        "id": "r.id",
        "reason": "r.reason",
        "urgency": "r.urgency",
        "due_date": "r.due_date",
        "state": "s.state",
        "tab": "s.tab",
        "back_on": "s.back_on",
        **_sms_status("sms_", "r.sms_reason"),
        **PATIENT.embedded("patient_"),
        **CATEGORY.embedded("category_"),
    },
    {
        "p": "join patients p on p.practice_id = r.practice_id and p.id = r.patient_id",
        **RECALL_STATUS,
    },
)
"""Over recalls ``r``, with the patient and the category in the same row."""


def _actor(alias: str) -> dict[str, str]:
    """Return the columns that describe the actor, with the id as clients know it."""
    return {
        "actor": f"{alias}.actor",
        "actor_kind": f"{alias}.actor_kind",
        "actor_id": f"case {alias}.actor_kind when 'TOKEN' then 'AccessToken:'"
        f" when 'PERSON' then 'Person:' end || {alias}.actor_id",
    }


ATTEMPT = Source(
    {
        "id": "a.id",
        "kind": "a.kind",
        "trigger": "a.trigger",
        "state": "a.state",
        **_sms_status("refusal_", "a.refusal_reason"),
        "overridden_reason": "a.overridden_reason",
        "cancellation": "a.cancellation",
        "failure": "a.failure",
        "looked_up": "a.state = 'UNKNOWN'"
        " and logic.is_looked_up(a.practice_id, a.run_id, a.position)",
        "mobile": "a.mobile",
        "body": "a.body",
        "note": "a.note",
        **_actor("a"),
        "created_at": "a.created_at",
        "settled_at": "a.settled_at",
    }
)
"""Over contact_attempts ``a``."""

BLOCKED = Source(
    {
        "id": "b.id",
        "mobile": "b.mobile",
        "blocked_recalls": "b.blocked_recalls",
        "note": "b.note",
        "already_handed_over": "b.already_handed_over",
    }
)
"""Over blocked_communications ``b``."""

BLOCK_EVENT = Source(
    {
        "mobile": "e.mobile",
        "at": "e.at",
        **_actor("e"),
        "source": "e.source",
        "listed": "e.listed",
        "blocked_recalls": "e.blocked_recalls",
        "note": "e.note",
    }
)
"""Over block_events ``e``."""

RUN = Source(
    {
        "id": "r.id",
        "trigger": "r.trigger",
        "state": "r.state",
        "started_at": "r.started_at",
        "finished_at": "r.finished_at",
        "held_until": "r.held_until",
        "stopped_at": "r.stopped_at",
        **_actor("r"),
        "skipped": "r.skipped",
        "planned": "n.planned",
        "queued": "n.queued",
        "sent": "n.sent",
        "refused": "n.refused",
        "failed": "n.failed",
        "unknown": "n.unknown",
        "cancelled": "n.cancelled",
    },
    {
        "n": """cross join lateral (
          select count(*)::integer as planned,
                 (count(*) filter (where a.state in ('QUEUED', 'SENDING')))::integer as queued,
                 (count(*) filter (where a.state in ('SENT', 'DELIVERED')))::integer as sent,
                 (count(*) filter (where a.state = 'REFUSED'))::integer as refused,
                 (count(*) filter (where a.state in ('FAILED', 'UNDELIVERED')))::integer as failed,
                 (count(*) filter (where a.state = 'UNKNOWN'))::integer as unknown,
                 (count(*) filter (where a.state = 'CANCELLED'))::integer as cancelled
          from contact_attempts a
          where a.practice_id = r.practice_id and a.run_id = r.id
        ) n"""
    },
)
"""Over runs ``r``; a run's messages are counted only if a count is read."""

PRACTICE = Source(
    {
        "id": "p.id",
        "name": "p.name",
        "time_zone": "p.time_zone",
        "phone_region": "p.phone_region",
        "pms_product": "p.pms_product",
        "pms_consent_readable": "logic.consent_readable(p.pms_product)",
        "phone": "p.phone",
        "first_contact_days": "p.first_contact_days",
        "sms_repeat_days": "p.sms_repeat_days",
        "letter_repeat_days": "p.letter_repeat_days",
        "phone_repeat_days": "p.phone_repeat_days",
        "send_from": "p.send_from",
        "send_until": "p.send_until",
        "next_run_at": "p.next_run_at",
    }
)
"""Over practices ``p``."""

AUDIT_EVENT = Source(
    {
        "id": "e.id",
        "at": "e.at",
        **_actor("e"),
        "role": "e.role",
        "origin": "e.origin",
        "action": "e.action",
        "patient_id": "e.patient_id",
        "subject": "e.subject",
        "details": "e.details::text",
    }
)
"""Over audit_events ``e``."""

PEOPLE_SHOWN = Source(
    {
        "id": "s.id",
        "hour": "s.hour",
        "actor": "coalesce(t.name, p.name)",
        **{name: text for name, text in _actor("s").items() if name != "actor"},
        "people": "s.people",
        "lists": "s.lists",
        "searches": "s.searches",
    },
    {
        "t": "left join access_tokens t on t.practice_id = s.practice_id"
        " and s.actor_kind = 'TOKEN' and t.id = s.actor_id",
        "p": "left join people p on p.practice_id = s.practice_id"
        " and s.actor_kind = 'PERSON' and p.id = s.actor_id",
    },
)
"""Over people_shown ``s``, with the viewer's current name."""

ACCESS_TOKEN = Source(
    {
        "id": "t.id",
        "name": "t.name",
        "role": "t.role",
        "created_at": "t.created_at",
        "created_by": "t.created_by",
        "expires_at": "t.expires_at",
        "revoked_at": "t.revoked_at",
        "revoked_by": "t.revoked_by",
        "last_used_at": "t.last_used_at",
        "last_used_from": "t.last_used_from",
        "for_demo": "t.for_demo",
    }
)
"""Over access_tokens ``t``."""

SESSION = Source(
    {
        "id": "s.id",
        "started_at": "s.started_at",
        "last_used_at": "s.last_used_at",
        "last_used_from": "s.last_used_from",
        "ends_at": "s.ends_at",
        "current": "s.current",
    }
)
"""Over sessions ``s``, whose ``current`` marks the viewer's own."""

PERSON = Source(
    {
        "id": "p.id",
        "name": "p.name",
        "role": "p.role",
        "last_used_at": "p.last_used_at",
        "last_used_from": "p.last_used_from",
        "revoked_at": "p.revoked_at",
        "revoked_by": "p.revoked_by",
    }
)
"""Over people ``p``."""
