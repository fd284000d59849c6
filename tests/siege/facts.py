"""The facts given to attackers and canaries about the process: where it is, and what it has.

Each of them is a process of its own, and reads these from a file.
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
"""The canary's read: its viewer, and a page of the list."""
OURS = (SYNC_PATIENTS, READ)
"""Documents trusted in addition to the portal's."""
NAME = re.compile(r"(?:query|mutation|subscription) (\w+)")
REPLIES_URL = "https://recalls.example/replies/twilio"
AUDIENCE = "https://recalls.example"


@dataclass(frozen=True, slots=True)
class Side:
    """A practice and its staff's tokens."""

    practice: int
    admin: str
    receptionist: str
    connector: str
    recalls: list[str]
    """Ids of recalls whose patients have a number of their own."""
    mobiles: list[str]
    """Those numbers."""
    known: list[str]
    """Receptionists' tokens that an earlier process has let in, and this one hasn't seen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that an attacker or a canary is given."""

    port: int
    gateway_token: str
    issuer: str
    """The identity provider's, if there is one."""
    attacked: Side
    """The practice where the attacker works, if it has a token."""
    other: Side
    """The practice of the canary."""
    crowds: dict[str, str]
    """Shared numbers, by how many patients share them."""
    busy_recall: str
    """The id of a recall with many attempts."""
    busy_mobile: str
    """A number with a long history."""
    run: str
    """The id of a run that doesn't end."""

    def write(self, path: Path) -> None:
        """Write the facts for another process."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the facts that another process wrote."""
        given = json.loads(path.read_text())
        sides = {name: Side(**given[name]) for name in ("attacked", "other")}
        return cls(**given | sides)


def trusted() -> dict[str, str]:
    """Return the documents that production runs, by operation name."""
    found = {}
    for text in (*json.loads(DOCUMENTS.read_text()).values(), *OURS):
        match = NAME.search(text)
        assert match is not None, text
        found[match[1]] = text
    return found
