"""A small Strawberry schema of books and reviews, over rows in memory."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, TypeAlias

import orjson
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission

from rowql import (
    Columns,
    CompiledQueries,
    Connection,
    ContextPermission,
    Cursor,
    FromRow,
    Lookup,
    Page,
    column,
    embedded,
    known_row,
    lookup,
)

BOOKS: list[dict[str, Any]] = [
    {
        "id": 1,
        "title": "Emma",
        "kind": "NOVEL",
        "kinds": ["NOVEL", "POEMS"],
        "author_name": "Jane",
        "author_home_town": "Steventon",
        "note": None,
        "tags": ["irony"],
        "publication_date": date(1815, 12, 23),
        "added_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "publisher_id": 1,
    },
    {
        "id": 2,
        "title": "Ulysses",
        "kind": "NOVEL",
        "kinds": [],
        "author_name": None,
        "author_home_town": None,
        "note": 'say "yes"',
        "tags": ["Dublin", "é"],
        "publication_date": date(1922, 2, 2),
        "added_at": datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        "publisher_id": None,
    },
    {
        "id": 3,
        "title": None,
        "kind": "POEMS",
        "kinds": ["POEMS"],
        "author_name": "Sappho",
        "author_home_town": None,
        "note": "lost",
        "tags": [],
        "publication_date": None,
        "added_at": datetime(2026, 6, 7, tzinfo=UTC),
        "publisher_id": 1,
    },
]
REVIEWS: list[dict[str, Any]] = [
    {"id": 1, "book_id": 1, "stars": 5},
    {"id": 2, "book_id": 1, "stars": 4},
    {"id": 3, "book_id": 3, "stars": 2},
]
PUBLISHERS: list[dict[str, Any]] = [{"id": 1, "name": "Murray"}]

Hook: TypeAlias = Callable[[], Awaitable[None]]


class Library:
    """A context that records what was read for it, and the arguments of ``books``."""

    def __init__(self, *, member: bool = True, reading: Hook | None = None) -> None:
        self.member = member
        self.loaders: dict[Any, Any] = {}
        self.read: list[tuple[str, Columns]] = []
        self.arguments: list[dict[str, Any]] = []
        self._reading = reading

    async def rows(self, name: str, rows: Sequence[dict[str, Any]], columns: Columns) -> list[Any]:
        """Return the rows as a database would: only the columns that are asked for."""
        self.read.append((name, columns))
        if self._reading is not None:
            await self._reading()
        if columns is None:
            return list(rows)
        return [tuple(row[column] for column in columns) for row in rows]


Info: TypeAlias = strawberry.Info[Library, None]


class Member(ContextPermission):
    message = "Members only"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:  # noqa: ARG002
        return bool(info.context.member)


class OfSource(BasePermission):
    message = "It depends on the book"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:  # noqa: ARG002
        return source is not None


class Slow(ContextPermission):
    message = "Ask again later"

    async def has_permission(self, source: Any, info: Any, **_: Any) -> bool:  # noqa: ARG002
        return False


class Shout(FieldExtension):
    async def resolve_async(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return await next_(source, info, **kwargs)


@strawberry.enum
class Kind(Enum):
    NOVEL = "NOVEL"
    POEMS = "POEMS"


def rows_of(name: str, rows: Sequence[dict[str, Any]], by: str) -> Callable[[Info], Lookup]:
    """Return a lookup's function that finds the rows whose ``by`` is among the keys."""

    def find(info: Info) -> Lookup:
        async def read(keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
            return await info.context.rows(name, [row for row in rows if row[by] in keys], columns)

        return Lookup(read)

    return find


def find_books_of_publishers(info: Info) -> Lookup:
    async def read(keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        found = [row for row in BOOKS if row["publisher_id"] in keys]
        return await info.context.rows("books of publishers", found, columns)

    return Lookup(read)


def find_paged_reviews(info: Info, first: int = 1, after: str | None = None) -> Lookup:
    async def read(keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        begin = int(after.split("|")[1]) if after else 0
        found = [
            row
            for key in keys
            for row in [r for r in REVIEWS if r["book_id"] == key and r["id"] > begin][: first + 1]
        ]
        return await info.context.rows("paged reviews", found, columns)

    async def count(keys: Sequence[Any]) -> dict[Any, int]:
        info.context.read.append(("count of reviews", None))
        counts = {key: sum(row["book_id"] == key for row in REVIEWS) for key in keys}
        return {key: count for key, count in counts.items() if count}

    return Lookup(read, Page(first, after, count))


@strawberry.type
class Review(FromRow):
    stars: int = column()
    book: "Book" = lookup(rows_of("books of reviews", BOOKS, "id"), key="book_id", by="id")


@strawberry.type
class Author(FromRow):
    name: str = column(convert=str.upper)
    town: str | None = column("home_town")


@strawberry.type
class Labels(FromRow):
    note: str | None = column()
    kind: Kind = column(convert=Kind)
    tags: list[str] = column()
    author: Author | None = embedded("author_", present="name", repeats=True)
    reviews: list["Review"] = lookup(rows_of("reviews", REVIEWS, "book_id"), key="id", by="book_id")


@strawberry.type
class Publisher(FromRow):
    name: str = column()
    books: list["Book"] = lookup(find_books_of_publishers, key="id", by="publisher_id")


@strawberry.interface
class Item(FromRow):
    id: strawberry.ID = column(template="{type}:{value}")


@strawberry.type
class Book(Item):
    title: str = column()
    note: str | None = column()
    kind: Kind = column(convert=Kind)
    kinds: list[Kind] = column(convert=Kind)
    tags: list[str] = column()
    loud_tags: list[str] = column("tags", str.upper)
    published: date | None = column("publication_date")
    added_at: datetime = column()
    author: Author | None = embedded("author_", present="name", repeats=True)
    same: "Author" = embedded("author_")
    labels: Labels = embedded("", repeats=True)
    publisher: Publisher | None = lookup(
        rows_of("publishers", PUBLISHERS, "id"), key="publisher_id", by="id"
    )
    reviews: list[Review] = lookup(rows_of("reviews", REVIEWS, "book_id"), key="id", by="book_id")
    paged_reviews: Connection[Review] = lookup(
        find_paged_reviews, key="id", by="book_id", cursor=Cursor(list, "reviews", ("id",))
    )
    for_members: str | None = column("note", permission_classes=[Member])
    guarded: list[Review] = lookup(
        rows_of("reviews", REVIEWS, "book_id"),
        key="id",
        by="book_id",
        permission_classes=[OfSource],
    )


@strawberry.type
class Magazine(Item):
    issue: int = column()


@strawberry.input
class BookFilter:
    kinds: list[Kind] | None = None
    min_id: int = 0
    published_from: date | None = None


def find_books(  # noqa: PLR0917 - Strawberry passes them by name
    info: Info,
    first: int = 2,
    after: str | None = None,
    kind: Kind | None = None,
    filter: BookFilter | None = None,  # noqa: A002
    ids: list[int] | None = None,
) -> Lookup:
    """All books."""
    info.context.arguments.append(
        {"first": first, "after": after, "kind": kind, "filter": filter, "ids": ids}
    )

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        begin = int(after.split("|")[1]) if after else 0
        found = [
            row
            for row in BOOKS
            if row["id"] > begin
            and (kind is None or row["kind"] == kind.value)
            and (ids is None or row["id"] in ids)
            and (filter is None or _matches(row, filter))
        ]
        return await info.context.rows("books", found[: first + 1], columns)

    async def count(keys: Sequence[Any]) -> dict[Any, int]:
        info.context.read.append(("count", None))
        return dict.fromkeys(keys, len(BOOKS))

    return Lookup(read, Page(first, after, count))


def _matches(row: dict[str, Any], wanted: BookFilter) -> bool:
    published = row["publication_date"]
    return (
        row["id"] >= wanted.min_id
        and (wanted.kinds is None or Kind(row["kind"]) in wanted.kinds)
        and (wanted.published_from is None or (published or date.min) >= wanted.published_from)
    )


def find_item(info: Info, id: strawberry.ID) -> Lookup:  # noqa: A002
    of, _, key = id.partition(":")

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        rows = BOOKS if of == "Book" else [{"id": 7, "issue": 70}]
        return await info.context.rows("item", [r for r in rows if str(r["id"]) == key], columns)

    return Lookup(read, row_type=Book if of == "Book" else Magazine)


@strawberry.type
class Reader(FromRow):
    name: str = column()


def find_reader(info: Info) -> Lookup:
    return Lookup(known_row({"name": "Ann" if info.context.member else "Nobody"}))


BOOK_CURSOR = Cursor(list, "books", ("id",))


@strawberry.type
class Query:
    books: Connection[Book] = lookup(find_books, cursor=BOOK_CURSOR, permission_classes=[Member])
    slow: Connection[Book] = lookup(find_books, cursor=BOOK_CURSOR, permission_classes=[Slow])
    shouted: Connection[Book] = lookup(find_books, cursor=BOOK_CURSOR, extensions=[Shout()])
    item: Item | None = lookup(find_item)
    reader: Reader = lookup(find_reader)

    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def search(self) -> Annotated[Book | Publisher | Review, strawberry.union("Found")]:
        return Review(row=REVIEWS[0])


@strawberry.type
class Mutation:
    @strawberry.mutation
    def lend(self) -> Book:
        return Book(row=BOOKS[0])


class LibrarySchema(strawberry.Schema):
    """Leaves the introspection types, which all schemas of a process share, as they are."""

    def _extend_introspection(self) -> None:
        pass

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        pass


schema = LibrarySchema(Query, Mutation, types=[Magazine])


async def on_graphql_core(
    document: str, variables: dict[str, Any] | None = None, library: Library | None = None
) -> bytes:
    """Return graphql-core's answer, written like a compiled query's."""
    result = await schema.execute(
        document, variable_values=variables, context_value=library or Library()
    )
    errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return orjson.dumps({"data": result.data} | errors)


async def both(
    queries: CompiledQueries, document: str, variables: dict[str, Any] | None = None
) -> tuple[bytes | None, bytes]:
    """Return the compiled query's answer, or None if it has none, and graphql-core's."""
    fast = await queries.answer(document, variables, None, Library())
    return fast, await on_graphql_core(document, variables)
