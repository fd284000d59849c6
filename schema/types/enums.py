"""The contract's enums. Their values are the words that the database stores."""

from enum import Enum

import strawberry

from core.identity import ActorKind, Role

__all__ = ["ActorKind", "Role"]

strawberry.enum(Role, description="What a viewer may do. CONNECTOR may only sync.")
strawberry.enum(
    ActorKind,
    description="What kind of actor it is. HOST: somebody at the host's command line; STRANGER: "
    "somebody with a token that never existed.",
)
ACTOR_KIND = "The kind of actor; null if actor is null, and in records older than this field."
ACTOR_ID = "The id of the acting access token or person (others have none); names aren't unique."


@strawberry.enum
class PmsProduct(Enum):
    """The PMS product. Consent can't be read from Best Practice."""

    BEST_PRACTICE = "BEST_PRACTICE"
    MEDICAL_DIRECTOR = "MEDICAL_DIRECTOR"
    GENIE = "GENIE"
    ZEDMED = "ZEDMED"
    OTHER = "OTHER"


@strawberry.enum
class RecallTab(Enum):
    """To Action, Calls and Letters divide the recalls in state TO_ACTION; All has every recall."""

    TO_ACTION = "TO_ACTION"
    CALLS = "CALLS"
    LETTERS = "LETTERS"
    NEEDS_ATTENTION = strawberry.enum_value(
        "NEEDS_ATTENTION",
        description="Open, and the last SMS failed, wasn't delivered, or may not have arrived. It"
        " is in one of the other tabs as well.",
    )
    WAITING = strawberry.enum_value(
        "WAITING", description="Those in state WAITING; backOn says until when."
    )
    ALL = "ALL"


@strawberry.enum
class RecallState(Enum):
    """WAITING: contacted recently, or not yet due for contact."""

    TO_ACTION = "TO_ACTION"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"


@strawberry.enum
class SmsBlockReason(Enum):
    """Why a recall may not, or should not, be sent by SMS; in order of precedence."""

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
    """The state of an attempt."""

    QUEUED = strawberry.enum_value("QUEUED", description="Waiting for a worker.")
    SENDING = strawberry.enum_value("SENDING", description="A worker is handing it over.")
    SENT = strawberry.enum_value("SENT", description="The gateway accepted it.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="The gateway says it arrived.")
    UNDELIVERED = strawberry.enum_value("UNDELIVERED", description="The gateway says it did not.")
    REFUSED = strawberry.enum_value("REFUSED", description="The rule refused it: see refusal.")
    FAILED = strawberry.enum_value("FAILED", description="The gateway refused it: see failure.")
    UNKNOWN = strawberry.enum_value(
        "UNKNOWN",
        description="May or may not be with the gateway; not sent again until that is known.",
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="No longer wanted before it was sent: see cancellation."
    )
    DONE = strawberry.enum_value("DONE", description="A call was made, or a letter posted.")


@strawberry.enum
class CancellationReason(Enum):
    """Why a queued message was no longer wanted, or a contact doesn't count."""

    PATIENT_CHANGED = strawberry.enum_value(
        "PATIENT_CHANGED", description="The PMS moved the recall to another patient."
    )
    RECALL_COMPLETED = "RECALL_COMPLETED"
    NO_FURTHER_ACTION = "NO_FURTHER_ACTION"
    MOBILE_CHANGED = "MOBILE_CHANGED"
    NO_LONGER_DUE = strawberry.enum_value(
        "NO_LONGER_DUE",
        description="Moved to a later date, taken out of automation, or contacted another way.",
    )
    RUN_STOPPED = strawberry.enum_value(
        "RUN_STOPPED", description="Staff stopped the run, or undid it in time."
    )
    UNDONE = strawberry.enum_value(
        "UNDONE", description="A call or a letter that was recorded by mistake."
    )
    CONSENT_WITHDRAWN = strawberry.enum_value(
        "CONSENT_WITHDRAWN",
        description="Sent by hand, but consent has since been withdrawn in the PMS, and staff were "
        "not asked about it.",
    )


@strawberry.enum
class BlockSource(Enum):
    """Where a change to the blocked communication list came from."""

    STAFF = "STAFF"
    PATIENT_REPLY = "PATIENT_REPLY"
    GATEWAY = "GATEWAY"


@strawberry.enum
class RunState(Enum):
    """PLANNING: its messages are being planned, and are sent as soon as they are."""

    PLANNING = "PLANNING"
    SENDING = "SENDING"
    FINISHED = "FINISHED"


@strawberry.enum
class PatientStatus(Enum):
    """The patient's status in the PMS."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DECEASED = "DECEASED"


@strawberry.enum
class ChangeKind(Enum):
    """What has changed."""

    RECALLS = strawberry.enum_value(
        "RECALLS", description="Recalls, their patients, or attempts to reach them."
    )
    BLOCKS = strawberry.enum_value("BLOCKS", description="The blocked communication list.")
    RUNS = "RUNS"
    SETUP = strawberry.enum_value("SETUP", description="Categories or preferences.")
