"""What attackers and canaries are told of the process that they ask: where it is, and what it has.

Each is a process of its own, and reads this from a file.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

DOCUMENTS = Path(__file__).parents[2] / "portal" / "dist" / "documents.json"
SYNC_PATIENTS = (
    "mutation SyncPatients($input: [PatientInput!]!) { syncPatients(input: $input)"
    " { __typename ... on Synced { inserted updated } ... on InvalidRows { message } } }"
)
READ = (
    "query Read { viewer { name practice { id name } } recalls(tab: TO_ACTION, first: 20) { nodes"
    " { id reason dueDate state smsStatus { blocked reason message } category { id name }"
    " attempts { id kind state createdAt } patient { id firstName lastName birthDate mobile } }"
    " pageInfo { hasNextPage endCursor } } }"
)
"""What the canary reads: who it is, and a page of the list."""
OURS = (SYNC_PATIENTS, READ)
"""Documents that are trusted beside the portal's."""
NAME = re.compile(r"(?:query|mutation|subscription) (\w+)")
REPLIES_URL = "https://recalls.example/replies/twilio"
AUDIENCE = "https://recalls.example"


@dataclass(frozen=True, slots=True)
class Side:
    """A practice, and the tokens of those who work there."""

    practice: int
    admin: str
    receptionist: str
    connector: str
    recalls: list[str]
    """Ids of those whose patients have a number of their own."""
    mobiles: list[str]
    """Those numbers."""
    known: list[str]
    """Tokens of receptionists whom an earlier process has let in, and this one hasn't seen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an attacker or a canary is told."""

    port: int
    gateway_token: str
    issuer: str
    """The identity provider's, where there is one."""
    attacked: Side
    """Where the attacker works, if they have a token."""
    other: Side
    """Where the canary does."""
    crowds: dict[str, str]
    """Numbers, by how many patients are on them."""
    busy_recall: str
    """Id of one that has many attempts."""
    busy_mobile: str
    """A number whose history is long."""
    run: str
    """Id of a run that doesn't end."""

    def write(self, path: Path) -> None:
        """Write them down for another process."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what another process wrote down."""
        given = json.loads(path.read_text())
        sides = {name: Side(**given[name]) for name in ("attacked", "other")}
        return cls(**given | sides)


def trusted() -> dict[str, str]:
    """Give the documents that production runs, by the names of their operations."""
    found = {}
    for text in (*json.loads(DOCUMENTS.read_text()).values(), *OURS):
        match = NAME.search(text)
        assert match is not None, text
        found[match[1]] = text
    return found
