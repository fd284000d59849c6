"""Recalls, their patients and categories, and the attempts to reach them."""

from datetime import date, datetime

import strawberry

from core.mobile import MobileRefusal
from db.attempts import attempts_of_recalls
from db.recalls import patients_sharing, recalls_of_attempts
from rowql import FromRow, column, embedded, lookup
from schema.context import of_practice
from schema.types.enums import (
    ACTOR_ID,
    ACTOR_KIND,
    ActorKind,
    AttemptState,
    CancellationReason,
    ContactKind,
    RecallState,
    RecallTab,
    SmsBlockReason,
    Trigger,
)
from schema.types.node import Node


@strawberry.type
class SmsStatus(FromRow):
    """What the rule says about sending an SMS."""

    blocked: bool = column(
        description="Whether the rule blocks an SMS: the icon is shown as blocked."
    )
    reason: SmsBlockReason | None = column(
        convert=SmsBlockReason, description="Null if not blocked."
    )
    overridable: bool = column(
        description="Blocked, but may be sent: staff are asked, automation sends."
    )
    message: str | None = column(description="The hover text; null if not blocked.")


def _problem(refusal: str) -> str:
    return MobileRefusal(refusal).message


@strawberry.type
class Patient(Node):
    """A patient as the PMS has them."""

    record_number: str = column("pms_id", description="The patient's id in the PMS.")
    first_name: str = column(description="Empty for people with only one name.")
    last_name: str = column(description="Empty for people with only one name.")
    birth_date: date | None = column(description="Null if the PMS has none.")
    mobile: str | None = column(description="E.164; null if missing or invalid.")
    mobile_typed: str | None = column(
        description="The number as typed in the PMS; null if there is none."
    )
    mobile_problem: str | None = column(
        "mobile_refusal",
        _problem,
        description="Why the number in the PMS can't take an SMS; null if it can, or if there is "
        "none.",
    )
    consent_checked_at: datetime | None = column(
        description="When staff looked up in the PMS that the patient agrees to SMS to this number;"
        " null if they haven't."
    )
    consent_checked_by: str | None = column(description="Who did.")
    shares_mobile_with: list["Patient"] = lookup(
        of_practice(patients_sharing, of_people=True),
        key="id",
        by="shared_with",
        description="All other patients whom the same number reaches.",
    )


@strawberry.type
class Category(Node):
    """Recalls that are handled alike: the reasons and urgencies it links, and its rule."""

    name: str = column(description="Unique in the practice.")
    reasons: list[str] = column(
        description="The recall reasons that it links; case doesn't matter."
    )
    urgencies: list[str] = column(
        description="The urgencies that it links, for recalls whose reason no category links."
    )
    sms_template: str = column(
        description="Placeholders: {firstName} {practiceName} {reason} {dueDate} {practicePhone}."
    )
    automated: bool = column(description="Whether automated runs send its SMS steps.")
    steps: list[ContactKind] = column(
        convert=ContactKind, description="The automation rule, such as SMS SMS LETTER."
    )


@strawberry.type
class Recall(Node):
    """Something that a patient should be reminded of."""

    patient: Patient = embedded("patient_", description="The patient who is recalled.")
    category: Category | None = embedded(
        "category_",
        present="id",
        repeats=True,
        description="By reason, else by urgency; null if no category links it.",
    )
    reason: str = column(description="As the PMS has it.")
    urgency: str | None = column(description="As the PMS has it.")
    due_date: date = column(description="When the patient should come.")
    state: RecallState = column(convert=RecallState, description="The recall's state.")
    tab: RecallTab | None = column(
        convert=RecallTab,
        description="TO_ACTION, CALLS or LETTERS, by the step that is due; null unless the state"
        " is TO_ACTION.",
    )
    back_on: date | None = column(
        description="The first day on which it is due for contact; null unless it waits, and while"
        " a message is on its way."
    )
    sms_status: SmsStatus = embedded(
        "sms_", repeats=True, description="Whether an SMS may be sent, as the facts are now."
    )
    attempts: list["ContactAttempt"] = lookup(
        of_practice(attempts_of_recalls),
        key="id",
        by="recall_id",
        description="Oldest first, including refused ones.",
    )


@strawberry.type
class ContactAttempt(Node):
    """One attempt to reach a patient."""

    kind: ContactKind = column(convert=ContactKind, description="How the patient was contacted.")
    recalls: list[Recall] = lookup(
        of_practice(recalls_of_attempts),
        key="id",
        by="attempt_id",
        description="One message can cover several recalls of one patient and category.",
    )
    trigger: Trigger = column(convert=Trigger, description="What started it.")
    state: AttemptState = column(convert=AttemptState, description="The attempt's state.")
    refusal: SmsStatus | None = embedded(
        "refusal_",
        present="reason",
        repeats=True,
        description="Why it was refused, as the rule stood at that moment; null if not refused.",
    )
    overridden: SmsBlockReason | None = column(
        "overridden_reason",
        SmsBlockReason,
        description="The reason against it that was overridden; null if there was none.",
    )
    cancellation: CancellationReason | None = column(
        convert=CancellationReason, description="Why it was cancelled; null if it was not."
    )
    failure: str | None = column(description="The gateway's error code; null if there is none.")
    looked_up: bool = column(
        description="UNKNOWN, and Recalls still asks the gateway: if it never got the message, that"
        " is sent, unless the recall has been dealt with by then."
    )
    mobile: str | None = column(description="The number at that time, in E.164 format.")
    body: str | None = column(description="The text of the message.")
    note: str | None = column(description="A note by staff about a call or a letter.")
    actor: str | None = column(
        description="Who sent it, or who chose to proceed; null for automation."
    )
    actor_kind: ActorKind | None = column(convert=ActorKind, description=ACTOR_KIND)
    actor_id: strawberry.ID | None = column(description=ACTOR_ID)
    created_at: datetime = column(description="When it was accepted.")
    settled_at: datetime | None = column(
        description="When its outcome became known; null while it is queued, being sent or UNKNOWN."
    )


@strawberry.type
class RecallCounts(FromRow):
    """How many recalls each tab has."""

    to_action: int = column()
    calls: int = column()
    letters: int = column()
    needs_attention: int = column()
    waiting: int = column()
    all: int = column()
