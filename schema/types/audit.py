"""The audit trail as admins read it."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from db.audit import AuditQuery, count_events, list_events
from db.people_shown import count_people_shown, list_people_shown
from db.recalls import get_patients
from rowql import Columns, FromRow, Lookup, Page, column, lookup
from schema.context import Info, of_practice
from schema.errors import BadUserInputError
from schema.inputs import (
    GLOBAL_ID,
    moment,
    optional_text,
    page_size,
    read_any_id,
    read_id,
    read_time_cursor,
)
from schema.types.enums import ACTOR_ID, ACTOR_KIND, ActorKind, Role
from schema.types.recall import Patient


@strawberry.enum
class AuditAction(Enum):
    """What was done."""

    SIGNED_IN = strawberry.enum_value(
        "SIGNED_IN", description="The first use in half an hour, or from another address."
    )
    SIGN_IN_REFUSED = strawberry.enum_value(
        "SIGN_IN_REFUSED", description="A token that was revoked, has expired, or never existed."
    )
    SESSION_STARTED = strawberry.enum_value(
        "SESSION_STARTED", description="A browser was signed in with an access token."
    )
    SESSION_ENDED = strawberry.enum_value(
        "SESSION_ENDED",
        description="A session, or a person with the provider's token, was signed out.",
    )
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN", description="Asked for a field that their role may not use; subject names it."
    )
    PATIENT_VIEWED = strawberry.enum_value(
        "PATIENT_VIEWED", description="A patient, or one of their recalls or attempts, was opened."
    )
    RECALLS_SENT = strawberry.enum_value(
        "RECALLS_SENT",
        description="By hand: one event for each patient; otherwise one for the run.",
    )
    RUN_STOPPED = strawberry.enum_value(
        "RUN_STOPPED", description="Staff stopped a run; its queued messages were not sent."
    )
    CONSENT_OVERRIDDEN = strawberry.enum_value(
        "CONSENT_OVERRIDDEN",
        description="Staff chose to send although consent was withheld or unreadable.",
    )
    CONSENT_CHECKED = strawberry.enum_value(
        "CONSENT_CHECKED",
        description="Staff looked up in the PMS that the patient agrees to SMS to this number.",
    )
    CONSENT_CHECK_REMOVED = strawberry.enum_value(
        "CONSENT_CHECK_REMOVED", description="That was taken back: staff are asked again."
    )
    BLOCK_CHANGED = "BLOCK_CHANGED"
    CONTACT_RECORDED = strawberry.enum_value(
        "CONTACT_RECORDED", description="A call was made, or a letter posted."
    )
    CONTACT_UNDONE = strawberry.enum_value(
        "CONTACT_UNDONE", description="A call or a letter had been recorded by mistake."
    )
    RECALLS_CLOSED = strawberry.enum_value(
        "RECALLS_CLOSED", description="Marked as needing no further action."
    )
    RECALLS_REOPENED = strawberry.enum_value(
        "RECALLS_REOPENED", description="No longer marked as needing no further action."
    )
    PMS_SYNCED = strawberry.enum_value(
        "PMS_SYNCED",
        description="A sync of patients or recalls changed something; details: how many rows, and "
        "for how many patients the number, the consent or the status.",
    )
    SETUP_CHANGED = strawberry.enum_value(
        "SETUP_CHANGED", description="A category or the preferences; details: old and new values."
    )
    TOKEN_CREATED = "TOKEN_CREATED"  # noqa: S105
    TOKEN_REVOKED = "TOKEN_REVOKED"  # noqa: S105
    PERSON_REVOKED = strawberry.enum_value(
        "PERSON_REVOKED", description="Kept out, whatever the identity provider says."
    )
    PERSON_RESTORED = "PERSON_RESTORED"
    AUDIT_VIEWED = strawberry.enum_value(
        "AUDIT_VIEWED", description="The trail was read; details: the filter."
    )
    AUDIT_EXPORTED = "AUDIT_EXPORTED"


@strawberry.type
class AuditEvent(FromRow):
    """Who did what, when and from where. It is never changed or removed.

    Actions that change nothing (SIGN_IN_REFUSED, FORBIDDEN, AUDIT_VIEWED) appear once, seconds
    later; repeats within the hour are one more event, whose details say how many ``times``.
    """

    id: strawberry.ID = column(template=GLOBAL_ID, description="Stable and opaque.")
    at: datetime = column()
    actor: str = column(description="The actor's name at that time.")
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    role: Role | None = column(
        convert=Role, description="The actor's role; null if nobody was signed in."
    )
    origin: str | None = column(description="The client's address; null for the host itself.")
    action: AuditAction = column(convert=AuditAction)
    patient: Patient | None = lookup(
        of_practice(get_patients, of_people=True),
        key="patient_id",
        by="id",
        description="The patient whose data it is about.",
    )
    subject: str | None = column(description="What else it is about: an id or a number.")
    details: str | None = column(description="Further details, as JSON.")


@strawberry.input
class AuditFilter:
    """Restrictions that must all hold; any that is left out restricts nothing."""

    patient_id: strawberry.ID | None = None
    actor: str | None = strawberry.field(default=None, description="The actor's whole name.")
    actor_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of an access token or a person."
    )
    actions: list[AuditAction] | None = None
    since: datetime | None = None
    until: datetime | None = strawberry.field(
        default=None, description="Up to this time, exclusive."
    )


ACTORS = {"AccessToken": ActorKind.TOKEN, "Person": ActorKind.PERSON}
"""Kinds of actor by the type in their ids."""


def read_actor(given: str | None, field: str) -> tuple[ActorKind, int] | None:
    """Return the kind and the key in an actor's id. Raises ``BadUserInputError`` for other ids."""
    if given is None:
        return None
    type_name, key = read_any_id(given, field)
    if type_name not in ACTORS:
        raise BadUserInputError(f"{field} is not the id of an AccessToken or a Person.", field)
    return ACTORS[type_name], key


