"""Recalls, their patients and categories, and the attempts to reach them."""

from datetime import date, datetime
from typing import ClassVar

import strawberry

from db.mobile import MobileRefusal
from db.rows import Row
from schema.context import Info
from schema.types.enums import (
    AttemptState,
    CancellationReason,
    ContactKind,
    RecallState,
    SmsBlockReason,
    Trigger,
)
from schema.types.node import Node


@strawberry.type
class SmsStatus:
    """What the rule says of sending an SMS."""

    blocked: bool = strawberry.field(description="the icon is blocked")
    reason: SmsBlockReason | None = strawberry.field(description="null where not blocked")
    overridable: bool = strawberry.field(
        description="blocked, yet it may be sent: staff are asked, automation sends"
    )
    message: str | None = strawberry.field(description="the hover text")


def sms_status(row: Row, prefix: str) -> SmsStatus:
    """Give the rule's answer that stands in the columns ``prefix``_reason and so on."""
    reason = row[f"{prefix}_reason"]
    return SmsStatus(
        blocked=reason is not None,
        reason=SmsBlockReason(reason) if reason else None,
        overridable=row[f"{prefix}_overridable"],
        message=row[f"{prefix}_message"],
    )


@strawberry.type
class Patient(Node):
    """A patient as the PMS has them."""

    key: ClassVar[str] = "patient_id"

    @strawberry.field
    def first_name(self) -> str:
        """Empty for people with one name."""
        return str(self.row["first_name"])

    @strawberry.field
    def last_name(self) -> str:
        """Empty for people with one name."""
        return str(self.row["last_name"])

    @strawberry.field
    def birth_date(self) -> date | None:
        """Null where the PMS has none."""
        found: date | None = self.row["birth_date"]
        return found

    @strawberry.field
    def mobile(self) -> str | None:
        """E.164; null where missing or invalid."""
        found: str | None = self.row["mobile"]
        return found

    @strawberry.field
    def mobile_typed(self) -> str | None:
        """The number as it stands in the PMS."""
        found: str | None = self.row["mobile_typed"]
        return found

    @strawberry.field
    def mobile_problem(self) -> str | None:
        """Why the number in the PMS can't take an SMS; null where it can, or there is none."""
        refusal = self.row["mobile_refusal"]
        return MobileRefusal(refusal).message if refusal else None

    @strawberry.field
    async def shares_mobile_with(self, info: Info) -> list["Patient"]:
        """Everyone else whom the same number reaches."""
        if self.row["mobile"] is None:
            return []
        rows = await info.context.loaders.patients_on.load(self.row["mobile"])
        return [Patient(row=row) for row in rows if row["patient_id"] != self.row["patient_id"]]


@strawberry.type
class Category(Node):
    """Recalls that are worked alike: the reasons and urgencies it links, and its rule."""

    @strawberry.field
    def name(self) -> str:
        """Unique in the practice."""
        return str(self.row["name"])

    @strawberry.field
    def reasons(self) -> list[str]:
        """The reasons that it links; letter case does not matter."""
        return list(self.row["reasons"])

    @strawberry.field
    def urgencies(self) -> list[str]:
        """The urgencies that it links, for recalls whose reason links to no category."""
        return list(self.row["urgencies"])

    @strawberry.field
    def sms_template(self) -> str:
        """With {firstName} {practiceName} {reason} {dueDate} {practicePhone}."""
        return str(self.row["sms_template"])

    @strawberry.field
    def automated(self) -> bool:
        """Automated runs send its SMS steps."""
        return bool(self.row["automated"])

    @strawberry.field
    def steps(self) -> list[ContactKind]:
        """The automation rule: SMS SMS LETTER."""
        return [ContactKind(step) for step in self.row["steps"]]


@strawberry.type
class Recall(Node):
    """Something that a patient is to be reminded of."""

    @strawberry.field
    def patient(self) -> Patient:
        """Who is recalled."""
        return Patient(row=self.row)

    @strawberry.field
    async def category(self, info: Info) -> Category | None:
        """By reason, else by urgency; null: no category links it."""
        if self.row["category_id"] is None:
            return None
        row = await info.context.loaders.category.load(self.row["category_id"])
        return Category(row=row) if row else None

    @strawberry.field
    def reason(self) -> str:
        """As the PMS has it."""
        return str(self.row["reason"])

    @strawberry.field
    def urgency(self) -> str | None:
        """As the PMS has it."""
        found: str | None = self.row["urgency"]
        return found

    @strawberry.field
    def due_date(self) -> date:
        """When the patient should come."""
        due: date = self.row["due_date"]
        return due

    @strawberry.field
    def state(self) -> RecallState:
        """Where it stands."""
        return RecallState(self.row["state"])

    @strawberry.field
    def sms_status(self) -> SmsStatus:
        """Whether an SMS may go, by the facts as they are now."""
        return sms_status(self.row, "sms")

    @strawberry.field
    async def attempts(self, info: Info) -> list["ContactAttempt"]:
        """Oldest first, refused ones too."""
        rows = await info.context.loaders.attempts_of_recall.load(self.row["id"])
        return [ContactAttempt(row=row) for row in rows]


@strawberry.type
class ContactAttempt(Node):
    """One try to reach a patient."""

    @strawberry.field
    def kind(self) -> ContactKind:
        """How."""
        return ContactKind(self.row["kind"])

    @strawberry.field
    async def recalls(self, info: Info) -> list[Recall]:
        """One message can carry several recalls of one patient and category."""
        rows = await info.context.loaders.recalls_of_attempt.load(self.row["id"])
        return [Recall(row=row) for row in rows]

    @strawberry.field
    def trigger(self) -> Trigger:
        """What set it off."""
        return Trigger(self.row["trigger"])

    @strawberry.field
    def state(self) -> AttemptState:
        """How far it has come."""
        return AttemptState(self.row["state"])

    @strawberry.field
    def refusal(self) -> SmsStatus | None:
        """Why it was refused, as the rule stood at that moment."""
        return sms_status(self.row, "refusal") if self.row["refusal_reason"] else None

    @strawberry.field
    def overridden(self) -> SmsBlockReason | None:
        """What stood against it and was proceeded over."""
        reason = self.row["overridden_reason"]
        return SmsBlockReason(reason) if reason else None

    @strawberry.field
    def cancellation(self) -> CancellationReason | None:
        """Why it was no longer wanted."""
        reason = self.row["cancellation"]
        return CancellationReason(reason) if reason else None

    @strawberry.field
    def failure(self) -> str | None:
        """The gateway's error code."""
        code: str | None = self.row["failure"]
        return code

    @strawberry.field
    def mobile(self) -> str | None:
        """The number as it was then, E.164."""
        found: str | None = self.row["mobile"]
        return found

    @strawberry.field
    def body(self) -> str | None:
        """What the message says."""
        found: str | None = self.row["body"]
        return found

    @strawberry.field
    def note(self) -> str | None:
        """What staff wrote about a call or a letter."""
        found: str | None = self.row["note"]
        return found

    @strawberry.field
    def actor(self) -> str | None:
        """Who sent it, or who chose to proceed; null for automation."""
        found: str | None = self.row["actor"]
        return found

    @strawberry.field
    def created_at(self) -> datetime:
        """When it was accepted."""
        at: datetime = self.row["created_at"]
        return at

    @strawberry.field
    def settled_at(self) -> datetime | None:
        """When its outcome became known; null while it is queued, being sent or UNKNOWN."""
        at: datetime | None = self.row["settled_at"]
        return at
