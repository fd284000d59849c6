"""The facts of the sending model: patients, recalls, attempts, runs, messages taken."""

from dataclasses import dataclass, field
from enum import StrEnum

STEPS = ("SMS", "SMS", "LETTER")
REPEAT_DAYS = 3
DAY = 24
GONE = {"SENDING", "SENT", "DELIVERED", "UNDELIVERED", "UNKNOWN"}
"""States of a message that may be with the gateway."""
CONTACTS = {"QUEUED", "SENDING", "SENT", "DELIVERED", "UNKNOWN"}


class Fault(StrEnum):
    """How the gateway treats every message, named like the simulator's setting."""

    NONE = "none"
    REJECT = "reject"
    UNAVAILABLE = "unavailable"
    DROP = "drop"
    CLOSE = "accept_then_close"


TAKES = {Fault.NONE, Fault.CLOSE}
BECOMES = {
    Fault.NONE: "SENT",
    Fault.REJECT: "FAILED",
    Fault.UNAVAILABLE: "QUEUED",
    Fault.DROP: "UNKNOWN",
    Fault.CLOSE: "UNKNOWN",
}


@dataclass(eq=False)
class Patient:
    name: str
    number: str | None
    status: str = "ACTIVE"
    consent: bool = True


@dataclass(eq=False)
class Recall:
    patient: Patient
    completed: bool = False
    later: bool = False
    """Whether it was moved to a date weeks away."""
    round: int = 1
    attempts: list["Attempt"] = field(default_factory=list)


@dataclass(eq=False)
class Attempt:
    patient: Patient
    number: str | None
    steps: dict[Recall, int]
    """The steps that it takes; none once it is refused or cancelled."""
    automated: bool
    state: str
    created: int
    why: str | None = None
    """The reason for a refusal or a cancellation."""
    rounds: dict[Recall, int] = field(default_factory=dict)
    """The round of each recall that it belongs to."""
    overridden: bool = False
    handed_over: int = 0
    known: "Taken | None" = None
    """The message in the gateway's list that it was matched to."""
    id: int = 0


@dataclass(eq=False)
class Taken:
    """A message that the gateway took; ``sid`` is set once it was seen there."""

    attempt: Attempt
    number: str
    text: str
    sid: str = ""


@dataclass(eq=False)
class Run:
    automated: bool
    messages: list[Attempt]
    chunk: str
    stopped: bool = False
    asked: bool = False
    """Whether the gateway must be asked about its UNKNOWN messages."""

    def sending(self) -> list[Attempt]:
        return [message for message in self.messages if message.state == "SENDING"]
