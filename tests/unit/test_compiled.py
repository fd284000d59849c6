"""Tests of compiled reads on their own, with a small schema over rows in memory."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any

import orjson
import pytest
import strawberry
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission

from schema.build import RecallsSchema
from schema.compiled import (
    Columns,
    Compiled,
    Connection,
    ContextPermission,
    Cursor,
    FromRow,
    Lookup,
    Page,
    column,
    lookup,
    part,
)
from schema.compiled.compiled import LONGEST, VARIANTS
from schema.compiled.selection import MAX_FIELDS

BOOKS: list[dict[str, Any]] = [
    {"id": 1, "title": "Emma", "kind": "NOVEL", "author_name": "Jane", "note": None},
    {"id": 2, "title": "Ulysses", "kind": "NOVEL", "author_name": None, "note": 'say "yes"'},
    {"id": 3, "title": None, "kind": "POEMS", "author_name": "Sappho", "note": "lost"},
]
REVIEWS: list[dict[str, Any]] = [
    {"book_id": 1, "stars": 5},
    {"book_id": 1, "stars": 4},
    {"book_id": 3, "stars": 2},
]


class Library:
    """A context that records what was read for it."""

    def __init__(self, *, member: bool = True) -> None:
        self.member = member
        self.batches: dict[Any, Any] = {}
        self.read: list[tuple[str, Columns]] = []

    def rows(self, name: str, rows: Sequence[dict[str, Any]], columns: Columns) -> list[Any]:
        self.read.append((name, columns))
        if columns is None:
            return list(rows)
        return [tuple(row[column] for column in columns) for row in rows]


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


@strawberry.type
class Review(FromRow):
    stars: int = column()


@strawberry.type
class Author(FromRow):
    name: str = column(convert=str.upper)


def find_reviews(info: strawberry.Info[Library, None]) -> Lookup:
    async def read(keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        found = [row for row in REVIEWS if row["book_id"] in keys]
        return info.context.rows("reviews", found, columns)

    return Lookup(read)


def find_publishers(info: strawberry.Info[Library, None]) -> Lookup:
    async def read(keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return info.context.rows("publishers", [{"of": key, "name": "P"} for key in keys], columns)

    return Lookup(read)


@strawberry.type
class Publisher(FromRow):
    name: str = column()


@strawberry.type
class Book(FromRow):
    publisher: Publisher = lookup(find_publishers, key="id", by="of")
    id: strawberry.ID = column(form="{type}:{value}")
    title: str = column()
    note: str | None = column()
    kind: Kind = column(convert=Kind)
    author: Author | None = part("author_", present="name")
    reviews: list[Review] = lookup(find_reviews, key="id", by="book_id")
    guarded: list[Review] = lookup(
        find_reviews, key="id", by="book_id", permission_classes=[OfSource]
    )


def find_books(
    info: strawberry.Info[Library, None], first: int = 2, after: str | None = None
) -> Lookup:
    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        begin = int(after.split("|")[1]) if after else 0
        found = [row for row in BOOKS if row["id"] > begin][: first + 1]
        return info.context.rows("books", found, columns)

    async def count(keys: Sequence[Any]) -> dict[Any, int]:
        info.context.read.append(("count", None))
        return dict.fromkeys(keys, len(BOOKS))

    return Lookup(read, Page(first, after, count))


@strawberry.type
class Query:
    books: Connection[Book] = lookup(
        find_books, cursor=Cursor(str, "books", ("id",)), permission_classes=[Member]
    )

    @strawberry.field
    def hello(self) -> str:
        return "world"

    slow: Connection[Book] = lookup(
        find_books, cursor=Cursor(str, "books", ("id",)), permission_classes=[Slow]
    )

    @strawberry.field
    def search(self) -> Annotated[Book | Publisher | Review, strawberry.union("Found")]:
        return Review(row=REVIEWS[0])

    shouted: Connection[Book] = lookup(
        find_books, cursor=Cursor(str, "books", ("id",)), extensions=[Shout()]
    )


schema = RecallsSchema(Query)


@pytest.fixture
def reads() -> Compiled:
    """Compiled reads, with nothing compiled yet."""
    return Compiled(schema)


async def both(
    reads: Compiled, document: str, variables: dict[str, Any] | None = None
) -> tuple[bytes | None, bytes]:
    """Return the compiled query's answer, or None if it has none, and graphql-core's."""
    fast = await reads.answer(document, variables, None, Library())
    result = await schema.execute(document, variable_values=variables, context_value=Library())
    errors = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return fast, orjson.dumps({"data": result.data} | errors)


async def test_an_answer_is_graphql_cores_to_the_byte(reads: Compiled) -> None:
    # given
    document = """query ($n: Int, $all: Boolean = true, $at: String) {
      __typename
      books(first: $n, after: $at) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { ...B @include(if: $all) same: id } }
      }
      again: books(first: 1) { nodes { reviews { stars } } }
    }
    fragment B on Book { id note kind author { name __typename } reviews { stars } }"""
    for variables in (None, {"n": 1}, {"n": 2, "at": "books|1", "all": False}):
        # when
        fast, plain = await both(reads, document, variables)
        # then
        assert fast == plain


@pytest.mark.parametrize(
    "document",
    [
        "{ books { nodes { ... on Found { __typename } } } }",
        "{ books { nodes { publisher { ... on Found { ... on Review { stars } } } } } }",
    ],
)
async def test_fragments_on_unions_and_empty_ones_are_answered_as_by_graphql_core(
    reads: Compiled, document: str
) -> None:
    # when
    fast, plain = await both(reads, document)
    # then
    assert fast == plain


async def test_a_null_given_to_a_directive_is_left_to_graphql_core(reads: Compiled) -> None:
    # given
    document = "query ($v: Boolean = true) { books { nodes { id @skip(if: $v) } } }"
    # when
    fast, plain = await both(reads, document, {"v": None})
    # then
    assert fast is None
    assert b"errors" in plain


async def test_only_requested_columns_are_read(reads: Compiled) -> None:
    # given
    library = Library()
    # when
    await reads.answer("{ books { nodes { note kind } } }", None, None, library)
    await reads.answer("{ books { totalCount } }", None, None, library)
    # then
    assert library.read == [("books", ("note", "kind")), ("count", None)]


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_level_is_read_at_once_however_many_rows_it_has(compiled: bool) -> None:
    # given
    document, library = "{ books { nodes { reviews { stars } } } }", Library()
    # when
    if compiled:
        await Compiled(schema).answer(document, None, None, library)
    else:
        await schema.execute(document, context_value=library)
    # then
    assert [name for name, _ in library.read] == ["books", "reviews"]


async def test_a_permission_is_checked_before_anything_is_read(reads: Compiled) -> None:
    # given
    stranger = Library(member=False)
    # when
    fast = await reads.answer("{ books { totalCount } }", None, None, stranger)
    plain = await schema.execute("{ books { totalCount } }", context_value=stranger)
    # then
    assert fast is None
    assert plain.errors is not None
    assert [error.message for error in plain.errors] == ["Members only"]
    assert stranger.read == []


@pytest.mark.parametrize(
    "document",
    [
        "{ books { nodes { guarded { stars } } } }",
        "{ hello }",
        "{ shouted { totalCount } }",
        "{ slow { totalCount } }",
        f"{{ books {{ nodes {{ {' '.join(f'a{n}: id' for n in range(MAX_FIELDS))} }} }} }}",
        "{ __schema { queryType { name } } }",
        "{ books { nodes { nothing } } }",
        "{ books",
        "query A { books { totalCount } } query B { books { totalCount } }",
        f"{{ books {{ totalCount }} }} #{'x' * LONGEST}",
    ],
)
async def test_a_document_that_is_not_covered_is_left_to_graphql_core(
    reads: Compiled, document: str
) -> None:
    # when
    library = Library()
    answers = [await reads.answer(document, None, None, library) for _ in range(2)]
    # then
    assert answers == [None, None]
    assert library.read == []


async def test_a_null_in_a_non_null_field_is_left_to_graphql_core(reads: Compiled) -> None:
    # given a book without a title on the second page
    document = "query ($at: String) { books(after: $at) { nodes { title } } }"
    # when
    first, _ = await both(reads, document)
    second, plain = await both(reads, document, {"at": "books|2"})
    # then
    assert first is not None
    assert second is None
    assert b"Cannot return null for non-nullable field Book.title" in plain


async def test_a_failure_while_reading_is_left_to_graphql_core(
    reads: Compiled, caplog: pytest.LogCaptureFixture
) -> None:
    # when
    fast, plain = await both(reads, '{ books(after: "Jane Austen") { totalCount nodes { id } } }')
    # then: the failure's text is kept out of the log
    assert fast is None
    assert b"errors" in plain
    assert "IndexError" in caplog.messages[0]
    assert "Jane" not in caplog.messages[0]


@pytest.mark.parametrize("variables", [{"n": "one"}, {"n": None}, {}])
async def test_a_wrong_variable_is_left_to_graphql_core(
    reads: Compiled, variables: dict[str, Any]
) -> None:
    # when
    fast, plain = await both(
        reads, "query ($n: Int!) { books(first: $n) { totalCount } }", variables
    )
    # then
    assert fast is None
    assert b"Variable '$n'" in plain


async def test_a_fragment_that_is_spread_many_times_is_collected_once(reads: Compiled) -> None:
    # given a document that would expand to a thousand million fields
    doubling = "".join(f"fragment F{n} on Book {{ ...F{n + 1} ...F{n + 1} }} " for n in range(30))
    document = f"{{ books {{ nodes {{ ...F0 }} }} }} {doubling} fragment F30 on Book {{ id }}"
    # when
    fast, plain = await both(reads, document)
    # then
    assert fast is not None
    assert fast == plain


async def test_no_more_documents_are_kept_than_allowed() -> None:
    # given
    documents = [f"{{ {alias}: books {{ totalCount }} }}" for alias in "abcd"]
    reads = Compiled(schema, kept=3 * len(documents[0]))
    for document in documents[:3]:
        assert await reads.answer(document, None, None, Library())
    # when
    assert await reads.answer(documents[0], None, None, Library())
    assert await reads.answer(documents[3], None, None, Library())
    # then the least recently used one is forgotten
    assert [document in reads._documents for document in documents] == [True, False, True, True]


async def test_one_document_is_kept_once_whatever_its_operation_is_called() -> None:
    # given
    reads = Compiled(schema)
    document = "{ books { totalCount } }"
    assert await reads.answer(document, None, None, Library())
    # when
    for n in range(100):
        assert await reads.answer(document, None, f"Operation{n}", Library()) is None
    # then
    kept = reads._documents[document]
    assert kept is not None
    assert len(kept._operations) == 1


async def test_each_operation_of_a_document_is_answered_by_its_name(reads: Compiled) -> None:
    # given
    document = "query A { books { totalCount } } query B { books(first: 1) { nodes { id } } }"
    # when
    a = await reads.answer(document, None, "A", Library())
    b = await reads.answer(document, None, "B", Library())
    neither = await reads.answer(document, None, None, Library())
    # then
    assert a is not None
    assert b is not None
    assert b"totalCount" in a
    assert b"nodes" in b
    assert neither is None


async def test_no_more_variants_of_a_document_are_kept_than_allowed(reads: Compiled) -> None:
    # given
    flags = [f"f{n}" for n in range(VARIANTS)]
    declared = ", ".join(f"${flag}: Boolean!" for flag in flags)
    asked = " ".join(f"{flag}: note @skip(if: ${flag})" for flag in flags)
    document = f"query ({declared}) {{ books {{ nodes {{ id {asked} }} }} }}"
    # when
    for skipped in flags:
        variables = {flag: flag == skipped for flag in flags}
        fast, plain = await both(reads, document, variables)
        assert fast == plain
    fast, _ = await both(reads, document, dict.fromkeys(flags, False))
    # then
    assert fast is not None
    kept = reads._documents[document]
    assert kept is not None
    [operation] = kept._operations.values()
    assert operation is not None
    assert len(operation._variants) <= VARIANTS


def test_a_schema_whose_extension_would_be_skipped_is_refused() -> None:
    # given
    class Watches(SchemaExtension):
        pass

    watched = RecallsSchema(Query, extensions=[Watches])
    # when / then
    with pytest.raises(ValueError, match="Watches"):
        Compiled(watched)
    assert Compiled(watched, without=[Watches])
