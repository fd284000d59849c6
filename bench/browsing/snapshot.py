"""What is in a page's heap, from a snapshot: the page's own data, apart from the engine's code."""

import json
from collections.abc import Iterable
from typing import Any

DATA = {"object", "array", "string", "concatenated string", "sliced string", "closure", "number"}
"""The kinds of nodes that are the page's: the rest is compiled code and the browser's own."""


def data_bytes(chunks: Iterable[str]) -> int:
    """Return the bytes of the page's data in a snapshot, which DevTools sends in chunks."""
    snapshot: dict[str, Any] = json.loads("".join(chunks))
    meta = snapshot["snapshot"]["meta"]
    fields = meta["node_fields"]
    kinds: list[str] = meta["node_types"][0]
    nodes: list[int] = snapshot["nodes"]
    width = len(fields)
    of_kind = nodes[fields.index("type") :: width]
    sizes = nodes[fields.index("self_size") :: width]
    return sum(size for kind, size in zip(of_kind, sizes, strict=True) if kinds[kind] in DATA)
