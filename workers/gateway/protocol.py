"""What Recalls asks of an SMS gateway, and the four outcomes of handing a message over."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from workers.clock import Deadline


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS: our reference for it, the recipient's number in E.164, and the text."""

    reference: str
    # Kept out of repr(), so that neither can slip into a log.
    to: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took the message and knows it as `gateway_id`."""

    gateway_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway said no to this message, for good; `code` is its reason, such as "21211".

    `opted_out` is whether the reason is that the person wants no messages.
    """

    code: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The gateway doesn't have the message: it said so, or no byte was written to it.

    `retry_after` is how many seconds to leave it alone: because it asked for that, or would take
    no message until somebody has fixed a setting.
    """

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request was written, but no answer tells what became of it."""


Outcome = Accepted | Refused | NotTaken | Unknown


@dataclass(frozen=True, slots=True)
class Listed:
    """A message in the gateway's own list: its id there, when it was created, and its state.

    `state` is SENT, DELIVERED, UNDELIVERED or FAILED; `failure` is the gateway's code, if any.
    """

    gateway_id: str
    created_at: datetime
    state: str
    failure: str | None
    body: str = field(repr=False)


class Gateway(Protocol):
    """Hands messages to the telephone network."""

    lists: bool
    """Whether `listed` works; if not, UNKNOWN messages are left to staff."""

    async def send(self, message: Message, *, deadline: Deadline) -> Outcome:
        """Hand over `message`, writing no byte once `deadline` is over.

        Every failure of the network or the gateway comes back as an outcome; only cancellation
        is raised, and then the message may or may not have been taken.
        """

    async def listed(self, to: str, since: datetime) -> Sequence[Listed] | None:
        """Return every message sent to the number since then, or None if it can't tell."""

    async def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
