"""The SQL files of functions, views and triggers: their order, and what a function depends on."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path

FUNCTIONS = Path(__file__).parent / "sql"
"""SQL functions and views: a file for each purpose, and ``ORDER``, by which they are loaded."""
COLUMNS = ("logic.refresh_columns", "triggers.set_columns")
"""The functions that fill the denormalised columns."""
_COMMENT = re.compile(r"[ \t]*--[^\n]*")
_BEGINNING = re.compile(
    r"^create (?:or replace )?(?:function|view|type|aggregate) ((?:logic|triggers)\.\w+)",
    re.MULTILINE,
)
_MENTION = re.compile(r"\b(?:logic|triggers)\.\w+")


def scripts_in(functions: Path) -> list[str]:
    """Return the scripts that define the functions and views, in the order to load them in."""
    names = (functions / "ORDER").read_text().split()
    return [(functions / f"{name}.sql").read_text() for name in names]


def triggers_in(functions: Path) -> str:
    """Return the script that creates the triggers."""
    return (functions / "triggers.sql").read_text()


def digest(*texts: str) -> str:
    """Return the same for texts that differ only in comments and spaces."""
    bare = " ".join(" ".join(_COMMENT.sub("", text) for text in texts).split())
    return hashlib.sha256(bare.encode()).hexdigest()


def columns_digest(functions: Path) -> str:
    """Return what changes if a function changes that the denormalised columns depend on."""
    definitions = _definitions(functions)
    found: set[str] = set()
    waiting = list(COLUMNS)
    while waiting:
        name = waiting.pop()
        if name not in found and name in definitions:
            found.add(name)
            waiting += _MENTION.findall(definitions[name])
    return digest(*[definitions[name] for name in sorted(found)])


def _definitions(functions: Path) -> dict[str, str]:
    """Return what defines each function, view and type; overloads together."""
    definitions: dict[str, str] = {}
    for script in scripts_in(functions):
        bare = _COMMENT.sub("", script)
        parts = [match.start() for match in _BEGINNING.finditer(bare)] + [len(bare)]
        for begins, ends in pairwise(parts):
            text = bare[begins:ends].strip()
            [name] = _BEGINNING.findall(text)
            definitions[name] = definitions.get(name, "") + text
    return definitions
