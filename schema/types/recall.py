"""Recalls, their patients and categories, and the attempts to reach them."""

from datetime import date, datetime

import strawberry

from core.mobile import MobileRefusal
from db.attempts import attempts_of_recalls
from db.recalls import patients_sharing, recalls_of_attempts
from schema.compiled import FromRow, column, lookup, part
from schema.context import of_practice
from schema.types.enums import (
    ACTOR_ID,
    ACTOR_KIND,
    ActorKind,
    AttemptState,
    CancellationReason,
    ContactKind,
    RecallState,
    SmsBlockReason,
    Trigger,
)
from schema.types.node import Node


@strawberry.type
class SmsStatus(FromRow):
    """What the rule says of sending an SMS."""

    blocked: bool = column(description="the icon is blocked")
    reason: SmsBlockReason | None = column(
        convert=SmsBlockReason, description="null where not blocked"
    )
    overridable: bool = column(
        description="blocked, yet it may be sent: staff are asked, automation sends"
    )
    message: str | None = column(description="the hover text")


def _problem(refusal: str) -> str:
    return MobileRefusal(refusal).message


@strawberry.type
class Patient(Node):
    """A patient as the PMS has them."""

    first_name: str = column(description="Empty for people with one name.")
    last_name: str = column(description="Empty for people with one name.")
    birth_date: date | None = column(description="Null where the PMS has none.")
    mobile: str | None = column(description="E.164; null where missing or invalid.")
    mobile_typed: str | None = column(description="The number as it stands in the PMS.")
    mobile_problem: str | None = column(
        "mobile_refusal",
        _problem,
        description="Why the number in the PMS can't take an SMS; null where it can, or there is "
        "none.",
    )
    shares_mobile_with: list["Patient"] = lookup(
        of_practice(patients_sharing, of_people=True),
        key="id",
        by="shared_with",
        description="Everyone else whom the same number reaches.",
    )


@strawberry.type
class Category(Node):
    """Recalls that are worked alike: the reasons and urgencies it links, and its rule."""

    name: str = column(description="Unique in the practice.")
    reasons: list[str] = column(
        description="The reasons that it links; letter case does not matter."
    )
    urgencies: list[str] = column(
        description="The urgencies that it links, for recalls whose reason links to no category."
    )
    sms_template: str = column(
        description="With {firstName} {practiceName} {reason} {dueDate} {practicePhone}."
    )
    automated: bool = column(description="Automated runs send its SMS steps.")
    steps: list[ContactKind] = column(
        convert=ContactKind, description="The automation rule: SMS SMS LETTER."
    )


@strawberry.type
class Recall(Node):
    """Something that a patient is to be reminded of."""

    patient: Patient = part("patient_", description="Who is recalled.")
    category: Category | None = part(
        "category_",
        present="id",
        description="By reason, else by urgency; null: no category links it.",
    )
    reason: str = column(description="As the PMS has it.")
    urgency: str | None = column(description="As the PMS has it.")
    due_date: date = column(description="When the patient should come.")
    state: RecallState = column(convert=RecallState, description="Where it stands.")
    sms_status: SmsStatus = part(
        "sms_", description="Whether an SMS may go, by the facts as they are now."
    )
    attempts: list["ContactAttempt"] = lookup(
        of_practice(attempts_of_recalls),
        key="id",
        by="recall_id",
        description="Oldest first, refused ones too.",
    )


@strawberry.type
class ContactAttempt(Node):
    """One try to reach a patient."""

    kind: ContactKind = column(convert=ContactKind, description="How.")
    recalls: list[Recall] = lookup(
        of_practice(recalls_of_attempts),
        key="id",
        by="attempt_id",
        description="One message can carry several recalls of one patient and category.",
    )
    trigger: Trigger = column(convert=Trigger, description="What set it off.")
    state: AttemptState = column(convert=AttemptState, description="How far it has come.")
    refusal: SmsStatus | None = part(
        "refusal_",
        present="reason",
        description="Why it was refused, as the rule stood at that moment.",
    )
    overridden: SmsBlockReason | None = column(
        "overridden_reason",
        SmsBlockReason,
        description="What stood against it and was proceeded over.",
    )
    cancellation: CancellationReason | None = column(
        convert=CancellationReason, description="Why it was no longer wanted."
    )
    failure: str | None = column(description="The gateway's error code.")
    mobile: str | None = column(description="The number as it was then, E.164.")
    body: str | None = column(description="What the message says.")
    note: str | None = column(description="What staff wrote about a call or a letter.")
    actor: str | None = column(
        description="Who sent it, or who chose to proceed; null for automation."
    )
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    created_at: datetime = column(description="When it was accepted.")
    settled_at: datetime | None = column(
        description="When its outcome became known; null while it is queued, being sent or UNKNOWN."
    )
