"""Who asks and who acts: roles, viewers, and actors as the audit trail names them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ActorKind(StrEnum):
    """What somebody is who acts."""

    TOKEN = "TOKEN"  # noqa: S105
    PERSON = "PERSON"
    HOST = "HOST"
    PATIENT = "PATIENT"
    GATEWAY = "GATEWAY"
    SCHEDULE = "SCHEDULE"
    STRANGER = "STRANGER"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: their name, the role they signed in with, and the address they came from.

    Without a role nobody signed in. ``id`` is a token's or a person's, who alone have one: a name
    may be several people's, or be changed.
    """

    name: str
    role: str | None = None
    origin: str | None = None
    kind: ActorKind = ActorKind.HOST
    id: int | None = None


HOST = Actor("Host")
"""Somebody at the host's command line."""


class Role(StrEnum):
    """What a token's holder may do."""

    ADMIN = "ADMIN"
    RECEPTIONIST = "RECEPTIONIST"
    CONNECTOR = "CONNECTOR"


class Jwt(NamedTuple):
    """A token of the identity provider's, by what doesn't open anything."""

    hash: bytes
    """SHA-256 of what its signature covers: the signature itself can be written in many ways."""
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: everything they see and do is their practice's.

    ``kept_in`` is the table that knows them, access_tokens or people, by ``id``. They came with the
    token itself, with a ``session`` of it, or with a ``jwt`` of the identity provider's.
    """

    practice_id: int
    name: str
    role: Role
    kept_in: str
    id: int
    session: int | None = None
    jwt: Jwt | None = None
    key: str = field(init=False, repr=False, compare=False)
    """What they are counted by; no personal data."""

    def __post_init__(self) -> None:
        key = f"{self.kept_in}:{self.practice_id}:{self.id}"
        object.__setattr__(self, "key", key)  # which is how a frozen one is given what follows

    @property
    def kind(self) -> ActorKind:
        """What they are in the audit trail, where ``id`` tells them apart from all others."""
        return KINDS[self.kept_in]

    def acting(self, origin: str | None) -> Actor:
        """Give who is to be named in the audit trail, where they ask from the address."""
        return Actor(self.name, self.role, origin, self.kind, self.id)


KINDS = {"access_tokens": ActorKind.TOKEN, "people": ActorKind.PERSON}
