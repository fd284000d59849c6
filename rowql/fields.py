"""Declares on a field what it reads: a column, an object in the same row, or rows looked up."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import strawberry
from strawberry.types.base import (
    StrawberryContainer,
    StrawberryList,
    StrawberryOptional,
    get_object_definition,
    has_object_definition,
)
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from rowql.loader import loader_of
from rowql.objects import OBJECT_LIMIT

SPEC = "rowql"
"""Key in a field's metadata for its spec, which says what it reads."""

Row: TypeAlias = Any
"""A row has its values by name, and in the order of the columns asked for."""
Columns: TypeAlias = Sequence[str] | None
"""The columns asked for, in this order; None asks for all, in any order."""
Read: TypeAlias = Callable[[Sequence[Any], Columns], Awaitable[Sequence[Row]]]


@dataclass
class FromRow:
    """The base of every type whose fields read the columns of a row."""

    row: strawberry.Private[Row]


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A value of the row, unchanged or converted; null stays null."""

    name: str | None
    convert: Callable[[Any], Any] | None
    template: str | None


@dataclass(frozen=True, slots=True)
class EmbeddedSpec:
    """An object in the same row: its columns begin with ``prefix``.

    There is no object if ``present``, one of its columns, is null. If it ``repeats``, equal ones
    are in many rows, and its JSON is kept.
    """

    prefix: str
    present: str | None
    repeats: bool


@dataclass(frozen=True, slots=True)
class LookupSpec:
    """Rows that one statement finds for all objects of an answer at once.

    ``key`` is the object's column, ``by`` the column of the found rows that has the same value.
    """

    key: str | None
    by: str | None
    cursor: "Cursor | None"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How a list's cursors are made: of the list's name and the row's ``columns``.

    Equal values of a column must have the same text. ``encode`` takes the texts of a page's rows at
    once, which is cheaper than one by one.
    """

    encode: Callable[[list[str]], list[str]]
    name: str
    columns: tuple[str, ...]

    def of(self, row: Row) -> str:
        """Return the row's cursor."""
        text = "|".join([self.name, *(str(row[name]) for name in self.columns)])
        return self.encode([text])[0]


class Page(NamedTuple):
    """A page of at most ``first`` rows; ``totals`` returns how many each key has in all."""

    first: int
    after: str | None
    totals: Callable[[Sequence[Any]], Awaitable[Mapping[Any, int]]]


class Lookup(NamedTuple):
    """The result of a lookup's function: how to read the rows. The function itself reads nothing.

    ``read`` takes the keys (``[None]`` at the root) and the columns; for a page it returns one row
    beyond ``page.first`` if there are more. ``row_type`` is the rows' type if the field's is an
    interface.
    """

    read: Read
    page: Page | None = None
    row_type: type[FromRow] | None = None


class _ColumnField(StrawberryField):
    """Reads a column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.init = self.compare = self.repr = False

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        """Return the value, converted; null stays null."""
        spec: ColumnSpec = self.metadata[SPEC]
        value = source.row[spec.name or self.python_name]
        if value is None:
            return None
        if spec.template is not None:
            of = get_object_definition(source, strict=True)
            return spec.template.format(type=of.name, value=value)
        if spec.convert is None:
            return value
        return [*map(spec.convert, value)] if isinstance(value, list) else spec.convert(value)


class _EmbeddedField(_ColumnField):
    """Reads an object in the same row."""

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        """Return the object, or None if there is none."""
        spec: EmbeddedSpec = self.metadata[SPEC]
        row = _Prefixed(source.row, spec.prefix) if spec.prefix else source.row
        if spec.present is not None and row[spec.present] is None:
            return None
        return object_class(self.type)(row=row)


class _LookupField(StrawberryField):
    """Finds rows with a statement of its own."""

    is_async = True

    async def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        """Return the list, the object or the connection."""
        spec: LookupSpec = self.metadata[SPEC]
        assert self.base_resolver is not None  # noqa: S101
        lookup: Lookup = self.base_resolver(*args, **kwargs)
        key = None if spec.key is None else source.row[spec.key]
        return await self._found(spec, lookup, key, info)

    async def _found(self, spec: LookupSpec, lookup: Lookup, key: Any, info: Any) -> Any:
        if spec.key is not None and key is None:
            rows: Sequence[Row] = ()
        elif spec.by is None or lookup.page is not None:
            rows = await lookup.read([key], None)
        else:
            rows = await loader_of(info.context, self, lookup.read, spec.by).load(key)
        if (limit := OBJECT_LIMIT.get()) is not None:
            await limit.add(len(rows))
        if lookup.page is not None:
            return object_class(self.type, whole=True).from_rows(  # type: ignore[attr-defined]
                lookup.page, key, rows, spec.cursor, object_class(self.type)
            )
        make = lookup.row_type or object_class(self.type)
        if _is_list(self.type):
            return [make(row=row) for row in rows]
        return make(row=rows[0]) if rows else None


class _Prefixed:
    """The part of a row whose columns share a prefix."""

    def __init__(self, row: Row, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return self._row[self._prefix + name]


def column(
    name: str | None = None,
    convert: Callable[[Any], Any] | None = None,
    *,
    template: str | None = None,
    **options: Any,
) -> Any:
    """Declare a field that reads the column ``name``, by default the one of the field's name.

    ``convert`` converts the column's value, or each item if it is a list; for an enum, pass its
    class. ``template`` is a quick way to a text: ``{type}`` in it stands for the GraphQL type's
    name, ``{value}`` for the column's value. ``options`` are Strawberry's, such as ``description``.
    """
    return _ColumnField(metadata={SPEC: ColumnSpec(name, convert, template)}, **options)


def embedded(
    prefix: str, *, present: str | None = None, repeats: bool = False, **options: Any
) -> Any:
    """Declare a field whose object is in the same row, in columns that begin with ``prefix``.

    There is no object if its column ``present`` is null. Say that it ``repeats`` if there are few
    different ones, and none holds personal data: each one's JSON is written once and kept.
    """
    return _EmbeddedField(metadata={SPEC: EmbeddedSpec(prefix, present, repeats)}, **options)


def lookup(
    find: Callable[..., Lookup],
    *,
    key: str | None = None,
    by: str | None = None,
    cursor: Cursor | None = None,
    **options: Any,
) -> Any:
    """Declare a field whose rows ``find`` knows how to read.

    ``find`` takes ``info`` (it may use only the context) and the field's arguments; its
    docstring is the field's description.
    """
    return _LookupField(
        base_resolver=StrawberryResolver(find),
        metadata={SPEC: LookupSpec(key, by, cursor)},
        **{"description": find.__doc__, **options},
    )


def known_row(values: Mapping[str, Any]) -> Read:
    """Return a ``read`` for one row whose values are known already."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Row]:
        return [values if columns is None else tuple(values[name] for name in columns)]

    return read


def object_class(declared: Any, *, whole: bool = False) -> type[FromRow]:
    """Return the class of a field's objects; for a connection its nodes', unless ``whole``."""
    while isinstance(declared, StrawberryContainer):
        declared = declared.of_type
    if has_object_definition(declared) and not whole:
        [*nodes] = get_object_definition(declared, strict=True).type_var_map.values()
        declared = nodes[0] if nodes else declared
    found: type[FromRow] = declared
    return found


def _is_list(declared: Any) -> bool:
    if isinstance(declared, StrawberryOptional):
        declared = declared.of_type
    return isinstance(declared, StrawberryList)
