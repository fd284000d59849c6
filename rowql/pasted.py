"""JSON of objects that are the same in many rows: written once, then pasted."""

from collections.abc import Callable
from typing import Any

import orjson

MAX_PASTED = 500
"""Most objects kept of each place in a compiled query; when there are more, all are forgotten."""


class Pasted(dict[tuple[Any, ...], orjson.Fragment]):
    """Objects' JSON by the values that they are made from, so it never goes out of date."""

    def __init__(self, make: Callable[..., Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, values: tuple[Any, ...]) -> orjson.Fragment:
        """Write and keep the object that is made from the values."""
        if len(self) >= MAX_PASTED:
            self.clear()
        made = self[values] = orjson.Fragment(orjson.dumps(self._make(*values)))
        return made
