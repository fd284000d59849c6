"""The result of a sync."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, cast

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from db.sync import RowProblem, SyncCounts
from schema.types.node import Problem

T = TypeVar("T")
MAX_PROBLEMS = 1000


@strawberry.type
class Synced:
    """How many rows were new, changed something, or changed nothing."""

    inserted: int
    updated: int
    unchanged: int


@strawberry.type
class InvalidRow:
    """What is wrong with one field of the row at ``index``, from 0."""

    index: int
    field: str
    message: str


@strawberry.type
class InvalidRows(Problem):
    """All or nothing: no row of the call was saved."""

    rows: list[InvalidRow] = strawberry.field(
        description="The first 1000; message counts them all."
    )


SyncResult = Annotated[Synced | InvalidRows, strawberry.union("SyncResult")]


def constructed_directly(of: type[T]) -> type[T]:
    """Have a row, an input of scalars and enums only, made directly from its values.

    Strawberry looks up each field's type again: a thousand rows took 70 ms, while all else waited.
    """
    definition = get_object_definition(of, strict=True)
    names = {to_camel_case(field.python_name): field.python_name for field in definition.fields}

    def make(row: type[T], values: Mapping[str, Any], _context: object) -> T:
        return row(**{names[name]: value for name, value in values.items()})

    definition.from_input = cast("Any", make)
    return of


def sync_result(outcome: SyncCounts | list[RowProblem]) -> Synced | InvalidRows:
    """Return db's outcome, converted."""
    if isinstance(outcome, SyncCounts):
        return Synced(
            inserted=outcome.inserted, updated=outcome.updated, unchanged=outcome.unchanged
        )
    return InvalidRows(
        message=f"Nothing was saved: {len(outcome)} fields need correcting.",
        rows=[
            InvalidRow(index=p.index, field=p.field, message=p.message)
            for p in outcome[:MAX_PROBLEMS]
        ],
    )
