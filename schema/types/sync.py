"""What a sync answers."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from db.intake import RowProblem, Taken
from schema.errors import BadUserInputError
from schema.types.node import Problem

MOST_ROWS = 1000


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
    """All or nothing: no row of the call was taken."""

    rows: list[InvalidRow]


SyncResult = Annotated[Synced | InvalidRows, strawberry.union("SyncResult")]


def check_size(rows: Sequence[object]) -> None:
    """Raise BAD_USER_INPUT for more than 1000 rows."""
    if len(rows) > MOST_ROWS:
        raise BadUserInputError(f"input takes up to {MOST_ROWS} rows a call.", "input")


def sync_result(outcome: Taken | list[RowProblem]) -> Synced | InvalidRows:
    """Convert what db answers."""
    if isinstance(outcome, Taken):
        return Synced(
            inserted=outcome.inserted, updated=outcome.updated, unchanged=outcome.unchanged
        )
    return InvalidRows(
        message=f"Nothing was taken: {len(outcome)} fields need mending.",
        rows=[InvalidRow(index=p.index, field=p.field, message=p.message) for p in outcome],
    )
