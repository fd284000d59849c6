"""Where graphql-core resolves one object at a time: gathers their keys into one statement."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from strawberry.dataloader import DataLoader


class HasBatches(Protocol):
    """What a context needs: ``batches``, a dictionary of its own for each operation."""

    batches: dict[Any, DataLoader[Any, Any]]


def batch(
    context: HasBatches,
    field: object,
    read: Callable[[Sequence[Any], None], Awaitable[Sequence[Any]]],
    by: str,
) -> DataLoader[Any, Sequence[Any]]:
    """Give the loader of ``field`` in this operation; it gives the rows whose ``by`` is the key.

    Nothing is cached: between two mutations of an operation the facts may have changed.
    """

    async def load(keys: list[Any]) -> list[Sequence[Any]]:
        groups = grouped(await read(list(dict.fromkeys(keys)), None), by)
        return [groups.get(key, ()) for key in keys]

    loader = context.batches.get(field)
    if loader is None:
        loader = context.batches[field] = DataLoader(load, cache=False)
    return loader


def grouped(rows: Sequence[Any], by: str | int) -> dict[Any, list[Any]]:
    """Give the rows of each value of the column ``by``, named or numbered, in their order."""
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    return groups
