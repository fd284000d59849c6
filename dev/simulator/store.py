"""What the simulator keeps: messages and the replies to them, in memory, the newest ones only."""

import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CAPACITY = 1_000_000


def _new_sid() -> str:
    return "SM" + secrets.token_hex(16)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class StoredMessage:
    """A message the simulator accepted; `sender` is None when a messaging service sends it."""

    account: str
    to: str
    sender: str | None
    service: str | None
    body: str
    callback: str | None
    reference: str | None
    validity: int | None = None
    status: str = "queued"
    error: int | None = None
    sid: str = field(default_factory=_new_sid)
    time: datetime = field(default_factory=_now)

    @property
    def phone(self) -> str:
        """The number of the phone that shows it."""
        return self.to

    def summary(self) -> dict[str, Any]:
        """Return what /messages shows of it."""
        return {
            "sid": self.sid,
            "to": self.to,
            "body": self.body,
            "reference": self.reference,
            "validity": self.validity,
            "time": self.time,
            "status": self.status,
        }


@dataclass(slots=True)
class Reply:
    """What a patient wrote back from `phone`, to the sender of its newest message."""

    message: StoredMessage
    body: str
    answers: list[str] = field(default_factory=list)
    """What the sender's replies URL had the gateway say to the patient."""
    sid: str = field(default_factory=_new_sid)
    time: datetime = field(default_factory=_now)

    @property
    def phone(self) -> str:
        """The number of the phone that shows it."""
        return self.message.to


class Store:
    """The newest `capacity` messages and replies, in order of arrival."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, StoredMessage | Reply] = OrderedDict()
        # The phone that got or wrote something last comes last.
        self._by_phone: OrderedDict[str, deque[StoredMessage | Reply]] = OrderedDict()

    def add(self, kept: StoredMessage | Reply) -> None:
        """Keep a message or a reply, forgetting the oldest one if there is no room."""
        self._kept[kept.sid] = kept
        self._by_phone.setdefault(kept.phone, deque()).append(kept)
        self._by_phone.move_to_end(kept.phone)
        if len(self._kept) > self._capacity:
            _, oldest = self._kept.popitem(last=False)
            left = self._by_phone[oldest.phone]
            left.popleft()
            if not left:
                del self._by_phone[oldest.phone]

    def get(self, sid: str) -> StoredMessage | None:
        """Return a message by its sid, or None."""
        found = self._kept.get(sid)
        return found if isinstance(found, StoredMessage) else None

    def newest(self, to: str | None = None) -> Iterator[StoredMessage]:
        """Iterate over the messages, newest first; only those to the number `to` if given."""
        kept = reversed(self._kept.values()) if to is None else self.conversation(to)
        return (one for one in kept if isinstance(one, StoredMessage))

    def phones(self) -> Iterator[str]:
        """Iterate over the phones' numbers, the one with the newest message or reply first."""
        return reversed(self._by_phone)

    def conversation(self, phone: str) -> Iterator[StoredMessage | Reply]:
        """Iterate over the messages to `phone` and the replies from it, newest first."""
        return reversed(self._by_phone.get(phone, deque()))

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._by_phone.clear()
