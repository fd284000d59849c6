"""What the model of sending is about: patients, recalls, attempts, runs, what the gateway took."""

from dataclasses import dataclass, field
from enum import StrEnum

STEPS = ("SMS", "SMS", "LETTER")
REPEAT_DAYS = 3
DAY = 24
GONE = {"SENDING", "SENT", "DELIVERED", "UNDELIVERED", "UNKNOWN"}
"""States of a message that may be with the gateway."""
CONTACTS = {"QUEUED", "SENDING", "SENT", "DELIVERED", "UNKNOWN"}


class Fault(StrEnum):
    """What the gateway does with whatever it is sent, named as the simulator's setting."""

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
    """Moved to a date that is weeks away."""
    round: int = 1
    attempts: list["Attempt"] = field(default_factory=list)


@dataclass(eq=False)
class Attempt:
    patient: Patient
    number: str | None
    steps: dict[Recall, int]
    """That it takes; none once it is refused or cancelled."""
    automated: bool
    state: str
    created: int
    why: str | None = None
    """Of a refusal or a cancellation."""
    rounds: dict[Recall, int] = field(default_factory=dict)
    """In which of each recall's rounds it is."""
    overridden: bool = False
    handed_over: int = 0
    known: "Taken | None" = None
    """The message in the gateway's list that it is taken for."""
    id: int = 0


@dataclass(eq=False)
class Taken:
    """A message that the gateway took; ``sid`` once it was seen there."""

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
    """The gateway is to be asked about what is UNKNOWN of it."""

    def sending(self) -> list[Attempt]:
        return [message for message in self.messages if message.state == "SENDING"]
