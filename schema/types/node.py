"""The interfaces Node and Problem."""

import strawberry

from rowql import FromRow, column
from schema.inputs import GLOBAL_ID


@strawberry.interface
class Node(FromRow):
    """An object that ``node(id)`` finds."""

    id: strawberry.ID = column(template=GLOBAL_ID, description="Stable and opaque.")


@strawberry.interface
class Problem:
    """An expected outcome that is not success; bugs are errors, never a Problem."""

    message: str
