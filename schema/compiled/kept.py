"""Keeps what was made from documents: making it again costs more than running most of them."""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_CHARACTERS = 40_000
"""Total for all texts that are kept; the portal's documents have a quarter of that.

What is made from a text takes some hundred times its length in memory, and is scanned by each full
garbage collection, during which nobody is answered.
"""


class Kept(Generic[T]):
    """What was made from the most recently used texts, up to ``most`` characters in all."""

    def __init__(self, most: int = MAX_CHARACTERS) -> None:
        self._most = most
        self._left = most
        self._made: OrderedDict[str, T] = OrderedDict()

    def __contains__(self, text: str) -> bool:
        """Return whether anything is kept for the text."""
        return text in self._made

    def __getitem__(self, text: str) -> T:
        """Return what was made from the text, and mark it as used now."""
        self._made.move_to_end(text)
        return self._made[text]

    def __setitem__(self, text: str, made: T) -> None:
        """Keep what was made from a text, and drop the least recently used to make room."""
        if text in self._made or len(text) > self._most:
            return
        self._made[text] = made
        self._left -= len(text)
        while self._left < 0:
            first, _ = self._made.popitem(last=False)
            self._left += len(first)
