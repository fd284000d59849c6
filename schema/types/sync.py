"""The result of a sync."""

from typing import Annotated

import strawberry

from db.sync import RowProblem, SyncCounts
from schema.types.node import Problem

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
