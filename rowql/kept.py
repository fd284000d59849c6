"""What is made from values that are the same in many rows: made once, then used again."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_KEPT = 500
"""Most values kept of each place in a compiled query; when there are more, all are forgotten."""

Kept: TypeAlias = tuple[Callable[[K], V | None], Callable[[K], V]]
"""A look-up of what is kept of a key, or None; and a function that makes and keeps it."""


def kept(make: Callable[[K], V]) -> Kept[K, V]:
    """Return how to use again what ``make`` makes of a key, which never goes out of date.

    They are two functions because the first is a plain dictionary's, the quickest look-up there is.
    """
    found: dict[K, V] = {}

    def make_and_keep(key: K) -> V:
        if len(found) >= MAX_KEPT:
            found.clear()
        made = found[key] = make(key)
        return made

    return found.get, make_and_keep
