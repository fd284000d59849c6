"""Gathers the keys of objects that graphql-core resolves one at a time into one statement."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from strawberry.dataloader import DataLoader


class HasBatches(Protocol):
    """What a context needs: ``batches``, a separate dictionary for each operation."""

    batches: dict[Any, DataLoader[Any, Any]]


def batch(
    context: HasBatches,
    field: object,
    read: Callable[[Sequence[Any], None], Awaitable[Sequence[Any]]],
    by: str,
) -> DataLoader[Any, Sequence[Any]]:
    """Return this operation's loader for ``field``; it loads the rows whose ``by`` is the key.

    Nothing is cached: the data may change between two mutations of an operation.
    """

    async def load(keys: list[Any]) -> list[Sequence[Any]]:
        groups = grouped(await read(list(dict.fromkeys(keys)), None), by)
        return [groups.get(key, ()) for key in keys]

    loader = context.batches.get(field)
    if loader is None:
        loader = context.batches[field] = DataLoader(load, cache=False)
    return loader


def grouped(rows: Sequence[Any], by: str | int) -> dict[Any, list[Any]]:
    """Return the rows, in order, for each value of the column ``by``, a name or an index."""
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    return groups
