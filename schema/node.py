"""Finding an object again by its id."""

from collections.abc import Callable
from typing import Any

from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import read_any_id
from schema.types.blocked import BlockedCommunication
from schema.types.node import Node
from schema.types.practice import the_practice
from schema.types.recall import Category, ContactAttempt, Patient, Recall
from schema.types.run import Run

# Each loads within the viewer's practice: another's object is not found, as if it didn't exist.
FOUND_BY: dict[str, tuple[str, Callable[..., Node]]] = {
    "Recall": ("recall", Recall),
    "Patient": ("patient", Patient),
    "Category": ("category", Category),
    "ContactAttempt": ("attempt", ContactAttempt),
    "BlockedCommunication": ("blocked", BlockedCommunication),
    "Run": ("run", Run),
}


async def find_node(info: Info, id_: str) -> Node | None:
    """Give the object of the id, None where the practice has none; raises BAD_USER_INPUT."""
    type_name, key = read_any_id(id_, "id")
    if type_name == "Practice":
        return await the_practice(info) if key == info.context.practice_id else None
    if type_name not in FOUND_BY:
        raise BadUserInputError("id is not an id.", "id")
    loader, node_type = FOUND_BY[type_name]
    row: Any = await getattr(info.context.loaders, loader).load(key)
    return node_type(row=row) if row is not None else None
