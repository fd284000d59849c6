"""Keeps what was made of documents, for to make it again costs more than to run most of them."""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_CHARACTERS = 40_000
"""Of all texts that are kept; the portal's documents have a quarter of that.

What is made of one takes some hundred times its length in memory, and each full collection of
garbage, which nobody is answered during, looks through it.
"""


class Kept(Generic[T]):
    """What was made of the texts that were used last, ``most`` characters of them in all."""

    def __init__(self, most: int = MAX_CHARACTERS) -> None:
        self._most = most
        self._left = most
        self._made: OrderedDict[str, T] = OrderedDict()

    def __contains__(self, text: str) -> bool:
        """Tell whether something is kept of the text."""
        return text in self._made

    def __getitem__(self, text: str) -> T:
        """Give what was made of the text, which was used now."""
        self._made.move_to_end(text)
        return self._made[text]

    def __setitem__(self, text: str, made: T) -> None:
        """Keep what was made of a text, in place of those that were used longest ago."""
        if text in self._made or len(text) > self._most:
            return
        self._made[text] = made
        self._left -= len(text)
        while self._left < 0:
            first, _ = self._made.popitem(last=False)
            self._left += len(first)
