"""DataLoaders for when graphql-core runs: one statement for objects it resolves one at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from strawberry.dataloader import DataLoader


class HasLoaders(Protocol):
    """What a context needs: ``loaders``, a separate dictionary for each operation."""

    loaders: dict[Any, DataLoader[Any, Any]]


def loader_of(
    context: HasLoaders,
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

    loader = context.loaders.get(field)
    if loader is None:
        loader = context.loaders[field] = DataLoader(load, cache=False)
    return loader


def grouped(rows: Sequence[Any], by: str | int) -> dict[Any, list[Any]]:
    """Return the rows, in order, for each value of the column ``by``, a name or an index."""
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[by], []).append(row)
    return groups