def audit_query(given: AuditFilter | None) -> AuditQuery:
    """Return db's query for a filter. Raises ``BadUserInputError`` if it can't be read."""
    if given is None:
        return AuditQuery()
    patient, actions = given.patient_id, given.actions
    return AuditQuery(
        patient_id=None if patient is None else read_id(patient, "Patient", "filter.patientId"),
        actor=optional_text(given.actor, "filter.actor"),
        actor_id=read_actor(given.actor_id, "filter.actorId"),
        actions=None if actions is None else sorted({action.value for action in actions}),
        since=None if given.since is None else moment(given.since, "filter.since"),
        until=None if given.until is None else moment(given.until, "filter.until"),
    )


def find_events(
    info: Info,
    filter: AuditFilter | None = None,  # noqa: A002
    first: int | None = None,
    after: str | None = None,
) -> Lookup:
    """The audit trail, newest event first."""
    query, scope = audit_query(filter), info.context.scope
    size, place = page_size(first), read_time_cursor(after, "audit")
    info.context.note("AUDIT_VIEWED", **query.given())

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_events(*scope, query, first=size, after=place, columns=columns)

    async def total(keys: Sequence[Any]) -> dict[Any, int]:
        return dict.fromkeys(keys, await count_events(*scope, query))

    return Lookup(read, Page(size, after, total))


@strawberry.type
class PeopleShown(FromRow):
    """How much data about people a viewer was shown in lists within an hour.

    Opening one patient's record is an event in the audit trail.
    """

    id: strawberry.ID = column(template=GLOBAL_ID, description="Stable and opaque.")
    hour: datetime = column(description="When the hour began, by the practice's clock.")
    actor: str | None = column(description="The actor's current name.")
    actor_kind: ActorKind = column(convert=ActorKind)
    actor_id: strawberry.ID = column(description=ACTOR_ID)
    people: int = column(
        description="Rows about a patient, a message or a number, including repeats."
    )
    lists: int = column(description="Pages of lists shown.")
    searches: int = column(description="Searches by name or number.")


def find_people_shown(info: Info, first: int | None = None, after: str | None = None) -> Lookup:
    """How much data about people each viewer was shown in lists, newest hour first."""
    scope = info.context.scope
    size, place = page_size(first), read_time_cursor(after, "shown")
    info.context.note("AUDIT_VIEWED", "peopleShown")

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_people_shown(*scope, first=size, after=place, columns=columns)

    async def total(keys: Sequence[Any]) -> dict[Any, int]:
        return dict.fromkeys(keys, await count_people_shown(*scope))

    return Lookup(read, Page(size, after, total))
