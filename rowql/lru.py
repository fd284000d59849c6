"""A least-recently-used cache whose keys are texts, limited by their total length."""

from collections import OrderedDict
from collections.abc import Collection
from typing import Generic, TypeVar

T = TypeVar("T")


class TextLru(Generic[T]):
    """What was made from the most recently used texts, up to ``max_characters`` in all.

    What was made from ``lasting`` texts is kept for good, besides.
    """

    def __init__(self, max_characters: int, lasting: Collection[str] = ()) -> None:
        self._max_characters = max_characters
        self._left = max_characters
        self._made: OrderedDict[str, T] = OrderedDict()
        self._lasting = frozenset(lasting)
        self._kept: dict[str, T] = {}

    def __contains__(self, text: str) -> bool:
        """Return whether anything is kept for the text."""
        return text in self._kept or text in self._made

    def __getitem__(self, text: str) -> T:
        """Return what was made from the text, and mark it as used now."""
        if text in self._kept:
            return self._kept[text]
        self._made.move_to_end(text)
        return self._made[text]

    def __setitem__(self, text: str, made: T) -> None:
        """Keep what was made from a text, and drop the least recently used to make room."""
        if text in self._lasting:
            self._kept.setdefault(text, made)
            return
        if text in self._made or len(text) > self._max_characters:
            return
        self._made[text] = made
        self._left -= len(text)
        while self._left < 0:
            first, _ = self._made.popitem(last=False)
            self._left += len(first)
