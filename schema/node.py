"""The ``node`` query: finds an object by its id."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry

from db.attempts import get_attempts
from db.audit import PATIENT_OF, record_view
from db.blocklist import get_blocked
from db.categories import get_categories
from db.practices import get_practices
from db.recalls import get_patients, get_recalls
from db.runs import get_runs
from db.tokens import get_tokens
from rowql import Columns, Lookup
from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import read_any_id
from schema.roles import require_admin
from schema.types.access import AccessToken
from schema.types.blocked import BlockedCommunication
from schema.types.node import Node
from schema.types.practice import Practice
from schema.types.recall import Category, ContactAttempt, Patient, Recall
from schema.types.run import Run

# Each reads within the viewer's practice: another practice's object is not found.
FOUND_BY: dict[str, tuple[type[Node], Callable[..., Awaitable[Sequence[Any]]]]] = {
    "Recall": (Recall, get_recalls),
    "Patient": (Patient, get_patients),
    "Category": (Category, get_categories),
    "ContactAttempt": (ContactAttempt, get_attempts),
    "BlockedCommunication": (BlockedCommunication, get_blocked),
    "Run": (Run, get_runs),
    "Practice": (Practice, get_practices),
    "AccessToken": (AccessToken, get_tokens),
}
ADMIN_TYPES = {"AccessToken"}


def find_node(info: Info, id: strawberry.ID) -> Lookup:  # noqa: A002
    """The object with the given id; null if the practice has none. Access tokens: admins only."""
    type_name, key = read_any_id(id, "id")
    if type_name not in FOUND_BY:
        raise BadUserInputError("id is not an id.", "id")
    if type_name in ADMIN_TYPES:
        require_admin(info)
    of, get = FOUND_BY[type_name]

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        rows = await get(*info.context.scope, [key], columns)
        if rows and type_name in PATIENT_OF:
            context = info.context
            await record_view(context.pool, context.practice_id, context.actor, type_name, key)
        return rows

    return Lookup(read, row_type=of)
