"""Roles, viewers, and actors as the audit trail names them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ActorKind(StrEnum):
    """What kind of actor did something."""

    TOKEN = "TOKEN"  # noqa: S105
    PERSON = "PERSON"
    HOST = "HOST"
    PATIENT = "PATIENT"
    GATEWAY = "GATEWAY"
    SCHEDULE = "SCHEDULE"
    STRANGER = "STRANGER"


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor: their name, the role that they signed in with, and the address they came from.

    ``role`` is None if nobody signed in. Only tokens and people have an ``id``, because a name may
    be shared by several people, or change.
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
    """A token from the identity provider, known by values that grant no access."""

    hash: bytes
    """SHA-256 of what its signature covers: the signature itself can be written in many ways."""
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """The authenticated client: all that they see and do is within their practice.

    ``kept_in`` is the table that has them by ``id``, access_tokens or people. They came with the
    token itself, with one of its sessions (``session``), or with a ``jwt`` from the identity
    provider.
    """

    practice_id: int
    name: str
    role: Role
    kept_in: str
    id: int
    session: int | None = None
    jwt: Jwt | None = None
    key: str = field(init=False, repr=False, compare=False)
    practice_key: str = field(init=False, repr=False, compare=False)
    """The keys by which their use and their practice's is counted; no personal data."""

    def __post_init__(self) -> None:
        # How a frozen dataclass sets a derived field.
        object.__setattr__(self, "key", f"{self.kept_in}:{self.practice_id}:{self.id}")
        object.__setattr__(self, "practice_key", f"practice:{self.practice_id}")

    @property
    def kind(self) -> ActorKind:
        """Their kind of actor, which with ``id`` identifies them in the audit trail."""
        return KINDS[self.kept_in]

    def acting(self, origin: str | None) -> Actor:
        """Return the actor for the audit trail, with the address that they came from."""
        return Actor(self.name, self.role, origin, self.kind, self.id)


KINDS = {"access_tokens": ActorKind.TOKEN, "people": ActorKind.PERSON}
