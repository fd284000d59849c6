"""The record of a torture run: the gateway's side, the database's and the staff's."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that the gateway has, and when it passed the network (seconds since 1970)."""

    sid: str
    practice: int
    reference: str
    time: float
    # Left out of repr(), like those below, so that no failing test prints them.
    to: str = field(repr=False)
    body: str = field(repr=False)
    stored: float = 0.0
    """When the gateway says that it took it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of contact_attempts, with the (recall, step) pairs of its rows in attempt_recalls."""

    practice: int
    id: int
    run: int
    state: str
    reference: str
    recalls: tuple[tuple[int, int | None], ...]
    refusal: str | None = None
    gateway_id: str | None = None
    claimed: float = 0.0
    """When it was claimed last (seconds since 1970)."""
    mobile: str | None = field(default=None, repr=False)
    body: str | None = field(default=None, repr=False)


NEVER = float("inf")


@dataclass(slots=True)
class Promise:
    """A promise that a number gets nothing, from the block's answer until the unblock's request.

    If a STOP is acknowledged before it is carried out, the promise holds from when that is done, or
    from ``NEVER`` if that wasn't in time.
    """

    practice: int
    since: float
    mobile: str = field(repr=False)
    until: float | None = None


@dataclass(slots=True)
class Record:
    """Everything that the checker reads."""

    handed: list[Handed] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    runs: dict[tuple[int, int], str] = field(default_factory=dict)
    """The state of each run, by practice and id."""
    accepted: set[tuple[int, int]] = field(default_factory=set)
    """Practice and recall of every recall that an accepted call was meant to contact."""
    promises: list[Promise] = field(default_factory=list)
    block_asked: set[tuple[int, str]] = field(default_factory=set)
    """Practice and number of every block that was ever requested, answered or not."""
    blocked: set[tuple[int, str]] = field(default_factory=set)
    """Practice and number of every block at the end."""
    stopped: dict[tuple[int, int], float] = field(default_factory=dict)
    """When each run that staff stopped may no longer send anything, by practice and id."""
