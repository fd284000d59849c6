"""The contract's enums. Their values are the words that the database keeps."""

from enum import Enum

import strawberry

from core.identity import ActorKind, Role

__all__ = ["ActorKind", "Role"]

strawberry.enum(Role, description="CONNECTOR: syncs, nothing else")
strawberry.enum(
    ActorKind,
    description="What somebody is who acts. HOST: at the host's command line; STRANGER: with a "
    "token that never was",
)
ACTOR_KIND = "What they are; null in what is older than this field, and where actor is."
ACTOR_ID = "Of a token or a person, whatever its name is: two may have the same."


@strawberry.enum
class PmsProduct(Enum):
    """Best Practice: consent can't be read."""

    BEST_PRACTICE = "BEST_PRACTICE"
    MEDICAL_DIRECTOR = "MEDICAL_DIRECTOR"
    GENIE = "GENIE"
    ZEDMED = "ZEDMED"
    OTHER = "OTHER"


@strawberry.enum
class RecallTab(Enum):
    """To Action, Calls and Letters share out the recalls in state TO_ACTION; All is every one."""

    TO_ACTION = "TO_ACTION"
    CALLS = "CALLS"
    LETTERS = "LETTERS"
    ALL = "ALL"


@strawberry.enum
class RecallState(Enum):
    """WAITING: contacted lately, or not yet due for contact."""

    TO_ACTION = "TO_ACTION"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"


@strawberry.enum
class SmsBlockReason(Enum):
    """Why a recall may not, or should not, go by SMS; in order of weight."""

    PATIENT_DECEASED = "PATIENT_DECEASED"
    PATIENT_INACTIVE = "PATIENT_INACTIVE"
    MOBILE_MISSING = "MOBILE_MISSING"
    MOBILE_INVALID = "MOBILE_INVALID"
    BLOCKED_COMMUNICATION = "BLOCKED_COMMUNICATION"
    PMS_CONSENT_UNREADABLE = "PMS_CONSENT_UNREADABLE"
    PMS_CONSENT_WITHHELD = "PMS_CONSENT_WITHHELD"


@strawberry.enum
class ContactKind(Enum):
    """How a patient is contacted."""

    SMS = "SMS"
    PHONE = "PHONE"
    LETTER = "LETTER"


@strawberry.enum
class Trigger(Enum):
    """Who set it off: a person for these recalls, or the automated run."""

    MANUAL = "MANUAL"
    AUTOMATED = "AUTOMATED"


@strawberry.enum
class AttemptState(Enum):
    """How far an attempt has come."""

    QUEUED = strawberry.enum_value("QUEUED", description="waits for a worker")
    SENDING = strawberry.enum_value("SENDING", description="a worker is handing it over")
    SENT = strawberry.enum_value("SENT", description="the gateway accepted it")
    DELIVERED = strawberry.enum_value("DELIVERED", description="the gateway says it arrived")
    UNDELIVERED = strawberry.enum_value("UNDELIVERED", description="the gateway says it did not")
    REFUSED = strawberry.enum_value("REFUSED", description="the rule refused it: see refusal")
    FAILED = strawberry.enum_value("FAILED", description="the gateway refused it: see failure")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN", description="it may or may not be with the gateway; it is not sent again"
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="no longer wanted before it was sent: see cancellation"
    )
    DONE = strawberry.enum_value("DONE", description="a call made, a letter posted")


@strawberry.enum
class CancellationReason(Enum):
    """Why a queued message was no longer wanted."""

    PATIENT_CHANGED = strawberry.enum_value(
        "PATIENT_CHANGED", description="the PMS gave the recall to another patient"
    )
    RECALL_COMPLETED = "RECALL_COMPLETED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"
    MOBILE_CHANGED = "MOBILE_CHANGED"
    NO_LONGER_DUE = strawberry.enum_value(
        "NO_LONGER_DUE",
        description="moved to a later date, taken from automation, or contacted in another way in"
        " the meantime",
    )
    RUN_STOPPED = strawberry.enum_value(
        "RUN_STOPPED", description="staff stopped the run, or undid it in time"
    )
    CONSENT_WITHDRAWN = strawberry.enum_value(
        "CONSENT_WITHDRAWN",
        description="sent by hand, and the PMS says since then what staff weren't asked about",
    )


@strawberry.enum
class BlockSource(Enum):
    """Where a change of the blocked communication list came from."""

    STAFF = "STAFF"
    PATIENT_REPLY = "PATIENT_REPLY"
    GATEWAY = "GATEWAY"


@strawberry.enum
class RunState(Enum):
    """PLANNING: its messages are being written down, and sent as they are."""

    PLANNING = "PLANNING"
    SENDING = "SENDING"
    FINISHED = "FINISHED"


@strawberry.enum
class PatientStatus(Enum):
    """As the PMS has it."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DECEASED = "DECEASED"


@strawberry.enum
class ChangeKind(Enum):
    """What has changed."""

    RECALLS = strawberry.enum_value(
        "RECALLS", description="recalls, their patients, or attempts to reach them"
    )
    BLOCKS = strawberry.enum_value("BLOCKS", description="the blocked communication list")
    RUNS = "RUNS"
    SETUP = strawberry.enum_value("SETUP", description="categories or preferences")
