"""Answers GraphQL queries over a Strawberry schema straight from database rows.

A field says what it reads, and each query is compiled once::

    @strawberry.type
    class Book(FromRow):
        id: strawberry.ID = column(template="{type}:{value}")
        title: str = column()
        author: Author = embedded("author_")  # in the same row: author_name, ...
        reviews: list[Review] = lookup(find_reviews, key="id", by="book_id")

    queries = CompiledQueries(strawberry.Schema(Query))
    answer = await queries.answer(document, variables, operation_name, context)
    if answer is None:  # not compilable, or it has an error to report
        result = await schema.execute(document, ...)

README.md says the rest.
"""

from rowql.cache import MAX_CACHED_CHARACTERS, Check, CompiledQueries
from rowql.connection import Connection
from rowql.fields import (
    Columns,
    Cursor,
    FromRow,
    Lookup,
    Page,
    Row,
    column,
    embedded,
    known_row,
    lookup,
)
from rowql.loader import HasLoaders
from rowql.lru import TextLru
from rowql.objects import OBJECT_LIMIT, ObjectLimit, TooManyObjectsError
from rowql.operation import ContextPermission
from rowql.worker_thread import on_worker_thread
from rowql.writing import TooLongError, write

__all__ = [
    "MAX_CACHED_CHARACTERS",
    "OBJECT_LIMIT",
    "Check",
    "Columns",
    "CompiledQueries",
    "Connection",
    "ContextPermission",
    "Cursor",
    "FromRow",
    "HasLoaders",
    "Lookup",
    "ObjectLimit",
    "Page",
    "Row",
    "TextLru",
    "TooLongError",
    "TooManyObjectsError",
    "column",
    "embedded",
    "known_row",
    "lookup",
    "on_worker_thread",
    "write",
]
