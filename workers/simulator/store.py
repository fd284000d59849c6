"""What the simulator got: messages in memory, the newest ones only."""

import secrets
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CAPACITY = 1_000_000


@dataclass(slots=True)
class Kept:
    """A message the simulator accepted; `sender` is None when a messaging service sends it."""

    account: str
    to: str
    sender: str | None
    service: str | None
    body: str
    callback: str | None
    reference: str | None
    status: str = "queued"
    error: int | None = None
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def summary(self) -> dict[str, Any]:
        """Give what /messages tells of it."""
        return {
            "sid": self.sid,
            "to": self.to,
            "body": self.body,
            "reference": self.reference,
            "time": self.time,
            "status": self.status,
        }


class Store:
    """The newest `capacity` messages."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._by_number: defaultdict[str, deque[Kept]] = defaultdict(deque)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, message: Kept) -> None:
        """Keep `message`, forgetting the oldest one if there is no room."""
        self._kept[message.sid] = message
        self._by_number[message.to].append(message)
        if len(self._kept) > self._capacity:
            _, oldest = self._kept.popitem(last=False)
            self._by_number[oldest.to].popleft()

    def get(self, sid: str) -> Kept | None:
        """Find a message by its sid."""
        return self._kept.get(sid)

    def newest(self, to: str | None = None) -> Iterator[Kept]:
        """Go through the messages, newest first; only those to the number `to` if given."""
        return reversed(self._kept.values() if to is None else self._by_number.get(to, deque()))

    def clear(self) -> None:
        """Forget every message."""
        self._kept.clear()
        self._by_number.clear()
