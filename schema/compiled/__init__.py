"""Answers GraphQL queries straight from database rows; README.md says how to use it."""

from schema.compiled.compiled import Compiled
from schema.compiled.connection import Connection
from schema.compiled.fields import (
    Columns,
    Cursor,
    FromRow,
    Lookup,
    Page,
    column,
    given,
    lookup,
    part,
)
from schema.compiled.objects import OBJECTS, Objects, TooManyObjectsError
from schema.compiled.operation import ContextPermission
from schema.compiled.writing import TooLongError, write

__all__ = [
    "OBJECTS",
    "Columns",
    "Compiled",
    "Connection",
    "ContextPermission",
    "Cursor",
    "FromRow",
    "Lookup",
    "Objects",
    "Page",
    "TooLongError",
    "TooManyObjectsError",
    "column",
    "given",
    "lookup",
    "part",
    "write",
]
