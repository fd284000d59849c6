"""What every type with an id has in common."""

from typing import ClassVar

import strawberry

from db.rows import Row
from schema.inputs import global_id


@strawberry.interface
class Node:
    """An object that ``node(id)`` finds again."""

    row: strawberry.Private[Row]
    key: ClassVar[str] = "id"
    """The column that holds its key."""

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Stable and opaque."""
        return global_id(type(self).__name__, self.row[self.key])


@strawberry.interface
class Problem:
    """An expected outcome that is not success; bugs are errors, never this."""

    message: str
